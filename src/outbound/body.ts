/** A response's body, whole and plain: at most so many bytes as they come and as many once they are unpacked. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { OutboundFailure } from './failure.ts';

/**
 * @param headers by lower-case name.
 * @throws OutboundFailure `too-large`, `truncated` or `encoding`.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  headers: Record<string, string>,
  maxBytes: number,
): Promise<Uint8Array> {
  if (Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  const packed = await collect(body, maxBytes);
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  return encoding === 'identity' || packed.length === 0 ? packed : unpack(packed, encoding, maxBytes);
}

async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof OutboundFailure) throw error;
    throw new OutboundFailure('truncated', 'The connection ended before the response was complete.', error);
  }
  return Buffer.concat(chunks, sizeBytes);
}

const UNPACKERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
  rawDeflate: promisify(inflateRaw),
};

/** Requests ask for `identity`; some origins compress all the same. */
async function unpack(packed: Uint8Array, encoding: string, maxBytes: number): Promise<Uint8Array> {
  const unpacker = unpackerOf(packed, encoding);
  if (!unpacker) throw new OutboundFailure('encoding', 'The response has an unknown content encoding.');
  try {
    return await unpacker(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes, error);
    if (code === 'Z_BUF_ERROR') throw new OutboundFailure('truncated', 'The response is cut off.', error);
    throw new OutboundFailure('encoding', 'The response cannot be unpacked.', error);
  }
}

/** RFC 9110 means zlib's format by `deflate`; some origins send it bare, and its first byte tells (RFC 1950). */
function unpackerOf(packed: Uint8Array, encoding: string) {
  if (encoding === 'deflate') return (packed[0]! & 15) === 8 ? UNPACKERS.deflate : UNPACKERS.rawDeflate;
  return Object.hasOwn(UNPACKERS, encoding) && encoding !== 'rawDeflate'
    ? UNPACKERS[encoding as keyof typeof UNPACKERS]
    : undefined;
}

function tooLarge(maxBytes: number, cause?: unknown): OutboundFailure {
  return new OutboundFailure('too-large', `The response has more than ${maxBytes} bytes.`, cause);
}
