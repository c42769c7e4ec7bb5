/** What the administration answers, as schemas for its OpenAPI document; tests hold what is really sent against them. */
import { z } from 'zod';
import { KEY_FORMATS } from '../accounts/keys.ts';
import { JOB_STATUSES } from '../jobs/job-list.ts';
import { CALLBACK_STATUSES } from '../webhooks/callback-record.ts';

const count = z.int().nonnegative();
const text = z.string();
const time = z.iso.datetime();
const next = text.nullable().describe('For `after`; null on the last page.');

const key = z.strictObject({
  id: text,
  name: text,
  email: text.nullable(),
  prefix: text.describe('How its secret begins.'),
  plan: z.enum(['prepaid', 'monthly', 'metered']),
  credits: count.nullable().describe('In all, or a month; null when it is not limited.'),
  creditsUsed: count.describe('Since the last renewal, or in all.'),
  creditsUsedEarlier: count.describe('Before the last renewal.'),
  creditsReserved: count.describe('Held by jobs that have not ended.'),
  parent: text.nullable().describe('Id of the key whose limits hold, too.'),
  domains: z.array(text).describe('Sites that it is for; none: any.'),
  rateLimits: z.record(text, count).describe('Requests a minute by endpoint, of all others under *.'),
  floor: z.number().nullable(),
  formats: z.array(z.enum(KEY_FORMATS)).nullable(),
  admin: z.boolean(),
  expiresAt: time.nullable(),
  createdAt: time,
  revokedAt: time.nullable(),
});
const shownKey = key.extend({
  creditsLeft: z.int().nullable().describe('By its own limit and by those of the keys above it.'),
  daysToRenewal: z.int().nullable(),
});

const jobEntry = z.strictObject({
  id: text,
  status: z.enum(JOB_STATUSES),
  reason: text.nullable(),
  dialect: text.describe('The protocol it came in by.'),
  keyId: text,
  keyName: text,
  what: text.describe('The formats that were asked for.'),
  createdAt: time,
  ageSeconds: z.number(),
  sourceBytes: count.nullable(),
  savedBytes: z.int().nullable().describe('By the smallest of its results.'),
});
const artifact = z.strictObject({
  id: text,
  format: text,
  bytes: count,
  width: count,
  height: count,
  frames: count,
  sha256: text,
  score: z.number(),
  worstTile: z.looseObject({ score: z.number() }),
  visibility: z.looseObject({ jnd: z.number() }).nullable(),
  encoder: text,
  quality: z.number().nullable(),
  evaluations: count,
});
const jobDetails = jobEntry.extend({
  detail: text.nullable().describe('A sentence about the reason.'),
  options: z.looseObject({}).describe("The engine's options, all of them."),
  filename: text.nullable(),
  source: z.strictObject({
    url: text.nullable().describe('Where it is fetched from, without credentials.'),
    sha256: text.nullable(),
    stored: z.boolean(),
    format: text.nullable(),
    width: count.nullable(),
    height: count.nullable(),
  }),
  engine: text.nullable(),
  attempts: count,
  turn: z.int().describe('Its place in the order of turns.'),
  charge: z.boolean(),
  timing: z.strictObject({ waitedMs: z.int().nullable(), engineMs: z.int().nullable() }),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  expiresAt: time.nullable(),
  artifacts: z.array(artifact),
  batches: z.array(
    z.strictObject({
      id: text,
      size: count,
      callback: z
        .strictObject({ id: text, status: text, attempts: count, lastError: text.nullable() })
        .nullable(),
    }),
  ),
});

const callbackEntry = z.strictObject({
  id: text,
  batchId: text,
  keyId: text,
  dialect: text.describe('In whose words it is.'),
  url: text,
  status: z.enum(CALLBACK_STATUSES),
  attempts: count,
  createdAt: time,
  dueAt: time.nullable(),
  nextAt: time.nullable().describe('When it is sent next.'),
  endedAt: time.nullable(),
  lastStatus: z.int().nullable().describe('HTTP status of the latest answer.'),
  lastError: text.nullable(),
});

export const ANSWERS = {
  Keys: z.strictObject({ keys: z.array(key) }),
  Key: shownKey,
  NewKey: shownKey.extend({ secret: text.describe('Shown this once.') }),
  Jobs: z.strictObject({ jobs: z.array(jobEntry), next }),
  Job: jobDetails,
  Callbacks: z.strictObject({ callbacks: z.array(callbackEntry), next }),
  Callback: callbackEntry.extend({
    contentType: text.nullable(),
    body: text.nullable().describe('What is sent; null until the first attempt.'),
  }),
  Problem: z.looseObject({ code: text, detail: text, parameter: text.optional() }),
};
export type AnswerName = keyof typeof ANSWERS;
