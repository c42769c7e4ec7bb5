/**
 * The composition root: the only place that builds parts and hands each its slice of the configuration.
 * What is built first is torn down last, whether the start failed half-way or the server is told to stop.
 */

import { createAuthenticator } from './accounts/authenticator.ts';
import { settleDemoKeys } from './accounts/demo-keys.ts';
import { createFirstKey, ensureKey } from './accounts/keys.ts';
import { createRateLimits } from './accounts/rate.ts';
import { adminRoutes } from './admin/routes.ts';
import type { Config } from './config/config.ts';
import { loadDialects } from './dialects/load.ts';
import { createPool, type Pool } from './engine/pool.ts';
import { openListeners } from './http/open-listeners.ts';
import { createServer, type HttpServer } from './http/server.ts';
import { measureBacklog } from './jobs/backlog.ts';
import { JOB_FETCHING_CHANNEL, JOB_QUEUED_CHANNEL } from './jobs/enqueue.ts';
import { executeJob } from './jobs/execute.ts';
import { createFetcher } from './jobs/fetch-source.ts';
import { claimFetches } from './jobs/fetch-states.ts';
import { type Claim, claimJobs, requeueClaimedJobs } from './jobs/job-states.ts';
import { createLeaseQueues, type LeaseQueues } from './jobs/lease-queue.ts';
import { createSettlement } from './jobs/settle.ts';
import { createSweep } from './jobs/sweep.ts';
import { createWorker, type Worker } from './jobs/worker.ts';
import { readCertificate } from './lib/certificate.ts';
import { within } from './lib/clock.ts';
import { createLog, type Log } from './lib/log.ts';
import { createMetrics, type Metrics } from './lib/metrics.ts';
import { Problem } from './lib/problem.ts';
import { createOutbound, type Outbound } from './outbound/outbound.ts';
import type { BlobStore } from './store/blobs/blob-store.ts';
import { openDiskBlobs } from './store/blobs/disk.ts';
import { type Database, openDatabase } from './store/database.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import { migrate } from './store/migrate.ts';
import { createStudyDoor } from './studies/door.ts';
import { createLinks, loadLinkSecret } from './submissions/link.ts';
import { createLoadCheck } from './submissions/overload.ts';
import { createProof } from './submissions/proof.ts';
import { refuseAddress } from './submissions/refuse-address.ts';
import { loadReportSigner } from './submissions/report-key.ts';
import { createLookUp, createOpenArtifact, createService } from './submissions/service.ts';
import { createSubmit } from './submissions/submit.ts';
import { createEndings, type Endings } from './submissions/wait.ts';
import { createWordCallback } from './submissions/word-callback.ts';
import { callbackBacklog } from './webhooks/callback-record.ts';
import { takeUpCallbacks } from './webhooks/callback-states.ts';
import { createWebhooks } from './webhooks/webhooks.ts';

export interface App {
  /**
   * Resolves once requests are answered. A start that fails leaves nothing behind.
   * @returns the addresses listened on, and the first API key when this start made it.
   * @throws Error with a sentence for the operator
   */
  start(): Promise<Started>;
  /** Takes no more, ends or gives back what is in hand, and releases everything. May be called again. */
  stop(): Promise<void>;
}

export interface Started {
  url: string;
  /** Null where there is no certificate. */
  tlsUrl: string | null;
  firstKey: string | null;
}

/** How long requests and jobs in hand may take to end once the server is told to stop. */
const DRAIN_MS = 10_000;
/** How long the database may take to say that it is there. */
const READY_MS = 3_000;

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
  const certificate = config.certificateFiles && (await readCertificate(config.certificateFiles));
  const metrics = createMetrics();
  const [dialects, database, blobs] = await together([
    loadDialects(),
    openStore(config, log, parts),
    openDiskBlobs(config.blobFolder),
  ]);
  parts.defer(() => blobs.close());
  const queues = createLeaseQueues(database, config.jobTimeoutMs, log);
  parts.defer(() => queues.stop());
  const demoKeys = dialects.flatMap(({ demoKey }) => demoKey ?? []);
  await together([prepareDatabase(database, config, demoKeys), queues.start()]);
  if (config.databaseUrl === null) await takeUpWork(database, queues, log);

  const pool = buildPool(config, parts);
  const outbound = createOutbound(config.allowedPrivate);
  parts.defer(() => outbound.close());
  metrics.observe({
    queue: () => orUnknown(measureBacklog(database, config.workers), log),
    callbacks: () => orUnknown(callbackBacklog(database), log),
    engine: pool.stats,
    refusals: outbound.refusals,
  });
  const { originalTtlMs, resultTtlMs } = config;
  const store = { database, queues, blobs };
  const workers = [
    buildWorker(config, log, metrics, store, pool),
    buildFetchWorker(config, log, metrics, store, outbound),
  ];
  const endings = createEndings(database);
  const links = createLinks(await loadLinkSecret(database));
  const signer = await loadReportSigner(database);
  const proof = createProof(signer, blobs, pool);
  const authenticate = createAuthenticator(database);
  const submit = createSubmit(database, queues, blobs, {
    defaults: { floor: config.floor, maxPixels: config.maxPixels, jobTimeMs: config.jobTimeoutMs },
    resultTtlMs,
    refuseOverload: createLoadCheck(database, config),
    checkAddress: (url) => refuseAddress(url, config.allowedPrivate),
  });
  const rates = createRateLimits(database);
  const serviceParts = {
    database,
    blobs,
    authenticate,
    lookUp: createLookUp(database),
    submit,
    rates,
    endings,
    links,
    proof,
    metrics,
    originalTtlMs,
  };
  const word = createWordCallback(dialects, serviceParts);
  const hands = [...workers, await createWebhooks(database, outbound, word, log)];
  const { maxBytes, publicUrl } = config;
  const health = () => whatIsMissing(database);
  const reportKeys = [signer.publicKey];
  const server = createServer({
    dialects,
    serviceFor: (dialect, recognised) => createService(serviceParts, dialect, recognised),
    openArtifact: createOpenArtifact(serviceParts),
    studies: createStudyDoor(database, blobs),
    own: [(refuse) => adminRoutes({ database, queues, resultTtlMs, metrics, log, refuse })],
    reportKeys,
    maxBytes,
    publicUrl,
    log,
    metrics,
    health,
  });
  const sweep = createSweep(database, blobs, log);
  parts.defer(() => sweep.stop());
  parts.defer(() => drain(server, hands, endings));
  sweep.start();
  await together([endings.start(), ...hands.map((hand) => hand.start())]);
  const listeners = await openListeners(server, config, certificate, log);
  parts.defer(listeners.stopFollowing);
  // Last, because a key that was made and then not shown could never be used.
  return { url: listeners.url, tlsUrl: listeners.tlsUrl, firstKey: await createFirstKey(database, demoKeys) };
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

async function prepareDatabase(database: Database, config: Config, demoKeys: string[]): Promise<void> {
  await migrate(database);
  if (config.configuredKey !== null) await ensureKey(database, config.configuredKey);
  await settleDemoKeys(database, demoKeys, config.demoKeysAllowed);
}

/** The embedded database serves one node, and this is it: whatever was in hand died with the last one. */
async function takeUpWork(database: Database, queues: LeaseQueues, log: Log): Promise<void> {
  const jobs = await requeueClaimedJobs(database, queues);
  if (jobs > 0) log.info({ jobs }, 'jobs that the last run did not finish are taken up again');
  await takeUpCallbacks(database);
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

interface Store {
  database: Database;
  queues: LeaseQueues;
  blobs: BlobStore;
}

function buildWorker(
  config: Config,
  log: Log,
  metrics: Metrics,
  { database, queues, blobs }: Store,
  pool: Pool,
): Worker {
  const queue = queues.optimize;
  const settle = createSettlement(database, queue, blobs, metrics, log, config.resultTtlMs);
  const trade = {
    queue,
    channel: JOB_QUEUED_CHANNEL,
    claim: (limit: number) => claimJobs(database, queue, limit),
    work: async (claim: Claim, signal: AbortSignal) =>
      settle(claim, await executeJob(claim, blobs, pool, metrics, signal), signal),
  };
  return createWorker(database, trade, config.workers, log);
}

/** Sources fetched at once, over all hosts: they mostly wait. */
const FETCHES = 64;

function buildFetchWorker(
  { maxBytes, fetchTimeoutMs, resultTtlMs }: Config,
  log: Log,
  metrics: Metrics,
  { database, queues, blobs }: Store,
  outbound: Outbound,
): Worker {
  const policy = { maxBytes, timeoutMs: fetchTimeoutMs, resultTtlMs };
  const trade = {
    queue: queues.fetch,
    channel: JOB_FETCHING_CHANNEL,
    claim: (limit: number) => claimFetches(database, queues, limit),
    work: createFetcher(database, queues, blobs, outbound, policy, metrics, log),
  };
  return createWorker(database, trade, FETCHES, log);
}

async function orUnknown<Measured>(measuring: Promise<Measured>, log: Log): Promise<Measured | null> {
  try {
    return await measuring;
  } catch (error) {
    log.warn({ err: error }, 'what waits could not be measured');
    return null;
  }
}

async function whatIsMissing(database: Database): Promise<string[]> {
  try {
    const answer = await within(READY_MS, database.query('SELECT 1'));
    return answer ? [] : [`database: no answer within ${READY_MS / 1000} seconds`];
  } catch (error) {
    return [`database: ${(error as Error).message}`];
  }
}

/**
 * Requests that wait for a job in hand get its result; those that wait for one that is not, are answered
 * with how it stands as soon as the work in hand is done.
 */
async function drain(server: HttpServer, hands: Worker[], endings: Endings): Promise<void> {
  const stopped = Promise.all(hands.map((hand) => hand.stop(DRAIN_MS)));
  await Promise.all([server.close(DRAIN_MS), stopped.then(() => endings.close())]);
}
