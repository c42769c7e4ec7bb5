import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { loadReportSigner } from './report-key.ts';

test('nodes that start together on one database sign with one key, and so does every later start', async () => {
  const { database } = await temporaryDatabase();
  await migrate(database);
  const signers = await Promise.all([1, 2, 3, 4].map(() => loadReportSigner(database)));
  const later = await loadReportSigner(database);
  const keys = new Set([...signers, later].map(({ publicKey }) => publicKey.x));
  assert.equal(keys.size, 1);
});
