/**
 * Reads native requests: the key, the parameters, the image. Everything that is not understood is
 * refused by name, so that a typing error never passes silently.
 */
import type { z } from 'zod';
import { Problem } from '../../lib/problem.ts';
import type {
  FormFile,
  PixelFormat,
  Request,
  RequestHead,
  Submission,
  SubmissionOptions,
} from '../dialect.ts';
import { listedFormats, prefersImage } from './accept.ts';
import { type OptimizeParameters, optimizeParameters } from './parameters.ts';

/** What `POST /api/v1/optimize` asks for. */
export interface Asked {
  submission: Omit<Submission, 'secret'>;
  waitMs: number;
  /** Deliver the image itself rather than JSON about it. */
  image: boolean;
}

/** @throws Problem `unauthorized` */
export function readKey({ headers }: RequestHead): string {
  const secret = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (secret === undefined) {
    throw new Problem('unauthorized', 'Send an API key: `Authorization: Bearer KEY`.');
  }
  return secret;
}

/** @throws Problem `invalid-parameter`, naming the first parameter at fault. */
export function readParameters<Schema extends z.ZodObject>(
  schema: Schema,
  given: Record<string, string>,
): z.infer<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ') || 'none';
    const parameter = issue.keys[0]!;
    throw new Problem('invalid-parameter', `There is no parameter "${parameter}". Known: ${known}.`, {
      parameter,
    });
  }
  const parameter = String(issue.path[0]);
  const value = JSON.stringify(given[parameter]);
  throw new Problem('invalid-parameter', `${parameter} ${issue.message}; it was ${value}.`, { parameter });
}

/** Query parameters as one record; a repeated one counts as a list. */
export function queryOf({ query }: RequestHead): Record<string, string> {
  const names = new Set(query.keys());
  return Object.fromEntries([...names].map((name) => [name, query.getAll(name).join(',')]));
}

/**
 * The parameters are judged before the body is read. In a form, fields count like query parameters,
 * which win.
 * @throws Problem `invalid-parameter` | `malformed-body` | `body-too-large`
 */
export async function readOptimize(request: Request): Promise<Asked> {
  const query = queryOf(request);
  const parameters = readParameters(optimizeParameters, query);
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
    const about = toAsked(parameters, request.headers.accept);
    return about({ bytes: await request.bytes() });
  }
  const { fields, files } = await request.form();
  const { data, filename } = onlyFile(files);
  const all = readParameters(optimizeParameters, { ...fields, ...query });
  return toAsked(all, request.headers.accept)({ bytes: data, filename });
}

function onlyFile(files: FormFile[]): FormFile {
  const [file, second] = files;
  if (file?.name === 'file' && second === undefined) return file;
  throw new Problem(
    'invalid-parameter',
    'A form must carry exactly one image, in a file part named "file".',
    {
      parameter: 'file',
    },
  );
}

function toAsked(
  parameters: OptimizeParameters,
  accept: string | undefined,
): (source: Submission['source']) => Asked {
  const { respond, wait, gate } = parameters;
  const image = respond === undefined ? prefersImage(accept) : respond === 'image';
  // A caller who lists image types one by one can show no others.
  const listed = image ? listedFormats(accept) : [];
  const options = toOptions(parameters, listed);
  return (source) => ({
    submission: { source, options, accept: gate, charge: true },
    waitMs: wait * 1000,
    image,
  });
}

/** @param listed formats that a header accepts, where no parameter says more. */
function toOptions(parameters: OptimizeParameters, listed: PixelFormat[]): SubmissionOptions {
  const { format, accept, crop, width, height, fit, gravity, gate, respond, wait, background, ...asked } =
    parameters;
  const targets = format ?? (listed.length > 0 ? ['auto' as const] : ['same' as const]);
  const [x, y, partWidth, partHeight] = crop ?? [];
  return {
    ...asked,
    targets: [...new Set(targets)],
    formats: accept ?? (listed.length > 0 ? listed : undefined),
    crop: crop && { x: x!, y: y!, width: partWidth!, height: partHeight! },
    resize: readResize(parameters),
    background: background && `#${background.replace('#', '').toLowerCase()}`,
  };
}

/** @throws Problem `invalid-parameter` when a parameter lacks the one that it goes with. */
function readResize({ width, height, fit, gravity }: OptimizeParameters): SubmissionOptions['resize'] {
  if (gravity && fit !== 'cover')
    throw new Problem('invalid-parameter', 'gravity goes with fit=cover.', { parameter: 'gravity' });
  if (width === undefined && height === undefined) {
    if (!fit) return undefined;
    throw new Problem('invalid-parameter', 'fit goes with width, height or both.', { parameter: 'fit' });
  }
  return { width, height, fit: fit ?? 'inside', gravity };
}
