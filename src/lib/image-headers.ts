/** How a stored image is announced over HTTP: its media type, and what keeps a browser from running what a drawing may hold. */

/** Where the media type is not `image/` and the format's name. */
const MEDIA_TYPES: Record<string, string> = { svg: 'image/svg+xml', pdf: 'application/pdf' };

/**
 * A drawing may have scripts in it, which must not run in this server's origin when its address is opened as a page: it may
 * show itself and what it holds, nothing more.
 */
const NOTHING_RUNS = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

export function imageHeaders(format: string, bytes: Uint8Array): Record<string, string> {
  const type = { 'content-type': MEDIA_TYPES[format] ?? `image/${format}` };
  if (format !== 'svg') return type;
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return {
    ...type,
    'content-security-policy': NOTHING_RUNS,
    ...(isPacked && { 'content-encoding': 'gzip' }),
  };
}
