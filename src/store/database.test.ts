import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Problem } from '../lib/problem.ts';
import { openDatabase } from './database.ts';
import { silentLog, temporaryDatabase } from './temporary-database.test-support.ts';

const {
  database,
  server: { connection },
} = await temporaryDatabase();
await database.query('CREATE TABLE notes (id int PRIMARY KEY, text text)');

async function endOtherConnections(): Promise<void> {
  await database.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL',
  );
}

test('a query gives its rows, with parameters and with several statements', async () => {
  const one = await database.query<{ sum: number }>('SELECT $1::int + $2::int AS sum', [1, 2]);
  assert.deepEqual(one, { rows: [{ sum: 3 }], rowCount: 1 });
  const two = await database.query('SELECT 1 AS a; SELECT 2 AS a');
  assert.deepEqual(two.rows, [{ a: 1 }, { a: 2 }]);
});

test('a transaction keeps all or nothing, and what it threw comes through', async () => {
  const result = await database.transaction(async (tx) => {
    await tx.query("INSERT INTO notes VALUES (1, 'kept')");
    return 'done';
  });
  assert.equal(result, 'done');
  const failure = new Error('changed my mind');
  const failing = database.transaction(async (tx) => {
    await tx.query("INSERT INTO notes VALUES (2, 'dropped')");
    throw failure;
  });
  await assert.rejects(failing, failure);
  const { rows } = await database.query('SELECT id FROM notes ORDER BY id');
  assert.deepEqual(rows, [{ id: 1 }]);
});

test("a statement's own fault keeps PostgreSQL's code", async () => {
  await database.query("INSERT INTO notes VALUES (10, 'once')");
  await assert.rejects(database.query("INSERT INTO notes VALUES (10, 'twice')"), { code: '23505' });
});

test('text with a NUL, which cannot be stored, is a problem of whoever sent it', async () => {
  const sent = ['a\0b', JSON.stringify({ a: 'a\0b' })];
  for (const [at, type] of ['text', 'jsonb'].entries())
    await assert.rejects(
      database.query(`SELECT to_jsonb($1::${type}) ->> 'a'`, [sent[at]]),
      (error) => error instanceof Problem && error.code === 'invalid-parameter',
    );
});

test('a transaction whose connection is lost fails as unavailable, and the next one works', async () => {
  const broken = database.transaction(async (tx) => {
    await endOtherConnections();
    await tx.query('SELECT 1');
  });
  await assert.rejects(broken, (error) => error instanceof Problem && error.code === 'unavailable');
  assert.equal(await database.transaction(async (tx) => (await tx.query('SELECT 1')).rowCount), 1);
});

test('a database that says nothing is a problem of kind unavailable, and its connection is not used again', async () => {
  const impatient = openDatabase(connection, silentLog, 50);
  for (const hang of [
    () => impatient.query('SELECT pg_sleep(20)'),
    () => impatient.transaction((tx) => tx.query('SELECT pg_sleep(20)')),
  ])
    await assert.rejects(hang(), { name: 'Problem', code: 'unavailable' });
  const { rows } = await impatient.transaction((tx) => tx.query('SELECT 1 AS one'), 10_000);
  assert.deepEqual(rows, [{ one: 1 }]);
  assert.equal(impatient.pool.totalCount, 1);
  await impatient.close();
});

test('a database that is not there is a problem of kind unavailable', async () => {
  const nowhere = openDatabase('postgres://nobody@127.0.0.1:1/none', silentLog);
  await assert.rejects(nowhere.query('SELECT 1'), { name: 'Problem', code: 'unavailable' });
  await assert.rejects(
    nowhere.transaction(async () => {}),
    { name: 'Problem', code: 'unavailable' },
  );
  await assert.rejects(
    nowhere.listen('a', () => {}),
    /ECONNREFUSED/,
  );
  await nowhere.close();
});

test('listeners hear their channel and no other, until they stop', async () => {
  const heard: string[] = [];
  const others: string[] = [];
  const stop = await database.listen('Mixed "case"', (payload) => heard.push(payload));
  const stopOther = await database.listen('other', (payload) => others.push(payload));
  await database.query(`NOTIFY "Mixed ""case""", 'one'`);
  await heardOnce('other', () => database.query(`NOTIFY other, 'two'`));
  await stop();
  await database.query(`NOTIFY "Mixed ""case""", 'three'`);
  await heardOnce('other', () => database.query('NOTIFY other'));
  await stopOther();
  assert.deepEqual(heard, ['one']);
  assert.deepEqual(others, ['two', '']);
});

test('a listener whose connection is lost hears again, and is told that it missed something', async () => {
  const events = new EventTarget();
  const subscribed = () => once(events, 'subscribed');
  const first = subscribed();
  const stop = await database.listen(
    'jobs',
    (payload) => events.dispatchEvent(new CustomEvent('heard', { detail: payload })),
    () => events.dispatchEvent(new Event('subscribed')),
  );
  await first;
  const again = subscribed();
  await endOtherConnections();
  await again;
  const heard = once(events, 'heard');
  await database.query(`NOTIFY jobs, 'back'`);
  const [event] = await heard;
  assert.equal(event.detail, 'back');
  await stop();
});

/** Resolves when a fresh listener on the channel has heard what `send` sent; notifications arrive in order. */
async function heardOnce(channel: string, send: () => Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = await database.listen(channel, () => resolve());
  await send();
  await promise;
  await stop();
}
