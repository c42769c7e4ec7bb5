/**
 * The composition root: the only place that builds parts and hands each its slice of the configuration.
 * What is built first is torn down last, whether the start failed half-way or the server is told to stop.
 */
import { createFirstKey, ensureKey } from './accounts/keys.ts';
import type { Config } from './config/config.ts';
import { loadDialects } from './dialects/load.ts';
import { createPool, type Pool } from './engine/pool.ts';
import { createServer, type HttpServer } from './http/server.ts';
import { executeJob } from './jobs/execute.ts';
import { queueAge } from './jobs/job-record.ts';
import { requeueRunningJobs } from './jobs/job-states.ts';
import { createLeaseQueue, type LeaseQueue } from './jobs/lease-queue.ts';
import { createSettlement } from './jobs/settle.ts';
import { createSweep } from './jobs/sweep.ts';
import { createWorker, type Worker } from './jobs/worker.ts';
import { createLog, type Log } from './lib/log.ts';
import { createMetrics, type Metrics } from './lib/metrics.ts';
import { Problem } from './lib/problem.ts';
import type { BlobStore } from './store/blobs/blob-store.ts';
import { openDiskBlobs } from './store/blobs/disk.ts';
import { type Database, openDatabase } from './store/database.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import { migrate } from './store/migrate.ts';
import { createStudyDoor } from './studies/door.ts';
import { createLinks, loadLinkSecret } from './submissions/link.ts';
import { createProof } from './submissions/proof.ts';
import { loadReportSigner } from './submissions/report-key.ts';
import { createService } from './submissions/service.ts';
import { createEndings, type Endings } from './submissions/wait.ts';

export interface App {
  /**
   * Resolves once requests are answered. A start that fails leaves nothing behind.
   * @returns the address listened on, and the first API key when this start made it.
   * @throws Error with a sentence for the operator
   */
  start(): Promise<Started>;
  /** Takes no more, ends or gives back what is in hand, and releases everything. May be called again. */
  stop(): Promise<void>;
}

export interface Started {
  url: string;
  firstKey: string | null;
}

/** How long requests and jobs in hand may take to end once the server is told to stop. */
const DRAIN_MS = 10_000;

export function createApp(config: Config): App {
  const parts = new AsyncDisposableStack();
  const log = createLog(config.logLevel);
  return {
    async start() {
      try {
        return await build(config, log, parts);
      } catch (error) {
        await parts.disposeAsync();
        throw error;
      }
    },
    stop: () => parts.disposeAsync(),
  };
}

async function build(config: Config, log: Log, parts: AsyncDisposableStack): Promise<Started> {
  const metrics = createMetrics();
  const [dialects, database, blobs] = await together([
    loadDialects(),
    openStore(config, log, parts),
    openDiskBlobs(config.blobFolder),
  ]);
  parts.defer(() => blobs.close());
  const queue = createLeaseQueue(database, config.jobTimeoutMs, log);
  parts.defer(() => queue.stop());
  await together([prepareDatabase(database, config.configuredKey), queue.start()]);
  if (config.databaseUrl === null) await takeUpRunningJobs(database, queue, log);

  const pool = buildPool(config, parts);
  metrics.observe({ queue: () => askQueueAge(database, log), engine: pool.stats });
  const worker = buildWorker(config, log, metrics, database, queue, blobs, pool);
  const endings = createEndings(database);
  const links = createLinks(await loadLinkSecret(database));
  const signer = await loadReportSigner(database);
  const proof = createProof(signer, blobs, pool);
  const service = createService(database, queue, blobs, endings, links, proof, metrics, {
    defaults: { floor: config.floor, maxPixels: config.maxPixels },
    maxQueue: config.maxQueue,
    resultTtlMs: config.resultTtlMs,
  });
  const { openArtifact } = service;
  const { maxBytes, publicUrl } = config;
  const health = () => whatIsMissing(database);
  const reportKeys = [signer.publicKey];
  const server = createServer({
    dialects,
    service,
    openArtifact,
    studies: createStudyDoor(database, blobs),
    reportKeys,
    maxBytes,
    publicUrl,
    log,
    metrics,
    health,
  });
  const sweep = createSweep(database, blobs, log);
  parts.defer(() => sweep.stop());
  parts.defer(() => drain(server, worker, endings));
  sweep.start();
  await together([endings.start(), worker.start()]);
  const { url } = await listen(server, config.host, config.port);
  // Last, because a key that was made and then not shown could never be used.
  return { url, firstKey: await createFirstKey(database) };
}

/** Like `Promise.all`, but a failure is told only when all have come to rest, so that nothing starts behind a teardown. */
async function together<T extends unknown[]>(steps: [...T]): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(steps);
  return Promise.all(steps);
}

/** The database, its own or the operator's, answering. */
async function openStore(config: Config, log: Log, parts: AsyncDisposableStack): Promise<Database> {
  if (config.databaseUrl !== null) return openDatabaseUrl(config.databaseUrl, log, parts);
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
  parts.defer(() => postgres.stop());
  const database = openDatabase(postgres.connection, log);
  parts.defer(() => database.close());
  return database;
}

async function openDatabaseUrl(url: string, log: Log, parts: AsyncDisposableStack): Promise<Database> {
  const database = openDatabase(url, log);
  parts.defer(() => database.close());
  try {
    await database.query('SELECT 1');
  } catch (error) {
    const reason = error instanceof Problem ? error.cause : error;
    throw new Error(`The database of DATABASE_URL cannot be used: ${(reason as Error).message}.`, {
      cause: error,
    });
  }
  return database;
}

async function prepareDatabase(database: Database, configuredKey: string | null): Promise<void> {
  await migrate(database);
  if (configuredKey !== null) await ensureKey(database, configuredKey);
}

/** The embedded database serves one node, and this is it: whatever was running died with the last one. */
async function takeUpRunningJobs(database: Database, queue: LeaseQueue, log: Log): Promise<void> {
  const jobs = await requeueRunningJobs(database, queue);
  if (jobs > 0) log.info({ jobs }, 'jobs that the last run did not finish are taken up again');
}

function buildPool(config: Config, parts: AsyncDisposableStack): Pool {
  const pool = createPool({
    size: config.workers,
    jobTimeoutMs: config.jobTimeoutMs,
    memoryBytes: config.workerMemoryBytes,
    jobsPerChild: config.workerJobs,
  });
  parts.defer(() => pool.close());
  return pool;
}

function buildWorker(
  config: Config,
  log: Log,
  metrics: Metrics,
  database: Database,
  queue: LeaseQueue,
  blobs: BlobStore,
  pool: Pool,
): Worker {
  const settle = createSettlement(database, queue, blobs, metrics, log, config.resultTtlMs);
  return createWorker(
    database,
    queue,
    async (claim, signal) => settle(claim, await executeJob(claim, blobs, pool, metrics, signal)),
    config.workers,
    log,
  );
}

async function askQueueAge(
  database: Database,
  log: Log,
): Promise<{ depth: number; oldestSeconds: number } | null> {
  try {
    return await queueAge(database);
  } catch (error) {
    log.warn({ err: error }, 'the queue could not be measured');
    return null;
  }
}

async function whatIsMissing(database: Database): Promise<string[]> {
  try {
    await database.query('SELECT 1');
    return [];
  } catch (error) {
    return [`database: ${(error as Error).message}`];
  }
}

async function listen(server: HttpServer, host: string, port: number): Promise<{ url: string }> {
  try {
    return await server.listen(host, port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EADDRINUSE'
        ? 'something else listens there. Choose another port with PORT; 0 takes any free one'
        : message;
    throw new Error(`Cannot listen on ${host}, port ${port}: ${reason}.`, { cause: error });
  }
}

/**
 * Requests that wait for a job in hand get its result; those that wait for one that is not, are answered
 * with how it stands as soon as the work in hand is done.
 */
async function drain(server: HttpServer, worker: Worker, endings: Endings): Promise<void> {
  await Promise.all([server.close(DRAIN_MS), worker.stop(DRAIN_MS).then(() => endings.close())]);
}
