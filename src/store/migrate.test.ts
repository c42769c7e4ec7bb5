import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { migrate } from './migrate.ts';
import { temporaryDatabase } from './temporary-database.test-support.ts';

const { database } = await temporaryDatabase();

beforeEach(() => database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));

async function folderOf(t: test.TestContext, files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keeneye-migrations-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
  return folder;
}

const FIRST = { '0001-first.sql': 'CREATE TABLE a (id int); INSERT INTO a VALUES (1);' };
const BOTH = { '0002-second.sql': 'ALTER TABLE a ADD b int;', ...FIRST, 'notes.txt': 'not SQL' };

test('each file runs once, in the order of names', async (t) => {
  assert.deepEqual(await migrate(database, await folderOf(t, FIRST)), ['0001-first.sql']);
  const both = await folderOf(t, BOTH);
  assert.deepEqual(await migrate(database, both), ['0002-second.sql']);
  assert.deepEqual(await migrate(database, both), []);
  assert.deepEqual((await database.query('SELECT * FROM a')).rows, [{ id: 1, b: null }]);
});

test('nodes that start together run each file once between them', async (t) => {
  const folder = await folderOf(t, BOTH);
  const ran = await Promise.all(Array.from({ length: 5 }, () => migrate(database, folder)));
  assert.deepEqual(ran.flat().sort(), ['0001-first.sql', '0002-second.sql']);
});

test('a file that fails leaves nothing of itself behind and is named', async (t) => {
  const folder = await folderOf(t, { ...FIRST, '0002-bad.sql': 'CREATE TABLE b (id int); SELECT 1/0;' });
  await assert.rejects(migrate(database, folder), /Migration 0002-bad\.sql failed: division by zero/);
  const { rows } = await database.query<{ tablename: string }>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  assert.deepEqual(
    rows.map(({ tablename }) => tablename),
    ['a', 'schema_migrations'],
  );
});

test('a database of a newer version is refused', async (t) => {
  await migrate(database, await folderOf(t, BOTH));
  const older = await folderOf(t, FIRST);
  await assert.rejects(
    migrate(database, older),
    /migration 0002-second\.sql, which this version does not know/,
  );
});

test("this version's own migrations run on an empty database", async () => {
  const ran = await migrate(database);
  assert.ok(ran.length >= 1);
  assert.deepEqual(await migrate(database), []);
});
