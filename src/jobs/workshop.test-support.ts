/** All that a job needs around it except an engine: database, queue, blobs, a key; for the tests of a file. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { reserveCredits } from '../accounts/credits.ts';
import { createKey, type Key, listKeys } from '../accounts/keys.ts';
import { DEFAULT_OPTIONS, type Output, type SourceFacts } from '../engine/contract.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import { openDiskBlobs } from '../store/blobs/disk.ts';
import type { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { silentLog, temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { blobKey, putBlob } from './blob-references.ts';
import { enqueueJobs, type NewJob, type RemoteSource, type StoredSource } from './enqueue.ts';
import { type Claim, claimJobs, type Ending } from './job-states.ts';
import { createLeaseQueues, type LeaseQueue, type LeaseQueues } from './lease-queue.ts';

export interface Workshop {
  database: Database;
  queues: LeaseQueues;
  /** Of the jobs for the engine. */
  queue: LeaseQueue;
  blobs: BlobStore;
}

export async function openWorkshop(): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'keeneye-blobs-'));
  // Hooks run in the order in which they were set: the queue has to stop before its database does.
  after(async () => {
    await queues.stop();
    await rm(folder, { recursive: true });
  });
  const { database } = await temporaryDatabase();
  const queues = createLeaseQueues(database, 60_000, silentLog);
  await migrate(database);
  await queues.start();
  return { database, queues, queue: queues.optimize, blobs: await openDiskBlobs(folder) };
}

/** @returns a key's id and secret. */
export async function newKey(
  database: Database,
  credits: number | null = null,
): Promise<{ id: string; secret: string }> {
  const { key, secret } = await createKey(database, { name: 'test', credits });
  return { id: key.id, secret };
}

export async function keyOf(database: Database, id: string): Promise<Key> {
  return (await listKeys(database)).find((key) => key.id === id)!;
}

/** Bytes that no other call has given. */
export function freshBytes(): Uint8Array {
  return new TextEncoder().encode(`no image, but unique: ${randomUUID()}`);
}

export type StoredJob = NewJob & { source: StoredSource };

/** Stores a source and enqueues a job on it. */
export async function newJob(
  shop: Workshop,
  keyId: string,
  wanted: Partial<StoredJob> = {},
): Promise<StoredJob> {
  const bytes = freshBytes();
  const job: StoredJob = {
    id: randomUUID(),
    keyId,
    fingerprint: Buffer.from(blobKey(bytes), 'hex'),
    dialect: 'native',
    options: DEFAULT_OPTIONS,
    charge: true,
    freeUpTo: null,
    keepSource: false,
    filename: null,
    source: { sha256: blobKey(bytes), bytes: bytes.byteLength },
    ...wanted,
  };
  await putBlob(shop.database, shop.blobs, blobKey(bytes), bytes);
  await shop.database.transaction(async (tx) => {
    if (job.charge && (await reserveCredits(tx, keyId, 1)) === 0)
      throw new Error('The key has no credits left.');
    await enqueueJobs(tx, shop.queues, [job]);
  });
  return job;
}

/** Enqueues a job whose source is to be fetched. @returns its id */
export async function newRemoteJob(
  { database, queues }: Pick<Workshop, 'database' | 'queues'>,
  keyId: string,
  source: RemoteSource = { url: 'http://images.example/a.png', access: { headers: { 'x-shop': '1' } } },
): Promise<string> {
  const id = randomUUID();
  await database.transaction(async (tx) => {
    await reserveCredits(tx, keyId, 1);
    const terms = { charge: true, freeUpTo: null, keepSource: false, filename: null, dialect: 'native' };
    const fingerprint = Buffer.from(id.replaceAll('-', '').repeat(2), 'hex');
    await enqueueJobs(tx, queues, [{ id, keyId, fingerprint, ...terms, options: DEFAULT_OPTIONS, source }]);
  });
  return id;
}

/** Claims the one job that waits. */
export async function claimOne(shop: Workshop): Promise<Claim> {
  const [claim] = await claimJobs(shop.database, shop.queue, 1);
  if (!claim) throw new Error('no job was waiting');
  return claim;
}

/** Made-up, of a 3 x 4 image. */
export function someOutput(data = freshBytes()): Output {
  const worstTile = { x: 0, y: 0, width: 3, height: 4, frames: 1, score: 87.25 };
  const facts = {
    format: 'webp',
    width: 3,
    height: 4,
    frames: 1,
    encoder: 'none',
    quality: 71,
    evaluations: 2,
    visibility: { jnd: 0.25, spread: 0.5, probability: 0.125, iwssim: null },
  } as const;
  return { ...facts, data, sha256: blobKey(data), score: 90.125, worstTile };
}

export function done(claim: Claim, outputs: Output[]): Ending & { status: 'done' } {
  return { status: 'done', engine: 'test', source: sourceFacts(claim), outputs };
}

export function declined(claim: Claim): Ending {
  const source = sourceFacts(claim);
  return {
    status: 'declined',
    engine: 'test',
    source,
    reason: 'no-gain',
    detail: 'Nothing smaller was found.',
  };
}

/** Of a server that is not told to stop. */
export const running = new AbortController().signal;

export const failed: Ending = { status: 'failed', reason: 'timeout', detail: 'It took too long.' };

function sourceFacts(claim: Claim): SourceFacts {
  return {
    format: 'png',
    bytes: claim.sourceBytes,
    width: 3,
    height: 4,
    sha256: claim.sourceSha256,
    orientation: 1,
  };
}
