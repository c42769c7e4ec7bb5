/**
 * PostgreSQL as the rest of the server sees it: queries, transactions and notifications, the same for
 * the embedded server and for DATABASE_URL. A database that cannot be reached is a Problem `unavailable`, text that it
 * cannot hold one that is `invalid-parameter`; every other fault of a statement keeps PostgreSQL's own error.
 */
import { type ClientConfig, Pool, type PoolClient, type QueryConfig } from 'pg';
import type { Log } from '../lib/log.ts';
import { isOutage, Problem } from '../lib/problem.ts';
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
   * @param queryTimeoutMs for each of its statements, where the usual limit is too short
   */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>, queryTimeoutMs?: number): Promise<Result>;
  listen: Listener['listen'];
  /** Ends all connections; what is running is waited for. */
  close(): Promise<void>;
  pool: Pool;
}

/** Of the 50 that the embedded server offers; several nodes may share an external one. */
const POOL_SIZE = 16;
const CONNECT_TIMEOUT_MS = 10_000;
/** Far more than any statement of a request or a worker takes: a database that says nothing for so long hangs. */
const QUERY_TIMEOUT_MS = 30_000;

/**
 * Connects on first use.
 * @param source a connection of the embedded server, or a `postgres://` URL.
 * @param queryTimeoutMs how long a statement may take before the database counts as out of reach
 */
export function openDatabase(
  source: ClientConfig | string,
  log: Log,
  queryTimeoutMs = QUERY_TIMEOUT_MS,
): Database {
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
    query: (text, values) => run(pool, queryTimeoutMs, text, values),
    transaction: (work, timeoutMs = queryTimeoutMs) => transact(pool, timeoutMs, work),
    listen: listener.listen,
    async close() {
      closing = true;
      await listener.close();
      await pool.end();
    },
  };
}

async function run<Row>(
  client: Pool | PoolClient,
  timeoutMs: number,
  text: string,
  values?: unknown[],
): Promise<Rows<Row>> {
  try {
    // pg takes the timeout of a single query, which its types do not tell.
    const query: QueryConfig = Object.assign({ text, values: values! }, { query_timeout: timeoutMs });
    const result = await client.query(query);
    const results = Array.isArray(result) ? result : [result];
    return {
      rows: results.flatMap(({ rows }) => rows),
      rowCount: results.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0),
    };
  } catch (error) {
    throw asProblem(error);
  }
}

async function transact<Result>(
  pool: Pool,
  timeoutMs: number,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect().catch((error) => {
    throw asProblem(error);
  });
  let broken: Error | undefined;
  const say = <Row>(text: string, values?: unknown[]) =>
    run<Row>(client, timeoutMs, text, values).catch((error: unknown) => {
      if (isOutage(error)) broken = error;
      throw error;
    });
  try {
    await say('BEGIN');
    const result = await work({ query: say });
    await say('COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot roll back must not go back to the pool with its transaction open.
    if (!broken)
      await say('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** SQLSTATE classes 08 (connection), 53 (no disk, memory or connections left) and 57P (shutdown, crash, starting up). */
const UNAVAILABLE_STATES = /^(08|53|57P0)/;
const UNAVAILABLE_SYSCALLS = new Set(['connect', 'read', 'write', 'getaddrinfo']);
/** pg reports these without a code. */
const UNAVAILABLE_MESSAGES =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client (was closed|has encountered))/;

/** U+0000, which clients may send and PostgreSQL's text cannot hold: SQLSTATE of a value and of one within JSON. */
const NUL_STATES = new Set(['22021', '22P05']);

function asProblem(error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (NUL_STATES.has(code ?? ''))
    return new Problem('invalid-parameter', 'There is a NUL character where none can be.', { cause: error });
  const unavailable =
    UNAVAILABLE_STATES.test(code ?? '') ||
    UNAVAILABLE_SYSCALLS.has(syscall ?? '') ||
    UNAVAILABLE_MESSAGES.test(message ?? '');
  if (!unavailable) return error;
  return new Problem('unavailable', 'The database cannot be reached just now.', { cause: error });
}
