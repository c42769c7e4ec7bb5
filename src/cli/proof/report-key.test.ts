import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadReportSigner } from './report-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'keeneye-key-'));
after(() => rmSync(folder, { recursive: true }));

test('a key is made once, for its owner alone, whoever needs it at the same time', async () => {
  const path = join(folder, 'deep', 'keeneye', 'report-key.pem');
  const signers = await Promise.all([1, 2, 3].map(() => loadReportSigner(path)));
  const later = await loadReportSigner(path);
  assert.equal(new Set([...signers, later].map(({ publicKey }) => publicKey.x)).size, 1);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(folder, 'deep', 'keeneye')), ['report-key.pem']);
});

test('a file that holds no key is named, and what it holds is not told', async () => {
  const path = join(folder, 'notes.pem');
  writeFileSync(path, 'my secret notes');
  await assert.rejects(loadReportSigner(path), ({ message }: Error) => {
    assert.match(message, /notes\.pem: The signing key is not a private key in PEM/);
    return !message.includes('secret');
  });
});
