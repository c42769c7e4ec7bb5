/** What the administration understands and how it shows a key. */
import { z } from 'zod';
import { EMAIL, ENDPOINT, KEY_BOUNDS } from '../accounts/key-bounds.ts';
import { KEY_FORMATS, type Key } from '../accounts/keys.ts';
import { readTime } from '../accounts/read-time.ts';
import { JOB_STATUSES } from '../jobs/job-list.ts';
import { isPlace } from '../store/paging.ts';
import { CALLBACK_STATUSES } from '../webhooks/callback-record.ts';

const { nameLength, emailLength, credits, requests, floor } = KEY_BOUNDS;

function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function range(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

function text(longest: number, pattern: RegExp, error: string) {
  return z.string({ error }).max(longest, { error }).regex(pattern, { error });
}

const TIME_ERROR = 'must be a day (2030-01-31) or a time with its zone (2030-01-31T18:00Z)';

const time = z.string({ error: TIME_ERROR }).transform((text, context) => {
  const read = readTime(text);
  if (read) return read;
  context.addIssue({ code: 'custom', message: TIME_ERROR });
  return z.NEVER;
});

const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

const DOMAIN_ERROR = 'must be a domain';
const DOMAINS_ERROR = 'must be a list of at most 1000 domains';
const FORMATS_ERROR = 'must be a list of formats, with one at least';
const RATES_ERROR = 'must have numbers of requests a minute by endpoint, or *';

/** What can be said of a key, and said anew. */
export const changedKey = z.strictObject({
  name: text(
    nameLength,
    /^[^\p{Cc}]*[^\s\p{Cc}][^\p{Cc}]*$/u,
    `must have 1 to ${nameLength} characters`,
  ).optional(),
  email: text(emailLength, EMAIL, 'must be an e-mail address').nullable().optional(),
  plan: oneOf(['prepaid', 'monthly', 'metered']).optional(),
  credits: wholeNumber(0, credits).nullable().optional(),
  domains: z
    .array(z.string({ error: DOMAIN_ERROR }).max(300, { error: DOMAIN_ERROR }), { error: DOMAINS_ERROR })
    .max(1000, { error: DOMAINS_ERROR })
    .optional(),
  rateLimits: z
    .record(z.string().regex(ENDPOINT), wholeNumber(1, requests), { error: RATES_ERROR })
    .optional(),
  floor: range(floor.min, floor.max).nullable().optional(),
  formats: z
    .array(oneOf(KEY_FORMATS), { error: FORMATS_ERROR })
    .min(1, { error: FORMATS_ERROR })
    .nullable()
    .optional(),
  admin: z.boolean({ error: 'must be true or false' }).optional(),
  expiresAt: time.nullable().optional(),
});

export const newKey = changedKey.extend({
  name: changedKey.shape.name.unwrap(),
  parent: z.string({ error: "must be a key's id" }).nullable().optional(),
});

export const usageQuery = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  key: z.string().optional(),
});

const LIMIT_ERROR = 'must be a whole number from 1 to 1000';
/** Of a list that is read by the page. */
const page = {
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, { error: LIMIT_ERROR })
    .transform(Number)
    .default(100),
  after: z.string().refine(isPlace, { error: 'must be what the page before called next' }).optional(),
};

export const jobsQuery = z.strictObject({
  status: oneOf(JOB_STATUSES).optional(),
  key: z.string().optional(),
  dialect: z.string().optional(),
  ...page,
});

export const callbacksQuery = z.strictObject({ status: oneOf(CALLBACK_STATUSES).optional(), ...page });

export function keyBody({ parentId, ...key }: Key): object {
  return { ...key, parent: parentId };
}
