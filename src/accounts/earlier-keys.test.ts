/** Keys of databases that were made before keys had plans. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { reserveCredits, settleCredit } from './credits.ts';
import { listKeys } from './keys.ts';

const MIGRATIONS = join(import.meta.dirname, '../store/migrations');
const { database } = await temporaryDatabase();
const folder = await mkdtemp(join(tmpdir(), 'keeneye-migrations-'));
after(() => rm(folder, { recursive: true }));

test('a key with credits becomes prepaid, one without metered, and both keep what they used', async () => {
  const earlier = (await readdir(MIGRATIONS)).filter((name) => name < '0006');
  for (const name of earlier) await copyFile(join(MIGRATIONS, name), join(folder, name));
  await migrate(database, folder);
  await database.query(
    `INSERT INTO keys (name, secret_sha256, prefix, credits, credits_used, credits_reserved) VALUES
      ('few', sha256('a'), 'a', 10, 4, 1), ('any', sha256('b'), 'b', NULL, 7, 1)`,
  );
  await migrate(database);
  const [few, any] = (await listKeys(database)).sort((a, b) => b.name.localeCompare(a.name));
  assert.deepEqual([few!.plan, few!.credits, few!.creditsUsed, few!.creditsReserved], ['prepaid', 10, 4, 1]);
  assert.deepEqual(
    [any!.plan, any!.credits, any!.creditsUsed, any!.creditsReserved],
    ['metered', null, 7, 1],
  );
  for (const { id } of [few!, any!]) await settleCredit(database, id);
  assert.equal(await reserveCredits(database, few!.id, 10), 5);
});
