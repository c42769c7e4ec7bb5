import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { describeAccount } from './account.ts';
import { settleDemoKeys } from './demo-keys.ts';
import { authenticate, createFirstKey, ensureKey } from './keys.ts';

const { database } = await temporaryDatabase();
await migrate(database);
const DEMO = ['demo-1', 'demo-2'];

test('demo keys are valid while they are allowed, each for a few images a month', async () => {
  await settleDemoKeys(database, DEMO, false);
  await assert.rejects(authenticate(database, 'demo-1'), { code: 'unauthorized' });
  await settleDemoKeys(database, DEMO, true);
  await settleDemoKeys(database, DEMO, true);
  for (const secret of DEMO) {
    const { plan, creditsLeft } = await describeAccount(database, await authenticate(database, secret));
    assert.deepEqual([plan.kind, creditsLeft], ['monthly', 500]);
  }
  await settleDemoKeys(database, DEMO, false);
  await assert.rejects(authenticate(database, 'demo-2'), { code: 'unauthorized' });
  await settleDemoKeys(database, DEMO, true);
  assert.equal((await authenticate(database, 'demo-2')).name, 'demo');
});

test('a demo key is nobody’s first key, and takes no other key along when it goes', async () => {
  assert.ok(await createFirstKey(database, DEMO));
  assert.equal(await createFirstKey(database, DEMO), null);
  await ensureKey(database, 'a-secret-from-the-environment');
  await settleDemoKeys(database, DEMO, false);
  assert.equal((await authenticate(database, 'a-secret-from-the-environment')).name, 'configured');
});
