/**
 * Reads a multipart form into memory. The caller bounds the bytes; this file bounds the parts.
 * Real uploaders are careless at the edges (no line end after the last boundary, parts without a
 * name, `multipart/mixed`), so whatever still gives exact files is accepted.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import type { Form, FormFile } from '../dialects/dialect.ts';
import { Problem } from '../lib/problem.ts';

const LIMITS = { parts: 1000, fields: 500, files: 200, fieldSize: 1 << 20 };

/**
 * @param chunks the raw body, already bounded.
 * @param contentType the request's Content-Type, with its boundary.
 * @throws Problem `malformed-body`, or whatever `chunks` throws.
 */
export async function readMultipart(chunks: AsyncIterable<Uint8Array>, contentType: string): Promise<Form> {
  const form: Form = { fields: Object.create(null), files: [] };
  const parser = createParser(contentType);
  const refuse = (sentence: string) => parser.destroy(new Problem('malformed-body', sentence));

  parser.on('field', (name: string | undefined, value, { valueTruncated }) => {
    if (valueTruncated) refuse(`The form field ${name} is larger than ${LIMITS.fieldSize} bytes.`);
    else if (name !== undefined) form.fields[name] = value;
  });
  parser.on('file', (name: string | undefined, stream, { filename }: { filename?: string }) => {
    const file: FormFile = { name: name ?? '', filename: filename ?? '', data: new Uint8Array() };
    form.files.push(file);
    collect(stream, file, (error) => parser.destroy(error));
  });
  for (const limit of ['partsLimit', 'fieldsLimit', 'filesLimit'] as const) {
    parser.once(limit, () => refuse('The form has too many parts.'));
  }

  try {
    await pipeline(chunks, parser);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('malformed-body', 'The multipart form is cut short or broken.', { cause });
  }
  return form;
}

function createParser(contentType: string): busboy.Busboy {
  try {
    return busboy({
      // busboy reads form-data only; the parts of `multipart/mixed` are written the same way.
      headers: { 'content-type': contentType.replace(/^multipart\/[^;\s]*/i, 'multipart/form-data') },
      preservePath: true,
      defParamCharset: 'utf8',
      limits: LIMITS,
    });
  } catch (cause) {
    throw new Problem('malformed-body', 'The multipart content type names no boundary.', { cause });
  }
}

function collect(stream: Readable, file: FormFile, fail: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.once('error', fail);
  stream.once('end', () => {
    file.data = Buffer.concat(chunks);
  });
}
