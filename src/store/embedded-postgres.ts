/**
 * The database that comes with the server: a real PostgreSQL in the data folder, reached by a socket
 * there and nowhere else. It is started, brought back when it dies, and never outlives this process;
 * how each of that is done is told in `embedded-postgres/`.
 */
import { closeSync, openSync } from 'node:fs';
import { access, constants, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { sleep } from '../lib/clock.ts';
import { exists } from '../lib/exists.ts';
import type { Log } from '../lib/log.ts';
import { findBinaries } from './embedded-postgres/binaries.ts';
import { DATABASE_USER, ensureCluster } from './embedded-postgres/cluster.ts';
import { chooseLaunch } from './embedded-postgres/launch.ts';
import { type Postmaster, startPostmaster } from './embedded-postgres/postmaster.ts';
import { settlePrevious } from './embedded-postgres/previous.ts';
import { FolderInUse, lockFolder } from './folder-lock.ts';

export interface EmbeddedPostgres {
  /** Works in this process only, and stays the same when the database is brought back. */
  connection: ClientConfig;
  /** Ends the database and frees the folder. Close the connections first. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  dataDir: string;
  log: Log;
}

/** A server that was just killed is gone within this time; one that lives will not be. */
const LOCK_PATIENCE_MS = 1000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
const REACH_PATIENCE_MS = 5000;
/** What fits into a socket's address on Linux and on macOS alike, less the socket's own name. */
const LONGEST_SOCKET_FOLDER = 103 - '/.s.PGSQL.5432'.length;

/**
 * Makes the database if there is none and starts it. If it dies later it is started again, for as long as
 * that takes; statements fail with Problem `unavailable` meanwhile.
 * @throws FolderInUse when another server holds the folder; Error with a sentence for the operator otherwise.
 */
export function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  return start(options, LOCK_PATIENCE_MS);
}

/** Whether there is a database in a data folder, running or not. */
export async function hasEmbeddedPostgres(dataDir: string): Promise<boolean> {
  return exists(clusterFolder(dataDir));
}

/**
 * For commands that work beside a server: joins the one that runs on the folder, or starts the database for as
 * long as the command takes.
 * @throws FolderInUse when a server holds the folder but its database does not answer.
 */
export async function reachEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const deadline = performance.now() + REACH_PATIENCE_MS;
  for (;;) {
    try {
      return await start(options, 0);
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      const joined = await joinRunning(options);
      if (joined) return joined;
      // The server that holds the folder may only just be starting, or ending.
      if (performance.now() >= deadline) throw error;
      await sleep(FIRST_RETRY_MS);
    }
  }
}

async function start(
  { dataDir, log }: EmbeddedPostgresOptions,
  patienceMs: number,
): Promise<EmbeddedPostgres> {
  const folder = await openFolder(dataDir);
  const lock = await lockFolder(folder, patienceMs);
  try {
    const run = await prepare(folder, log);
    const supervised = supervise(await run(), run, log);
    const socket = socketFolder(clusterFolder(folder));
    return {
      connection: connectionTo(socket.path),
      async stop() {
        await supervised.stop();
        socket.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @returns null when the database of the folder does not answer. */
async function joinRunning({ dataDir, log }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres | null> {
  const socket = socketFolder(clusterFolder(await openFolder(dataDir)));
  const connection = connectionTo(socket.path);
  const client = new Client(connection);
  try {
    await client.connect();
    return { connection, stop: async () => socket.close() };
  } catch (error) {
    log.debug({ err: error }, 'the embedded database of the running server does not answer');
    socket.close();
    return null;
  } finally {
    await client.end();
  }
}

function clusterFolder(folder: string): string {
  return path.join(folder, 'postgres');
}

async function openFolder(dataDir: string): Promise<string> {
  try {
    // Its owner's alone: what lies in it is secret, whoever else may log in here.
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK | constants.X_OK);
    return await realpath(dataDir);
  } catch (error) {
    throw new Error(`DATA_DIR ${dataDir} cannot be used: ${(error as Error).message}.`, { cause: error });
  }
}

/** @returns what starts the database; it may be called again when that has ended. */
async function prepare(folder: string, log: Log): Promise<() => Promise<Postmaster>> {
  const binaries = await findBinaries(path.join(folder, 'postgres-libraries'));
  const launch = await chooseLaunch(binaries, folder);
  log.debug({ launch: launch.description, tie: launch.tie }, 'how the embedded database is run');
  const cluster = clusterFolder(folder);
  await ensureCluster(cluster, binaries, launch, log);
  return async () => {
    await settlePrevious(cluster, log);
    return startPostmaster(cluster, binaries, launch, log);
  };
}

/** Keeps a database running from now on. */
function supervise(
  first: Postmaster,
  run: () => Promise<Postmaster>,
  log: Log,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  let running: Postmaster | null = first;

  async function watch(): Promise<void> {
    while (running) {
      const how = await running.exited;
      if (stopping.signal.aborted) return;
      log.error({ how }, 'the embedded database ended; starting it again');
      running = await restart();
    }
  }

  async function restart(): Promise<Postmaster | null> {
    for (
      let delayMs = FIRST_RETRY_MS;
      !stopping.signal.aborted;
      delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)
    ) {
      try {
        return await run();
      } catch (error) {
        log.error({ err: error }, 'the embedded database did not start again');
        await sleep(delayMs, stopping.signal);
      }
    }
    return null;
  }

  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await running?.stop();
      await watching;
      // It may have been coming back just then.
      await running?.stop();
    },
  };
}

/** The address of the socket's folder. One that is too long for a socket is reached through its open handle. */
function socketFolder(cluster: string): { path: string; close: () => void } {
  if (Buffer.byteLength(cluster) <= LONGEST_SOCKET_FOLDER) return { path: cluster, close: () => {} };
  if (process.platform !== 'linux') {
    const tooLong = Buffer.byteLength(cluster) - LONGEST_SOCKET_FOLDER;
    throw new Error(`The path of DATA_DIR is ${tooLong} bytes too long for a socket: choose a shorter one.`);
  }
  const handle = openSync(cluster, 'r');
  return { path: `/proc/self/fd/${handle}`, close: () => closeSync(handle) };
}

function connectionTo(socketPath: string): ClientConfig {
  return { host: socketPath, port: 5432, user: DATABASE_USER, database: 'postgres' };
}
