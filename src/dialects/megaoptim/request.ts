/** Reads what the vendor's clients send: the key, the form of an optimization, how long to wait. What is to be optimized is left to `resources.ts`. */
import { FIDELITY_LEVELS } from '../../lib/fidelity-levels.ts';
import { Problem } from '../../lib/problem.ts';
import type { Form, NewBatch, Request, RequestHead, SubmissionOptions } from '../dialect.ts';
import { invalid, readAddress, readChoice, readFlag, readPixels } from './fields.ts';
import { readSources } from './resources.ts';

const COMPRESSIONS = {
  ultra: FIDELITY_LEVELS.strongest,
  intelligent: FIDELITY_LEVELS.balanced,
  lossless: FIDELITY_LEVELS.lossless,
} as const;

/** No tokens are taken for an image that got at most this much smaller (the plugin's readme). */
export const FREE_UP_TO = 0.05;

const DEFAULT_TIMEOUT_SECONDS = 120;
/** As long as the Python client waits; the Node client means to. */
const LONGEST_TIMEOUT_SECONDS = 300;

/** @throws Problem `unauthorized` when there is no key. */
export function readKey({ headers }: RequestHead): string {
  const secret = headers['x-api-key']?.trim();
  if (!secret) throw new Problem('unauthorized', 'The request has no API key in its X-API-KEY header.');
  return secret;
}

/** @throws Problem `invalid-parameter` | `malformed-body` | `body-too-large` */
export async function readOptimize(request: Request): Promise<Omit<NewBatch, 'secret'>> {
  const form = await readForm(request);
  const url = readAddress(form.fields, 'callback_url');
  const options = readOptions(form);
  const submissions = readSources(form).map((source) => ({
    source,
    options,
    accept: 'smaller' as const,
    charge: true,
    freeUpTo: FREE_UP_TO,
    keepSource: true,
  }));
  return { submissions, ...(url !== undefined && { callback: { url, origin: request.origin } }) };
}

/**
 * From the query, where all clients put it, or the body. The Node client writes `?timeout300`, which says nothing.
 * @throws Problem `invalid-parameter` | `malformed-body` | `body-too-large`
 */
export async function readTimeoutMs(request: Request): Promise<number> {
  const asked = request.query.get('timeout') ?? (await readForm(request)).fields.timeout;
  const text = asked?.trim() || String(DEFAULT_TIMEOUT_SECONDS);
  if (!/^\d+(\.\d+)?$/.test(text)) throw invalid('timeout', 'must be a number of seconds');
  return Math.min(Number(text), LONGEST_TIMEOUT_SECONDS) * 1000;
}

async function readForm(request: Request): Promise<Form> {
  if (/\bjson\b/i.test(request.headers['content-type'] ?? '')) {
    const sentence = "JSON encoded parameters aren't supported; send multipart/form-data or urlencoded.";
    throw new Problem('malformed-body', sentence);
  }
  return request.form();
}

function readOptions({ fields }: Form): SubmissionOptions {
  const compression = readChoice(fields, 'compression', Object.keys(COMPRESSIONS)) ?? 'intelligent';
  return {
    ...COMPRESSIONS[compression as keyof typeof COMPRESSIONS],
    targets: readFlag(fields, 'webp', false) ? ['same', 'webp'] : ['same'],
    metadata: readFlag(fields, 'keep_exif', false) ? 'all' : 'none',
    cmyk: readFlag(fields, 'cmyktorgb', true) ? 'convert' : 'keep',
    ...readResize(fields),
  };
}

/**
 * "If max_height and max_width are specified the image will be resized to the bigger one of them" (the Node
 * client's readme): the larger number counts and the other is ignored. Of two equal ones both hold.
 */
function readResize(fields: Form['fields']): Pick<SubmissionOptions, 'resize'> {
  const width = readPixels(fields, 'max_width');
  const height = readPixels(fields, 'max_height');
  if (width === 0 && height === 0) return {};
  if (width === height) return { resize: { width, height, fit: 'inside' } };
  return { resize: { ...(width > height ? { width } : { height }), fit: 'inside' } };
}
