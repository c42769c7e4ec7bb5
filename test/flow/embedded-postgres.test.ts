/** The embedded database through kill -9, by processes that hold it and are killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../src/lib/log.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { reachEmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { isRunning, untilEnded } from '../processes.ts';

const log = createLog('silent');
const root = await mkdtemp(join(tmpdir(), 'keeneye-postgres-'));
const dataDir = join(root, 'data');
const cluster = join(dataDir, 'postgres');
after(() => rm(root, { recursive: true }));

/** A process that holds the database of `folder`, once it says that it does. */
async function hold(folder = dataDir): Promise<ChildProcess> {
  const holder = spawnHolder(folder);
  const output: string[] = [];
  holder.stderr!.on('data', (chunk) => output.push(String(chunk)));
  const [first] = await Promise.race([once(holder.stdout!, 'data'), once(holder, 'exit')]);
  assert.match(String(first), /host/, output.join(''));
  return holder;
}

function spawnHolder(folder: string): ChildProcess {
  const script = join(import.meta.dirname, 'database-holder.ts');
  return spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function kill(holder: ChildProcess): Promise<void> {
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
}

function postmasterPid(): number {
  return Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
}

async function withDatabase(folder: string, check: (database: Database) => Promise<void>): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir: folder, log });
  const database = openDatabase(server.connection, log);
  try {
    await check(database);
  } finally {
    await database.close();
    await server.stop();
  }
}

test('a killed server leaves no database behind', async () => {
  const holder = await hold();
  const pid = postmasterPid();
  assert.ok(isRunning(pid));
  await kill(holder);
  await untilEnded(pid);
});

test('after kill -9 the next start works at once and finds every acknowledged row, again and again', async () => {
  await withDatabase(dataDir, async (database) => {
    await database.query('CREATE TABLE rounds (number int)');
  });
  for (let round = 1; round <= 8; round += 1) {
    const holder = await hold();
    const reached = await reachEmbeddedPostgres({ dataDir, log });
    const database = openDatabase(reached.connection, log);
    await database.query('INSERT INTO rounds VALUES ($1)', [round]);
    const { rows } = await database.query('SELECT count(*)::int AS count FROM rounds');
    assert.deepEqual(rows, [{ count: round }]);
    await database.close();
    await reached.stop();
    await kill(holder);
  }
});

test('a second server is refused by name of the folder and number of the process, and disturbs nothing', async () => {
  const holder = await hold();
  await assert.rejects(startEmbeddedPostgres({ dataDir, log }), (error: Error) => {
    assert.equal(error.name, 'FolderInUse');
    assert.ok(error.message.includes(dataDir), error.message);
    assert.ok(error.message.includes(`process ${holder.pid}`), error.message);
    return true;
  });
  assert.ok(isRunning(postmasterPid()));
  await kill(holder);
});

test('a database that is killed comes back under the same connection', async () => {
  await withDatabase(dataDir, async (database) => {
    const killed = postmasterPid();
    process.kill(killed, 'SIGKILL');
    await untilEnded(killed);
    for (let tries = 0; ; tries += 1) {
      try {
        await database.query('SELECT 1');
        break;
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'unavailable');
        assert.ok(tries < 200, 'the database did not come back');
        await sleep(50);
      }
    }
    assert.notEqual(postmasterPid(), killed);
  });
});

test('claims of a dead database do not stop the next, even when its process number is taken by another', async () => {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
    await writeFile(join(cluster, name), `${process.pid}\n${cluster}\n1\n5432\n.\n\n`);
  }
  await withDatabase(dataDir, async (database) => {
    assert.equal((await database.query('SELECT 1')).rowCount, 1);
  });
});

test('a server that is killed while it makes the database leaves nothing half-made', async () => {
  const folder = join(root, 'interrupted');
  await mkdir(folder);
  const started = Promise.withResolvers<void>();
  const watcher = watch(folder, (_, name) => {
    if (name?.startsWith('postgres.new-')) started.resolve();
  });
  const holder = spawnHolder(folder);
  await started.promise;
  watcher.close();
  await kill(holder);
  assert.ok(!existsSync(join(folder, 'postgres')));
  await withDatabase(folder, async (database) => {
    assert.equal((await database.query('SELECT 1')).rowCount, 1);
  });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('postgres.new-')),
    [],
  );
});

test('a folder whose path is too long for a socket works', async () => {
  await withDatabase(join(root, 'deep'.repeat(40)), async (database) => {
    const { rows } = await database.query<{ fsync: string }>('SHOW fsync');
    assert.deepEqual(rows, [{ fsync: 'on' }]);
  });
});

test('a folder that is a file is refused by name', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  await assert.rejects(
    startEmbeddedPostgres({ dataDir: file, log }),
    /DATA_DIR .*file cannot be used: EEXIST/,
  );
});
