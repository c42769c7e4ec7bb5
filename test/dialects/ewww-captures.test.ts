/**
 * Requests that real clients sent, replayed. The recordings lie beside the project and are not part of it: where
 * they are absent this file says so, and `ewww.test.ts` sends the same forms made by hand. Images were not
 * recorded, so generated ones take their place; so does the key.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { jpegFile, pngFile } from '../images/files.ts';
import { photo, screenshot } from '../images/pixels.ts';
import { exchangeRaw } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/captures/ewww/', import.meta.url));
const SERVED = ['/verify/', '/quota/', '/v2/'];

interface Recording {
  path: string;
  head: string;
  body: Buffer;
}

/** A recording with its spelled-out line ends made real, and its key and file replaced. One short key was taken for binary. */
function readRecording(file: string, key: string, images: { jpeg: Uint8Array; png: Uint8Array }): Recording {
  const [head = '', ...rest] = readFileSync(file, 'latin1').split('\n\n');
  const spelled = rest.join('\n\n').replace(/\n*\[body \d+ bytes, sha1 \w+\]\s*$/, '');
  const text = spelled
    .replaceAll(/\\r\\n(\n|$)/g, '\r\n')
    .replace(/(name="api_key"\r\n\r\n)[^\r]*/, `$1${key}`)
    .replace(/^(api_key=[^&]*|<9 binary bytes>)/, `api_key=${key}`);
  const body = replaceFile(text, text.includes('.png"') ? images.png : images.jpeg);
  const lines = head.split('\n').filter((line) => !/^(content-length|connection):/i.test(line));
  const length = body.length > 0 ? [`Content-Length: ${body.length}`] : [];
  const path = lines[0]!.split(' ')[1]!;
  return { path, head: [...lines, 'Connection: close', ...length, '', ''].join('\r\n'), body };
}

function replaceFile(text: string, image: Uint8Array): Buffer {
  const start = /filename="[^"]*"\r\nContent-Type: [^\r]*\r\n\r\n/.exec(text);
  if (!start) return Buffer.from(text, 'latin1');
  const from = start.index + start[0].length;
  const boundary = /^--[^\r]+/.exec(text)![0];
  const to = text.indexOf(`\r\n${boundary}`, from);
  return Buffer.concat([
    Buffer.from(text.slice(0, from), 'latin1'),
    image,
    Buffer.from(text.slice(to), 'latin1'),
  ]);
}

const files = existsSync(FOLDER) ? globSync(`${FOLDER}*/*.txt`).sort() : [];

describe('recorded compress requests', { skip: files.length === 0 && 'there are no recordings here' }, () => {
  let app: RunningApp;
  let images: { jpeg: Uint8Array; png: Uint8Array };
  before(async () => {
    images = {
      jpeg: await jpegFile(photo(240, 180), { quality: 95 }),
      png: await pngFile(screenshot(200, 150), { compressionLevel: 1 }),
    };
    app = await startApp();
  });
  after(() => app.stop());

  for (const file of files) {
    it(`are answered: ${relative(FOLDER, file)}`, async () => {
      const { path, head, body } = readRecording(file, app.key, images);
      const reply = await exchangeRaw(app.url, head, body);
      if (!SERVED.includes(path)) return assert.equal(reply.status, 404);
      assert.deepEqual([reply.status, reply.headers['transfer-encoding']], [200, undefined]);
      assert.equal(reply.headers['content-length'], String(reply.body.length));
      if (path === '/verify/') assert.equal(reply.body.toString(), '{"status":"great"}');
      else if (path === '/quota/') assert.match(reply.body.toString(), /^0 \d+ 30$/);
      else assert.match(reply.body.toString('latin1', 0, 12), /^(\xff\xd8\xff|\x89PNG|RIFF....WEBP)/s);
    });
  }
});
