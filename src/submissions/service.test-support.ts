/** A service over a real database and blobs, and a hand that ends its jobs as a test wants. */
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { createAuthenticator } from '../accounts/authenticator.ts';
import { createRateLimits } from '../accounts/rate.ts';
import type { Submission } from '../dialects/dialect.ts';
import type { Claim, Ending } from '../jobs/job-states.ts';
import { createSettlement } from '../jobs/settle.ts';
import {
  claimOne,
  done,
  freshBytes,
  openWorkshop,
  running,
  someOutput,
} from '../jobs/workshop.test-support.ts';
import { createMetrics } from '../lib/metrics.ts';
import { createSigner, makePrivateKey } from '../lib/signature.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { createLinks } from './link.ts';
import { createLoadCheck } from './overload.ts';
import { createProof } from './proof.ts';
import { createLookUp, createOpenArtifact, createService, type ServiceParts } from './service.ts';
import { createSubmit } from './submit.ts';
import { createEndings } from './wait.ts';

export const shop = await openWorkshop();
const { database, queue, blobs } = shop;
const endings = createEndings(database);
after(() => endings.close());
await endings.start();

export const POLICY = {
  defaults: { floor: 85, maxPixels: 1000, jobTimeMs: 60_000 },
  maxQueue: 1000,
  resultTtlMs: 60_000,
};
const authenticate = createAuthenticator(database);
const LINKS = createLinks(randomBytes(32));
const PROOF = createProof(createSigner(makePrivateKey()), blobs, {
  heatmap: async () => new Uint8Array(),
});
export const partsOn = (store: BlobStore, policy = POLICY, ends = endings): ServiceParts => ({
  database,
  blobs: store,
  authenticate,
  lookUp: createLookUp(database),
  submit: createSubmit(database, shop.queues, store, {
    ...policy,
    refuseOverload: createLoadCheck(database, { ...policy, maxWaitMs: 3_600_000, workers: 1 }),
    checkAddress: () => {},
  }),
  rates: createRateLimits(database),
  endings: ends,
  links: LINKS,
  proof: PROOF,
  metrics: createMetrics(),
  originalTtlMs: 60_000,
});
export const serviceOn = (store: BlobStore, policy = POLICY) =>
  createService(partsOn(store, policy), 'native');
export const service = serviceOn(blobs);
export const openArtifact = createOpenArtifact(partsOn(blobs));

export const submission = (secret: string, wanted: Partial<Submission> = {}): Submission => ({
  secret,
  source: { bytes: freshBytes(), filename: 'photo.png' },
  options: {},
  accept: 'smaller',
  charge: true,
  ...wanted,
});

/** Ends the job that waits, through the room that does so in the server. */
export async function endNext(ending: (claim: Claim) => Ending): Promise<Claim> {
  const claim = await claimOne(shop);
  const settle = createSettlement(database, queue, blobs, createMetrics(), silentLog, 60_000);
  await settle(claim, { ending: ending(claim), engineMs: 5 }, running);
  return claim;
}
export const endWell = () => endNext((claim) => done(claim, [someOutput()]));
