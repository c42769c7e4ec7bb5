/** What the native API answers, as schemas: they type the replies and generate the OpenAPI document. */
import { z } from 'zod';
import { PROBLEM_CODES } from '../../lib/problem.ts';
import { REPORT_TYPE } from '../../lib/report.ts';
import {
  CMYK,
  EFFORTS,
  FIDELITIES,
  FITS,
  FORMATS,
  FRAMES,
  GATES,
  GRAVITIES,
  METADATA_POLICIES,
  RESULT_FORMATS,
  TURNS,
} from './words.ts';

const count = z.int().nonnegative();
const sha256 = z.string().describe('SHA-256 of the bytes, in hexadecimal.');
const format = z.enum(RESULT_FORMATS);
const rectangle = z.object({ x: count, y: count, width: count, height: count });

const input = z.object({
  bytes: count.nullable().describe('Null until a source that is to be fetched has been.'),
  width: count.nullable(),
  height: count.nullable(),
  format: z.string().nullable().describe('Null when the bytes are no image that is known.'),
  sha256: sha256.nullable(),
});

const measured = z.object({
  format,
  bytes: count,
  width: count,
  height: count,
  frames: count.describe('Frames of an animation, pages of a document; 1 of a still image.'),
  sha256,
  score: z.number().describe('SSIMULACRA 2.1 against the original; 100 when nothing differs.'),
  worstTile: rectangle.extend({
    score: z.number(),
    image: z
      .object({ page: z.int().nullable(), object: z.int() })
      .optional()
      .describe(
        'Of a PDF, the image that the tile is part of: the first page that leads to it, and its object.',
      ),
  }),
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
  formats: z.array(z.enum(FORMATS)).optional(),
  fidelity: z.enum(FIDELITIES).optional(),
  floor: z.number().optional(),
  metadata: z.enum(METADATA_POLICIES).optional(),
  cmyk: z.enum(CMYK).optional(),
  effort: z.enum(EFFORTS).optional(),
  upright: z.boolean().optional(),
  sanitize: z.boolean().optional(),
  imageDpi: count.optional(),
  frames: z.enum(FRAMES).optional(),
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
  colours: z.number().optional(),
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
    .describe(
      'The floor that was asked for and, with gate smaller, held; null for lossless work. 90 where lossless and resized, in a format that cannot hold the new pixels exactly.',
    ),
  gate: z
    .enum(GATES)
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
