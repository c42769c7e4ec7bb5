/**
 * PostgreSQL as the rest of the server sees it: queries, transactions and notifications, the same for
 * the embedded server and for DATABASE_URL. A database that cannot be reached is a Problem
 * `unavailable`; every other fault of a statement keeps PostgreSQL's own error.
 */
import { type ClientConfig, Pool, type PoolClient } from 'pg';
import type { Log } from '../lib/log.ts';
import { Problem } from '../lib/problem.ts';
import { createListener, type Listener } from './listener.ts';

export interface Rows<Row> {
  rows: Row[];
  /** Rows returned or touched. */
  rowCount: number;
}

/** The database or one transaction on it. */
export interface Queryable {
  /** Several statements at once are allowed when there are no values; their rows are joined. */
  query<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Rows<Row>>;
}

export interface Database extends Queryable {
  /**
   * Runs `work` inside one transaction: commits what it did, or rolls back and rethrows what it threw.
   * All its statements must go through `tx`.
   */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>;
  listen: Listener['listen'];
  /** Ends all connections; what is running is waited for. */
  close(): Promise<void>;
  pool: Pool;
}

/** Of the 50 that the embedded server offers; several nodes may share an external one. */
const POOL_SIZE = 16;
const CONNECT_TIMEOUT_MS = 10_000;

/** @param source a connection of the embedded server, or a `postgres://` URL. Connects on first use. */
export function openDatabase(source: ClientConfig | string, log: Log): Database {
  const config: ClientConfig = {
    ...(typeof source === 'string' ? { connectionString: source } : source),
    application_name: 'keeneye',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  };
  const pool = new Pool({ ...config, max: POOL_SIZE });
  const listener = createListener(config, log);
  let closing = false;
  const onConnectionError = (error: Error) => {
    // A connection that is being ended may lose the race against a server that ends, too.
    if (!closing) log.warn({ err: error }, 'database connection lost');
  };
  // Both are needed: pg takes its own handler off while a client is in use, and an unheard error ends the process.
  pool.on('error', onConnectionError);
  pool.on('connect', (client) => client.on('error', onConnectionError));

  return {
    pool,
    query: (text, values) => run(pool, text, values),
    transaction: (work) => transact(pool, work),
    listen: listener.listen,
    async close() {
      closing = true;
      await listener.close();
      await pool.end();
    },
  };
}

async function run<Row>(client: Pool | PoolClient, text: string, values?: unknown[]): Promise<Rows<Row>> {
  try {
    const result = await client.query(text, values);
    const results = Array.isArray(result) ? result : [result];
    return {
      rows: results.flatMap(({ rows }) => rows),
      rowCount: results.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0),
    };
  } catch (error) {
    throw orUnavailable(error);
  }
}

async function transact<Result>(pool: Pool, work: (tx: Queryable) => Promise<Result>): Promise<Result> {
  const client = await pool.connect().catch((error) => {
    throw orUnavailable(error);
  });
  let broken: Error | undefined;
  try {
    await run(client, 'BEGIN');
    const result = await work({ query: (text, values) => run(client, text, values) });
    await run(client, 'COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot roll back must not go back to the pool with its transaction open.
    await run(client, 'ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** SQLSTATE classes 08 (connection), 57P (shutdown, crash, starting up) and 53300 (too many connections). */
const UNAVAILABLE_STATES = /^(08|57P0|53300)/;
const UNAVAILABLE_SYSCALLS = new Set(['connect', 'read', 'write', 'getaddrinfo']);
/** pg reports these without a code. */
const UNAVAILABLE_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (was closed|has encountered))/;

function orUnavailable(error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const unavailable =
    UNAVAILABLE_STATES.test(code ?? '') ||
    UNAVAILABLE_SYSCALLS.has(syscall ?? '') ||
    UNAVAILABLE_MESSAGES.test(message ?? '');
  if (!unavailable) return error;
  return new Problem('unavailable', 'The database cannot be reached just now.', { cause: error });
}
