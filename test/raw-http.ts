/** Requests written by hand, for what no HTTP client would send; and forms as careless clients write them. */
import { connect, type Socket } from 'node:net';

export interface RawReply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A connection on which the test writes what it wants. `ended` holds all that came back. */
export function openSocket(url: string): { socket: Socket; ended: Promise<Buffer> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A server that closes early resets the rest of an upload; what it said before counts.
  socket.on('error', () => socket.destroy());
  const ended = new Promise<Buffer>((resolve) => {
    socket.once('close', () => resolve(Buffer.concat(chunks)));
  });
  return { socket, ended };
}

/** Sends bytes and reads until the server closes; so `bytes` should ask for that. Interim 100 replies are skipped. */
export async function exchangeRaw(url: string, ...bytes: (string | Uint8Array)[]): Promise<RawReply> {
  const { socket, ended } = openSocket(url);
  for (const part of bytes) socket.write(part);
  return parseReply(await ended);
}

/** The same for a server that keeps the connection: reads as much as the reply says that there is of it. */
export function exchangeKept(url: string, ...bytes: (string | Uint8Array)[]): Promise<RawReply> {
  const { socket, ended } = openSocket(url);
  let read = Buffer.alloc(0);
  const whole = new Promise<RawReply>((resolve) => {
    socket.on('data', (chunk) => {
      read = Buffer.concat([read, chunk]);
      const reply = replyIn(read);
      if (reply && reply.body.length >= Number(reply.headers['content-length'] ?? 0)) resolve(reply);
    });
  });
  for (const part of bytes) socket.write(part);
  return Promise.race([whole, ended.then(parseReply)]).finally(() => socket.destroy());
}

export function parseReply(bytes: Buffer): RawReply {
  const reply = replyIn(bytes);
  if (!reply) throw new Error(`no whole reply: ${JSON.stringify(bytes.toString('latin1'))}`);
  return reply;
}

/** Null where its head is not there yet. */
function replyIn(bytes: Buffer): RawReply | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const body = bytes.subarray(end + 4);
  if (status === 100) return replyIn(body);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status, headers: Object.fromEntries(headers), body };
}

/** A part of a form: a field, or a file when `data` is bytes. */
export interface Part {
  name: string;
  data: string | Uint8Array;
  filename?: string;
}

const BOUNDARY = '25DFtYcFM5EQKMan1wOJdUjL';

/** `careless` ends the form as some uploaders do: without a line end after the boundary that follows the last file. */
export function formBody(parts: Part[], careless = false): { type: string; body: Buffer } {
  const pieces = parts.flatMap(({ name, data, filename }) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? '\r\n\r\n' : `; filename="${filename}"\r\nContent-Type: image/jpeg\r\n\r\n`,
    data,
    '\r\n',
  ]);
  const end = careless
    ? `--${BOUNDARY}Content-Disposition: form-data; name="submitHandler"\r\n\r\nUpload\r\n--${BOUNDARY}--`
    : `--${BOUNDARY}--\r\n`;
  const body = Buffer.concat([...pieces, end].map((piece) => Buffer.from(piece as string)));
  return { type: `multipart/form-data; boundary=${BOUNDARY}`, body };
}
