/**
 * Requests that real clients sent, replayed byte for byte, with the keys that they had. The recordings lie beside the
 * project and are not part of it: where they are absent this file says so, and the other tests of this dialect send the same
 * forms made by hand. Images were not recorded: generated ones of the very same length take their place.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { ensureKey } from '../../src/accounts/keys.ts';
import { insertSegments, writeSegment } from '../../src/engine/codecs/jpeg/segments.ts';
import { jpegFile, pngFile, pngWith } from '../images/files.ts';
import { photo, screenshot } from '../images/pixels.ts';
import { exchangeKept, type RawReply } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/captures/ewww/', import.meta.url));
/** The keys of the recordings that are meant to be valid; others are one or two letters. */
const KEYS = ['abc123abc123abc123abc123abc12345', 'a'.repeat(32)];
/** One body of so few letters was taken for binary. */
const SHORT_BODY = 'api_key=x';
const COMMENT = 0xfe;
const MOST_OF_A_SEGMENT = 65_000;

interface Recording {
  method: string;
  path: string;
  head: string;
  body: Buffer;
  fields: Record<string, string>;
}

interface Images {
  jpeg: Uint8Array;
  png: Uint8Array;
}

/** A recording with its spelled-out line ends made real. */
function readRecording(file: string, images: Images): Recording {
  const [head = '', ...rest] = readFileSync(file, 'latin1').split('\n\n');
  const spelled = rest.join('\n\n');
  const [trailer, bytes, sha1] = /\n*\[body (\d+) bytes, sha1 (\w+)\]\s*$/.exec(spelled)!;
  const text = spelled
    .slice(0, -trailer.length)
    .replaceAll(/\\r\\n(\n|$)/g, '\r\n')
    .replace(/^<9 binary bytes>$/, SHORT_BODY);
  const body = withImage(text, Number(bytes), images);
  assert.equal(body.length, Number(bytes));
  if (!text.includes('filename="')) assert.equal(createHash('sha1').update(body).digest('hex'), sha1);
  const lines = head.split('\n');
  const [method = '', path = ''] = lines[0]!.split(' ');
  return { method, path, head: [...lines, '', ''].join('\r\n'), body, fields: fieldsOf(text) };
}

function withImage(text: string, bytes: number, { jpeg, png }: Images): Buffer {
  const start = /filename="([^"]*)"\r\nContent-Type: [^\r]*\r\n\r\n/.exec(text);
  if (!start) return Buffer.from(text, 'latin1');
  const from = start.index + start[0].length;
  const boundary = /^--[^\r]+/.exec(text)![0];
  const [before, after] = [text.slice(0, from), text.slice(text.indexOf(`\r\n${boundary}`, from))];
  const room = bytes - before.length - after.length;
  const image = start[1]!.endsWith('.png') ? paddedPng(png, room) : paddedJpeg(jpeg, room);
  return Buffer.concat([Buffer.from(before, 'latin1'), image, Buffer.from(after, 'latin1')]);
}

function paddedJpeg(jpeg: Uint8Array, bytes: number): Uint8Array {
  let left = bytes - jpeg.length;
  const segments: Uint8Array[] = [];
  while (left > 0) {
    // What is left after a whole segment must be enough for another one's four bytes.
    const size = left > MOST_OF_A_SEGMENT + 4 ? MOST_OF_A_SEGMENT : left;
    segments.push(writeSegment(COMMENT, Buffer.alloc(size - 4, 'x')));
    left -= size;
  }
  return insertSegments(jpeg, segments);
}

function paddedPng(png: Uint8Array, bytes: number): Uint8Array {
  const data = Buffer.alloc(bytes - png.length - 12, 'x');
  data.write('Comment\0', 'latin1');
  return pngWith(png, [{ type: 'tEXt', data }]);
}

function fieldsOf(text: string): Record<string, string> {
  if (!text.startsWith('--')) return Object.fromEntries(new URLSearchParams(text));
  return Object.fromEntries(
    [...text.matchAll(/name="(\w+)"\r\n\r\n([^\r]*)\r\n/g)].map(([, name, value]) => [name, value]),
  );
}

type Check = (reply: RawReply, recording: Recording) => unknown;

const text = ({ body }: RawReply) => body.toString();
const isGood = ({ fields }: Recording) => KEYS.includes(fields.api_key ?? '');

/** What the client that sent it needs to be answered. */
const CHECKS: Record<string, Check> = {
  '/verify/': (reply, recording) =>
    assert.equal(
      text(reply),
      isGood(recording) ? '{"status":"great"}' : '{"status":"invalid","error":"invalid"}',
    ),
  '/quota/': (reply) => assert.match(text(reply), /^0 \d+ 30$/),
  '/quota/v2/': (reply) => {
    const quota = JSON.parse(text(reply));
    for (const name of ['licensed', 'consumed', 'days', 'metered']) assert.ok(Number.isInteger(quota[name]));
  },
  '/v2/': checkOptimized,
  '/v3/optimize/': checkOptimized,
  '/rotate/': (reply) => assert.equal(text(reply), '{"error":"failed"}'),
  '/resize/': (reply) => checkImage(reply, 'jpeg', [100, 75]),
  '/reduce-png/': (reply) => checkImage(reply, 'png'),
  '/backup/store.php': (reply) => {
    assert.match(text(reply), /success/);
    assert.doesNotMatch(text(reply), /error/);
  },
  '/backup/restore.php': (reply) => assert.match(text(reply), /missing/),
};

async function checkOptimized(reply: RawReply, recording: Recording): Promise<void> {
  const { fields, body } = recording;
  if (!isGood(recording)) return assert.equal(text(reply), '{"error":"invalid","t":"exceeded"}');
  // It may be there already, from a recording before.
  if (fields.async === '1' && text(reply).startsWith('{')) return assert.ok(JSON.parse(text(reply)).id);
  const sent = body.includes('.png"') ? 'png' : 'jpeg';
  const size = fields.crop === '1' ? [Number(fields.width), Number(fields.height)] : undefined;
  await checkImage(reply, fields.webp === '1' ? 'webp' : sent, size);
  if (fields.webp !== '1') assert.ok(reply.body.length < body.length);
}

async function checkImage(reply: RawReply, format: string, size?: number[]): Promise<void> {
  assert.equal(reply.headers['content-type'], 'application/octet-stream', text(reply).slice(0, 100));
  const image = await sharp(reply.body).metadata();
  assert.equal(image.format, format);
  if (size) assert.deepEqual([image.width, image.height], size);
}

const files = existsSync(FOLDER) ? globSync(`${FOLDER}*/*.txt`).sort() : [];

describe('recorded compress requests', { skip: files.length === 0 && 'there are no recordings here' }, () => {
  let app: RunningApp;
  let images: Images;
  before(async () => {
    images = {
      jpeg: await jpegFile(photo(200, 150), { quality: 70 }),
      png: await pngFile(screenshot(200, 150), { compressionLevel: 1 }),
    };
    app = await startApp({ KEENEYE_KEY: KEYS[0]! });
    await app.inDatabase((database) => ensureKey(database, KEYS[1]!));
  });
  after(() => app.stop());

  for (const file of files) {
    it(`are answered: ${relative(FOLDER, file)}`, async () => {
      const recording = readRecording(file, images);
      const reply = await exchangeKept(app.url, recording.head, recording.body);
      if (recording.method === 'GET') return assert.equal(reply.status, 404);
      assert.deepEqual([reply.status, reply.headers['transfer-encoding']], [200, undefined]);
      assert.equal(reply.headers['content-length'], String(reply.body.length));
      await CHECKS[recording.path]!(reply, recording);
    });
  }
});
