/**
 * Turns what Node says of a request into the neutral head that dialects see.
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHead } from '../dialects/dialect.ts';

/** A host name or address with an optional port; anything else must not end up in a link. */
const AUTHORITY = /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * @param params the path's decoded `:name` segments.
 * @param publicUrl base of every link handed out; null to use the Host header. Forwarding headers are
 * never believed: behind a proxy that changes the host, set the public URL.
 */
export function readHead(
  request: IncomingMessage,
  params: Record<string, string>,
  publicUrl: string | null,
): RequestHead {
  const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
  return {
    method: request.method ?? 'GET',
    path,
    params,
    query: new URLSearchParams(query),
    headers: flatten(request.headers),
    origin: publicUrl?.replace(/\/+$/, '') ?? `${scheme(request)}://${authority(request)}`,
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function scheme({ socket }: IncomingMessage): string {
  return 'encrypted' in socket ? 'https' : 'http';
}

function authority({ headers, socket }: IncomingMessage): string {
  if (headers.host !== undefined && AUTHORITY.test(headers.host)) return headers.host;
  const address = socket.localAddress ?? '127.0.0.1';
  return `${address.includes(':') ? `[${address}]` : address}:${socket.localPort ?? 80}`;
}
