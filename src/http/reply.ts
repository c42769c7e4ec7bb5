/**
 * Writes a dialect's reply to the wire: always with its length, never chunked, so that HTTP/1.0
 * clients can read it too. What it says is left to the dialect.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from '../dialects/dialect.ts';
import { within } from '../lib/clock.ts';

/** How long a client that is still sending is listened to after it was answered. */
const LINGER_MS = 2000;

/** @param closing true when the client may still be sending: the connection then ends with this reply. */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  closing: boolean,
): Promise<void> {
  if (response.destroyed) return;
  const { type, body } = encode(reply);
  const bodyless = reply.status === 204 || reply.status === 304;
  response.statusCode = reply.status;
  response.setHeader('x-content-type-options', 'nosniff');
  if (!bodyless) response.setHeader('content-type', type).setHeader('content-length', body.length);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const shown = bodyless || request.method === 'HEAD' ? new Uint8Array() : body;
  if (!closing) return void response.end(shown);
  response.setHeader('connection', 'close').flushHeaders();
  if (shown.length > 0) response.write(shown);
  await linger(request, response);
}

function encode(reply: Reply): { type: string; body: Uint8Array } {
  if (reply.bytes) return { type: 'application/octet-stream', body: reply.bytes };
  if (reply.text !== undefined) return { type: 'text/plain; charset=utf-8', body: Buffer.from(reply.text) };
  if (reply.json === undefined) return { type: 'text/plain; charset=utf-8', body: new Uint8Array() };
  return { type: 'application/json; charset=utf-8', body: Buffer.from(JSON.stringify(reply.json)) };
}

/**
 * Closing a socket with unread bytes resets it, and the reset may overtake the answer. So the
 * answer goes out with our half of the connection closed behind it, and what still arrives is thrown
 * away until the client closes its half or time is up.
 */
async function linger(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const closed = new Promise<void>((resolve) => void response.once('close', resolve));
  response.socket?.end();
  request.resume();
  await within(LINGER_MS, closed);
  response.destroy();
}
