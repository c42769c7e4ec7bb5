/** The ledger, written and read as the CSV that it is exported as. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { csvLine } from './csv.ts';
import { createKey } from './keys.ts';
import { exportUsage, recordUsage, type UsageEntry, type UsageFilter } from './ledger.ts';

const { database } = await temporaryDatabase();
await migrate(database);

const { key } = await createKey(database, { name: 'shop, "the"', credits: null });
const { key: below } = await createKey(database, { name: '=1+1', credits: null, parentId: key.id });
const { key: other } = await createKey(database, { name: 'other', credits: null });

const entry = (wanted: Partial<UsageEntry> = {}): UsageEntry => ({
  keyId: key.id,
  dialect: 'native',
  what: 'optimize',
  jobId: randomUUID(),
  bytesIn: 3000,
  bytesOut: 1000,
  score: 87.5,
  outcome: 'done',
  credits: 1,
  ...wanted,
});

async function exported(filter?: UsageFilter): Promise<string[]> {
  const pieces = await Array.fromAsync(exportUsage(database, filter));
  return pieces.join('').split('\r\n').slice(0, -1);
}

test('an entry is a line of CSV with who, when, what and how it came out', async () => {
  const jobId = randomUUID();
  await recordUsage(database, entry({ jobId }));
  const [head, line] = await exported();
  assert.equal(head, 'time,key,name,dialect,what,job,bytes_in,bytes_out,score,outcome,credits');
  assert.match(line!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,/);
  assert.equal(line!.slice(25), `${key.id},"shop, ""the""",native,optimize,${jobId},3000,1000,87.5,done,1`);
});

test('what is not known is left empty, and what a spreadsheet would run is shown as text', async () => {
  await recordUsage(
    database,
    entry({
      ...{ keyId: below.id, dialect: null, bytesIn: null, bytesOut: null, score: null },
      ...{ outcome: 'failed', credits: 0 },
    }),
  );
  const line = (await exported({ keyId: below.id }))[1]!;
  assert.match(line, /,'=1\+1,,optimize,[0-9a-f-]{36},,,,failed,0$/);
  assert.equal(
    csvLine(['=A1', ' +1+1', '-1', '@x', '\tx', '\uff1d1', 'a-b', 'a\nb']),
    `'=A1,' +1+1,-1,'@x,'\tx,'\uff1d1,a-b,"a\nb"\r\n`,
  );
});

test('entries are told apart by time and by key; a key has those of the keys below it', async () => {
  await recordUsage(database, entry({ keyId: other.id }));
  assert.equal((await exported({ keyId: key.id })).length, 3);
  assert.equal((await exported({ keyId: below.id })).length, 2);
  assert.equal((await exported({ keyId: randomUUID() })).length, 1);
  await database.query(`UPDATE usage SET at = '2026-05-01T00:00:00Z' WHERE key_id = $1`, [other.id]);
  const may = { from: new Date('2026-05-01T00:00:00Z'), to: new Date('2026-06-01T00:00:00Z') };
  assert.equal((await exported(may)).length, 2);
  assert.equal((await exported({ to: may.from })).length, 1);
});

test('an export that takes many reads has every entry once, also those of one moment', async () => {
  await database.query(
    `INSERT INTO usage (at, key_id, what, job_id, outcome, credits)
      SELECT timestamptz '2025-01-01T00:00:00.000001Z' + (n / 1500) * interval '1 microsecond', $1, 'many', gen_random_uuid(),
        'declined', 0 FROM generate_series(1, 2999) AS n`,
    [other.id],
  );
  const many = { to: new Date('2025-02-01T00:00:00Z') };
  const lines = await exported(many);
  assert.equal(lines.length, 3000);
  assert.equal(new Set(lines).size, 3000);
  assert.equal((await exported({ ...many, limit: 1001 })).length, 1002);
});
