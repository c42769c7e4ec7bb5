/**
 * Reads a multipart form into memory. The caller bounds the bytes; this file bounds the parts.
 * Real uploaders are careless at the edges (no line end after the last boundary, parts without a
 * name, `multipart/mixed`), so whatever still gives exact files is accepted.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import type { Form, FormFile, FormPart } from '../dialects/dialect.ts';
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
  parser.on('field', (name: string | undefined, value, { valueTruncated }) => {
    if (valueTruncated) refuse(parser, `The form field ${name} is larger than ${LIMITS.fieldSize} bytes.`);
    else if (name !== undefined) addField(form, name, value);
  });
  parser.on('file', (name: string | undefined, stream, { filename }: { filename?: string }) => {
    const file: FormFile = { name: name ?? '', filename: filename ?? '', data: new Uint8Array() };
    form.files.push(file);
    collect(stream, file, parser);
  });
  await feed(chunks, parser);
  return form;
}

/** A name that ends in `[]` is one that is meant to be repeated. */
export function addField(form: Form, name: string, value: string): void {
  form.fields[name] = value;
  if (!name.endsWith('[]')) return;
  form.lists ??= Object.create(null) as Record<string, string[]>;
  const list = name.slice(0, -2);
  form.lists[list] = [...(form.lists[list] ?? []), value];
}

/** Every part with its exact bytes, in the order sent, whatever it is called. Arguments and errors as above. */
export async function readParts(chunks: AsyncIterable<Uint8Array>, contentType: string): Promise<FormPart[]> {
  const parts: FormPart[] = [];
  const parser = createParser(contentType);
  parser.on('file', (_name, stream, { mimeType }) => {
    const part: FormPart = { type: mimeType, data: new Uint8Array() };
    parts.push(part);
    collect(stream, part, parser);
  });
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]*)"|([^\s;]+))/i.exec(contentType) ?? [];
  await feed(asFiles(chunks, quoted ?? bare ?? ''), parser);
  return parts;
}

async function feed(chunks: AsyncIterable<Uint8Array>, parser: busboy.Busboy): Promise<void> {
  for (const limit of ['partsLimit', 'fieldsLimit', 'filesLimit'] as const) {
    parser.once(limit, () => refuse(parser, 'The form has too many parts.'));
  }
  try {
    await pipeline(chunks, parser);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('malformed-body', 'The multipart form is cut short or broken.', { cause });
  }
}

function refuse(parser: busboy.Busboy, sentence: string): void {
  parser.destroy(new Problem('malformed-body', sentence));
}

/**
 * The body with a Content-Disposition of our own in front of every part's headers. busboy passes over parts that have
 * none and reads as text what is not called a file; of several it takes the first.
 */
async function* asFiles(chunks: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<Uint8Array> {
  const delimiter = Buffer.from(`\r\n--${boundary}\r\n`);
  // The first delimiter of a body may lack the line end in front.
  let held: Uint8Array = Buffer.from('\r\n');
  for await (const chunk of chunks) {
    let rest = Buffer.concat([held, chunk]);
    for (let at = rest.indexOf(delimiter); at >= 0; at = rest.indexOf(delimiter)) {
      yield rest.subarray(0, at + delimiter.length);
      yield Buffer.from('Content-Disposition: form-data; filename="part"\r\n');
      rest = rest.subarray(at + delimiter.length);
    }
    const safe = Math.max(0, rest.length - delimiter.length + 1);
    if (safe > 0) yield rest.subarray(0, safe);
    held = rest.subarray(safe);
  }
  yield held;
}

function createParser(contentType: string): busboy.Busboy {
  if (!/^multipart\//i.test(contentType))
    throw new Problem('malformed-body', 'The body must be multipart/form-data.');
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

function collect(stream: Readable, file: { data: Uint8Array }, parser: busboy.Busboy): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.once('error', (error) => parser.destroy(error));
  stream.once('end', () => {
    file.data = Buffer.concat(chunks);
  });
}
