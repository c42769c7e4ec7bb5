/**
 * Reads native requests: the key, the parameters, the image. Everything that is not understood is
 * refused by name, so that a typing error never passes silently.
 */
import type { z } from 'zod';
import { Problem } from '../../lib/problem.ts';
import type { FormFile, Request, RequestHead, Submission } from '../dialect.ts';
import { listedFormats, prefersImage } from './accept.ts';
import { type OptimizeParameters, optimizeParameters } from './schema.ts';

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
    return toAsked(parameters, { bytes: await request.bytes() }, request.headers.accept);
  }
  const { fields, files } = await request.form();
  const { data, filename } = onlyFile(files);
  const all = readParameters(optimizeParameters, { ...fields, ...query });
  return toAsked(all, { bytes: data, filename }, request.headers.accept);
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
  { fidelity, format, accept: formats, floor, metadata, respond, wait }: OptimizeParameters,
  source: Submission['source'],
  accept: string | undefined,
): Asked {
  const image = respond === undefined ? prefersImage(accept) : respond === 'image';
  // A caller who lists image types one by one can show no others.
  const listed = image ? listedFormats(accept) : [];
  const targets = format ?? (listed.length > 0 ? ['auto' as const] : ['same' as const]);
  const choice = formats ?? (listed.length > 0 ? listed : undefined);
  const options = { targets: [...new Set(targets)], formats: choice, fidelity, floor, metadata };
  return { submission: { source, options, accept: 'smaller', charge: true }, waitMs: wait * 1000, image };
}
