/**
 * The body of one request, read lazily and never beyond the limit. What a form's parts look like is
 * left to `multipart.ts`; what the bytes mean is left to the dialect.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Form, FormPart } from '../dialects/dialect.ts';
import { Problem } from '../lib/problem.ts';
import { addField, readMultipart, readParts } from './multipart.ts';

/** An unread body up to this size is swallowed to keep the connection; a larger one costs the connection. */
const SWALLOWED_BYTES = 64 << 10;
/** Far more than any client's options; files travel as multipart or raw. */
const URLENCODED_BYTES = 1 << 20;

export interface Body {
  /** @throws Problem `body-too-large` | `malformed-body` */
  bytes(): Promise<Uint8Array>;
  /** @throws Problem `body-too-large` | `malformed-body` */
  form(): Promise<Form>;
  /** @throws Problem `body-too-large` | `malformed-body` */
  parts(): Promise<FormPart[]>;
  /** True while the client may still be sending a body that nobody is going to read. */
  unread(): boolean;
}

/**
 * Nothing is read, and a client that asked first (`Expect: 100-continue`) is not told to go on,
 * before `bytes`, `form` or `parts` is called. Call one of them, once.
 * @param maxBytes largest accepted body, a form's wrapping included.
 */
export function openBody(request: IncomingMessage, response: ServerResponse, maxBytes: number): Body {
  let asked = false;
  const read = (limit: number) => {
    refuseDeclaredLength(request, limit);
    if (expectsContinue(request) && !asked) response.writeContinue();
    asked = true;
    return limited(request, limit);
  };
  return {
    bytes: async () => join(read(maxBytes)),
    form: async () => {
      const type = request.headers['content-type'] ?? '';
      if (/^multipart\//i.test(type)) return readMultipart(read(maxBytes), type);
      return readUrlencoded(read(Math.min(maxBytes, URLENCODED_BYTES)), type);
    },
    parts: async () => readParts(read(maxBytes), request.headers['content-type'] ?? ''),
    unread: () => {
      if (request.complete || !hasBody(request)) return false;
      return asked || expectsContinue(request) || !(declaredBytes(request) <= SWALLOWED_BYTES);
    },
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** NaN where the length is not declared. */
function declaredBytes({ headers }: IncomingMessage): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length']) : Number.NaN;
}

function expectsContinue(request: IncomingMessage): boolean {
  return request.httpVersion !== '1.0' && /100-continue/i.test(request.headers.expect ?? '');
}

function refuseDeclaredLength(request: IncomingMessage, limit: number): void {
  if (declaredBytes(request) > limit) throw tooLarge(limit);
}

function tooLarge(limit: number): Problem {
  return new Problem(
    'body-too-large',
    `The request body is larger than ${limit} bytes, the most this server takes.`,
  );
}

async function* limited(request: IncomingMessage, limit: number): AsyncGenerator<Buffer> {
  let seen = 0;
  try {
    // Destroying the request would destroy the connection, and the refusal with it.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      seen += chunk.length;
      if (seen > limit) throw tooLarge(limit);
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('malformed-body', 'The connection ended before the whole body had arrived.', { cause });
  }
}

async function join(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A body without a content type counts as urlencoded; an empty one is an empty form, whatever its type. */
async function readUrlencoded(chunks: AsyncIterable<Buffer>, type: string): Promise<Form> {
  const body = await join(chunks);
  if (body.length > 0 && type !== '' && !/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new Problem(
      'malformed-body',
      'The body must be a form: multipart/form-data or application/x-www-form-urlencoded.',
    );
  }
  const form: Form = { fields: Object.create(null), files: [] };
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) addField(form, name, value);
  return form;
}
