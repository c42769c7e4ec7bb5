/** Callbacks seen from outside: senders that are killed, and what operators ask of them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/database.ts';
import { reachEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { silentLog } from '../../src/store/temporary-database.test-support.ts';
import { webhookSecretOf } from '../../src/webhooks/secret.ts';
import { createSender } from '../../src/webhooks/sender.ts';
import {
  attemptOver,
  databaseWithKey,
  newCallback,
  startReceiver,
  untilStatus,
} from '../../src/webhooks/webhooks.test-support.ts';
import { untilNoProcess } from '../processes.ts';
import { runProgram, startServer, temporaryFolder } from './start-server.ts';

const { database, connection, keyId } = await databaseWithKey();

test('what a killed sender had in hand goes to another once its lease has lapsed, the same bytes', async (t) => {
  const receiver = await startReceiver((response, number) => void (number > 0 && response.end()));
  const id = await newCallback(database, keyId, receiver.url);
  const program = join(import.meta.dirname, 'callback-sender.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(connection)], { stdio: 'inherit' });
  t.after(() => child.kill('SIGKILL'));
  await receiver.until(1);
  child.kill('SIGKILL');
  await once(child, 'exit');

  const sender = createSender(database, await attemptOver(database), silentLog);
  t.after(() => sender.stop(60_000));
  await sender.start();
  const later = await newCallback(database, keyId, (await startReceiver()).url);
  await untilStatus(database, later, 'delivered');
  assert.equal(receiver.received.length, 1);
  await database.query('UPDATE callbacks SET claimed_until = now() WHERE id = $1', [id]);
  await untilStatus(database, id, 'delivered');
  assert.equal(receiver.received.length, 2);
  assert.deepEqual(receiver.received[0]!.body, receiver.received[1]!.body);
});

test('the recipe of the documentation knows callbacks from what others send', async (t) => {
  const page = await readFile(join(import.meta.dirname, '../../docs/use/webhooks.md'), 'utf8');
  const recipe = /```js\n(.*?)```/s.exec(page)![1]!;
  const { isFromKeeneye } = await import(`data:text/javascript,${encodeURIComponent(recipe)}`);
  const receiver = await startReceiver();
  const sender = createSender(database, await attemptOver(database), silentLog);
  t.after(() => sender.stop(60_000));
  await sender.start();
  await newCallback(database, keyId, receiver.url);
  await receiver.until(1);
  const { headers, body } = receiver.received[0]!;
  const secret = await webhookSecretOf(database, keyId);
  assert.equal(isFromKeeneye(secret, headers, body), true);
  assert.equal(isFromKeeneye(secret, headers, `${body} `), false);
  assert.equal(isFromKeeneye(`whsec_${Buffer.alloc(32).toString('base64')}`, headers, body), false);
  assert.equal(isFromKeeneye(secret, { ...headers, 'webhook-timestamp': '1700000000' }, body), false);
});

const dataDir = await temporaryFolder();
const env = { DATA_DIR: dataDir };
const webhooks = (...args: string[]) => runProgram(['webhooks', ...args], env);

/** A callback of a key that `keeneye keys` made, in the database of the data folder. */
async function makeCallback(status: string): Promise<{ id: string; keyId: string }> {
  await runProgram(['keys', 'create', '--name', 'webhooks'], env);
  const embedded = await reachEmbeddedPostgres({ dataDir, log: silentLog });
  const own = openDatabase(embedded.connection, silentLog);
  const { rows } = await own.query<{ id: string }>('SELECT id FROM keys');
  const id = await newCallback(own, rows[0]!.id, 'https://shop.test/hook', status);
  await own.close();
  await embedded.stop();
  return { id, keyId: rows[0]!.id };
}

test('callbacks are listed, shown and replayed from the command line', async () => {
  assert.match(
    (await webhooks('list')).stderr,
    /^keeneye: There is no database in .*, so there are no callbacks/,
  );
  const { id, keyId } = await makeCallback('dead');
  const { stdout: table } = await webhooks('list', '--status', 'dead');
  assert.match(table, new RegExp(`^${id}  dead  https://shop\\.test/hook\n    made 20.*; 0 attempts\n$`));
  assert.equal((await webhooks('replay', '--dead')).stdout, '1\n');
  const listed = JSON.parse((await webhooks('list', '--json')).stdout);
  assert.deepEqual([listed.id, listed.status, listed.keyId], [id, 'due', keyId]);
  assert.equal((await webhooks('replay', id)).code, 0);
  const shown = JSON.parse((await webhooks('show', id)).stdout);
  assert.deepEqual([shown.id, shown.body], [id, null]);
  assert.match((await webhooks('secret', keyId)).stdout, /^whsec_[A-Za-z0-9+/]{43}=\n$/);
});

test('what is not there, or makes no sense, is refused', async () => {
  for (const args of [
    ['show', 'nothing'],
    ['replay', 'nothing'],
    ['secret', 'nothing'],
  ]) {
    const { code, stdout, stderr } = await webhooks(...args);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^keeneye: There is no (callback|key) with the id nothing/);
  }
  for (const args of [
    ['replay'],
    ['replay', 'x', '--dead'],
    ['list', '--status', 'odd'],
    ['list', '--limit', '0'],
  ])
    assert.equal((await webhooks(...args)).code, 2);
  await untilNoProcess(dataDir);
});

/** The callback of a batch that ended, worded already, so that it needs no dialect that has callbacks. */
async function leaveWorded(folder: string, url: string): Promise<string> {
  const embedded = await reachEmbeddedPostgres({ dataDir: folder, log: silentLog });
  const own = openDatabase(embedded.connection, silentLog);
  const { rows } = await own.query<{ id: string }>('SELECT id FROM keys');
  const id = await newCallback(own, rows[0]!.id, url, 'dead');
  await own.query("UPDATE callbacks SET content_type = 'text/plain', body = 'all done' WHERE id = $1", [id]);
  await own.close();
  await embedded.stop();
  return id;
}

test('a running server sends what is replayed, and after a kill the next one takes up what was in hand at once', async () => {
  const folder = await temporaryFolder();
  const serving = { ALLOW_PRIVATE_SOURCES: '127.0.0.1' };
  const receiver = await startReceiver((response, number) => void (number > 0 && response.end()));
  const first = await startServer(folder, serving);
  const id = await leaveWorded(folder, receiver.url);
  assert.equal((await runProgram(['webhooks', 'replay', id], { DATA_DIR: folder })).code, 0);
  await receiver.until(1);
  await first.end('SIGKILL');
  const second = await startServer(folder, serving);
  await receiver.until(2);
  assert.equal(await second.end('SIGTERM'), 0);
  for (const { headers, body } of receiver.received)
    assert.deepEqual([headers['webhook-id'], body.toString()], [id, 'all done']);
  const shown = JSON.parse((await runProgram(['webhooks', 'show', id], { DATA_DIR: folder })).stdout);
  assert.deepEqual([shown.status, shown.attempts], ['delivered', 2]);
  await untilNoProcess(folder);
});
