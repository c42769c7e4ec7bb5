/**
 * The native API's vocabulary as schemas: the same ones validate requests, type the replies and
 * generate the OpenAPI document.
 */
import { z } from 'zod';
import { readDecimal } from '../../lib/decimal.ts';
import { PROBLEM_CODES } from '../../lib/problem.ts';
import { REPORT_TYPE } from '../../lib/report.ts';

export const FORMATS = ['jpeg', 'png', 'webp', 'avif'] as const;
const METADATA_POLICIES = ['none', 'copyright', 'private-stripped', 'all'] as const;
const FITS = ['inside', 'outside', 'cover'] as const;
const GRAVITIES = [
  'centre',
  'smart',
  'top',
  'top-right',
  'right',
  'bottom-right',
  'bottom',
  'bottom-left',
  'left',
  'top-left',
] as const;
const TURNS = ['90', '180', '270', 'flop', 'flip', 'transpose', 'transverse'] as const;
export const DEFAULT_WAIT_SECONDS = 30;

// --- Parameters: strings on the wire, values here --------------------------------------------------

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** An empty string is no number: a forgotten shell variable must not turn into a default. */
function between(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  const toNumber = (value: unknown) => (typeof value === 'string' ? readDecimal(value) : value);
  return z.preprocess(toNumber, z.number({ error }).min(min, { error }).max(max, { error }));
}

function listOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  const words = (value: unknown) =>
    typeof value === 'string'
      ? value.split(',').map((word) => (word.trim() === 'jpg' ? 'jpeg' : word.trim()))
      : value;
  const item = z.enum(values, {
    error: `must list one or more of ${values.join(', ')}, separated by commas`,
  });
  return z.preprocess(words, z.array(item).min(1));
}

const wait = (defaultSeconds: number) =>
  between(0, 120)
    .default(defaultSeconds)
    .describe('Seconds to wait for the job to end before it is answered as it stands.');

/** What `POST /api/v1/optimize` understands, in its query or as fields of its form. Nothing else is let pass. */
export const optimizeParameters = z.strictObject({
  fidelity: oneOf(['lossless', 'glossy', 'lossy'])
    .default('lossy')
    .describe('lossless keeps coefficients or pixels; glossy and lossy differ in their floor.'),
  format: listOf(['same', 'auto', ...FORMATS])
    .optional()
    .describe(
      'What to produce, one output each. same (the default) keeps the format, auto takes the smallest of those accepted.',
    ),
  accept: listOf(FORMATS)
    .optional()
    .describe('The formats that auto may choose among. Default: all, or what the Accept header lists.'),
  floor: between(50, 95)
    .optional()
    .describe(
      'Lowest SSIMULACRA 2.1 score, of the whole image and of its worst tile, that may be delivered.',
    ),
  metadata: oneOf(['none', 'all'])
    .default('none')
    .describe(
      'none drops what is not needed to show the image as it was; all keeps EXIF, XMP, IPTC and profile.',
    ),
  respond: oneOf(['json', 'image'])
    .optional()
    .describe('image delivers the smallest output itself. Default: by the Accept header.'),
  wait: wait(DEFAULT_WAIT_SECONDS),
});
export type OptimizeParameters = z.infer<typeof optimizeParameters>;

export const jobParameters = z.strictObject({ wait: wait(0) });
export const heatmapParameters = z.strictObject({
  output: z
    .preprocess(
      (value) => (typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value),
      z.int({ error: 'must be a whole number, 0 for the first output' }).min(0),
    )
    .default(0)
    .describe("Which of the job's outputs to show, counted from 0."),
});
export const noParameters = z.strictObject({});

// --- Replies ---------------------------------------------------------------------------------------

const count = z.int().nonnegative();
const sha256 = z.string().describe('SHA-256 of the bytes, in hexadecimal.');
const format = z.enum(FORMATS);
const rectangle = z.object({ x: count, y: count, width: count, height: count });

const input = z.object({
  bytes: count,
  width: count.nullable(),
  height: count.nullable(),
  format: z.string().nullable().describe('Null when the bytes are no image that is known.'),
  sha256,
});

const measured = z.object({
  format,
  bytes: count,
  width: count,
  height: count,
  frames: count.describe('Frames of an animation, pages of a document; 1 of a still image.'),
  sha256,
  score: z.number().describe('SSIMULACRA 2.1 against the original; 100 when nothing differs.'),
  worstTile: rectangle.extend({ score: z.number() }),
  encoder: z.string(),
  quality: z.number().nullable().describe("The encoder's setting; null for a lossless result."),
});

const output = measured.extend({
  url: z.string().describe('Download address; works without a key and expires.'),
});

export const job = z.object({
  id: z.string(),
  status: z.enum(['queued', 'running', 'done', 'declined', 'failed']),
  reason: z.string().optional().describe('Why it was declined or failed.'),
  detail: z.string().optional().describe('A sentence about the reason.'),
  input,
  outputs: z.array(output),
});
export type JobBody = z.infer<typeof job>;

const signature = z
  .object({
    algorithm: z.literal('Ed25519'),
    key: z.string().describe('Id of the key (RFC 7638); /.well-known/keeneye-keys.json lists it.'),
    jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
    value: z.string().describe('The signature in base64url.'),
  })
  .describe('Over the canonical form (RFC 8785) of all other members.');

/** What each output was asked to be, as the engine was asked. */
const asked = z.object({
  targets: z.array(z.enum(['same', 'auto', ...FORMATS])).optional(),
  formats: z.array(format).optional(),
  fidelity: z.enum(['lossless', 'glossy', 'lossy']).optional(),
  floor: z.number().optional(),
  metadata: z.enum(METADATA_POLICIES).optional(),
  cmyk: z.enum(['convert', 'keep']).optional(),
  effort: z.enum(['fast', 'usual', 'thorough']).optional(),
  upright: z.boolean().optional(),
  sanitize: z.boolean().optional(),
  frames: z.enum(['all', 'first']).optional(),
  crop: rectangle.optional(),
  resize: z
    .object({
      width: count.optional(),
      height: count.optional(),
      fit: z.enum(FITS),
      gravity: z.enum(GRAVITIES).optional(),
    })
    .optional(),
  turn: z.enum(TURNS).optional(),
  background: z.string().optional(),
  quality: z.number().optional(),
});

/** The estimates are missing in reports on results that were made before they were measured. */
const proved = measured.extend({
  iwssim: z.number().nullable().optional().describe('IW-SSIM; null for images too small for it.'),
  jnd: z
    .object({ value: z.number(), spread: z.number().describe('Standard deviation to expect.') })
    .optional()
    .describe('Estimated just noticeable differences.'),
  visibleProbability: z
    .number()
    .optional()
    .describe('Estimated probability that a careful viewer sees any difference.'),
  evaluations: count.describe('Candidates that the metric judged.'),
});

export const report = z.object({
  type: z.literal(REPORT_TYPE),
  job: z.string(),
  status: z.enum(['done', 'declined']),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  engine: z.string().nullable().describe('Engine, encoders and their versions.'),
  fidelity: z.string().nullable(),
  floor: z
    .number()
    .nullable()
    .describe('The floor that was asked for and, with gate smaller, held; null for lossless work.'),
  gate: z
    .enum(['smaller', 'any'])
    .describe('any: the caller took what came, larger than the original or below the floor.'),
  options: asked.describe('What was asked for, defaults filled in.'),
  input,
  outputs: z.array(proved),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  engineMs: z.number().nullable().describe('How long the engine worked, in milliseconds.'),
  signature,
});
export type ReportBody = z.infer<typeof report>;

export const account = z.object({
  name: z.string(),
  creditsLeft: z.number().nullable().describe('Null when the key is not limited.'),
  creditsUsed: z.number(),
});
export type AccountBody = z.infer<typeof account>;

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(PROBLEM_CODES),
  parameter: z.string().optional().describe('The parameter at fault.'),
  job: z.string().optional().describe('The job that the problem speaks of.'),
});
export type ProblemBody = z.infer<typeof problem>;
