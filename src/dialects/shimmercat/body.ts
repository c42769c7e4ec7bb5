/**
 * The two ways to write a request: JSON with the image in base64 (API guide), or a multipart form of the JSON and the
 * image (SDK). The form's parts have names by which none can be told, or none at all, depending on the SDK's HTTP
 * library; their types tell them apart.
 */
import { Problem } from '../../lib/problem.ts';
import type { Request } from '../dialect.ts';

export interface Body {
  record: unknown;
  /** Null where there is none, or an empty one. */
  image: Uint8Array | null;
}

/** Of the JSON beside an image; without one the image is in it. */
const LARGEST_RECORD_BYTES = 64 << 10;

/** @throws Problem `malformed-body` | `body-too-large` | `invalid-parameter` */
export async function readBody(request: Request): Promise<Body> {
  if (/^multipart\//i.test(request.headers['content-type'] ?? '')) return readForm(request);
  const record = parse(await request.bytes());
  return { record, image: decode((record as { file?: unknown } | null)?.file) };
}

async function readForm(request: Request): Promise<Body> {
  const parts = await request.parts();
  const json = parts.find(({ type }) => type === 'application/json');
  if (!json) throw new Problem('malformed-body', 'The form has no part of type application/json.');
  if (json.data.length > LARGEST_RECORD_BYTES)
    throw new Problem('malformed-body', `The form's JSON is larger than ${LARGEST_RECORD_BYTES} bytes.`);
  const image = parts.find((part) => part !== json)?.data;
  return { record: parse(json.data), image: image?.length ? image : null };
}

/**
 * The guide has `base64` make the text, which breaks lines on Linux, and a shell put it between quotes: line ends within a
 * string, which JSON forbids. Where they stand in the way they are left out; nothing else changes its meaning by it.
 */
function parse({ buffer, byteOffset, length }: Uint8Array): unknown {
  const text = Buffer.from(buffer, byteOffset, length).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return parseUnbroken(text);
  }
}

function parseUnbroken(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll(/[\r\n]/g, ''));
  } catch {
    throw new Problem('malformed-body', 'The request holds no valid JSON.');
  }
}

/** Line ends are let pass, as `base64` writes them. Node leaves out what is no base64, so less comes out of it than should. */
function decode(file: unknown): Uint8Array | null {
  if (file === undefined || file === null || file === '') return null;
  if (typeof file === 'string') {
    for (const text of [file, file.replaceAll(/\s/g, '')]) {
      const bytes = Buffer.from(text, 'base64');
      if (bytes.length > 0 && bytes.length === Buffer.byteLength(text, 'base64')) return bytes;
    }
  }
  throw new Problem('invalid-parameter', 'file: must be an image in base64.', { parameter: 'file' });
}
