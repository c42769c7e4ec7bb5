/**
 * Requests that real clients sent to MegaOptim's API, replayed. The recordings lie beside the project and are not
 * part of it: where they are absent this file says so, and `megaoptim.test.ts` sends the same by hand. Images were not
 * recorded, so generated ones take their place; so do the key, the ids, and sites that are at hand.
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
import { type Answer, createClient, type Site, startSite } from './megaoptim-client.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/captures/megaoptim/', import.meta.url));
const files = existsSync(FOLDER) ? globSync(`${FOLDER}*/*.txt`).sort() : [];
const RECORDED_ID = 'a4f1d060-c292-11e8-b3e3-edd916bf7758';
const FILE = /filename="([^"]*)"\r\n(?:Content-Type: [^\r]*\r\n)?\r\n/g;

let app: RunningApp;
let site: Site;
let images: { jpeg: Uint8Array; png: Uint8Array };
/** Of a batch that has ended. */
let known: Answer;

interface Recording {
  method: string;
  path: string;
  head: string;
  body: Buffer;
  /** The names under which the client looks for its results. */
  names: string[];
}

/** A recording with its spelled-out line ends made real. */
function readRecording(file: string): Recording {
  const [recorded = '', ...rest] = readFileSync(file, 'latin1').split('\n\n');
  const spelled = rest.join('\n\n').replace(/\n*\[body \d+ bytes, sha1 \w+\]\s*$/, '');
  const text = atHand(spelled.replaceAll(/\\r\\n(\n|$)/g, '\r\n'));
  const lines = atHand(recorded)
    .split('\n')
    .filter((line) => !/^(content-length|connection):/i.test(line));
  const [method = '', path = ''] = lines[0]!.split(' ');
  const chunked = lines.some((line) => /^transfer-encoding: chunked/i.test(line));
  const body = chunked ? Buffer.from('0\r\n\r\n') : replaceFiles(text);
  const length = chunked || method !== 'POST' ? [] : [`Content-Length: ${body.length}`];
  const head = [...lines, 'Connection: close', ...length, '', ''].join('\r\n');
  return { method, path, head, body, names: namesIn(text) };
}

/** What was recorded of another server, by what this one has. */
function atHand(text: string): string {
  const imagePath = new URL(known.result[0]!.url).pathname;
  return text
    .replaceAll('KEY123', app.key)
    .replaceAll(RECORDED_ID, known.id)
    .replace('/image/b12020cdf3a1/x.jpg', imagePath)
    .replaceAll(/http:\/\/(127\.0\.0\.1:\d+|cdn\.example\.com)(?=\/)/g, site.url)
    .replaceAll(/http%3A%2F%2F127\.0\.0\.1%3A\d+/g, encodeURIComponent(site.url));
}

function replaceFiles(text: string): Buffer {
  const boundary = /^--[^\r]+/.exec(text)?.[0];
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const match of text.matchAll(FILE)) {
    const start = match.index + match[0].length;
    pieces.push(Buffer.from(text.slice(from, start), 'latin1'));
    pieces.push(match[1]!.endsWith('.png') ? images.png : images.jpeg);
    from = text.indexOf(`\r\n${boundary}`, start);
  }
  return Buffer.concat([...pieces, Buffer.from(text.slice(from), 'latin1')]);
}

function namesIn(text: string): string[] {
  const paths = [...text.matchAll(FILE)].map((match) => match[1]!);
  const urls = [...text.matchAll(/name="url\d?"\r\n\r\n([^\r]*)/g)].map((match) => match[1]!);
  const encoded = [...new URLSearchParams(text)].filter(([name]) => /^url\d?$/.test(name));
  return [...paths, ...urls, ...encoded.map(([, url]) => url)].map((path) => path.split('/').at(-1)!);
}

describe('recorded MegaOptim requests', {
  skip: files.length === 0 && 'there are no recordings here',
}, () => {
  before(async () => {
    images = {
      jpeg: await jpegFile(photo(240, 180), { quality: 95 }),
      png: await pngFile(screenshot(200, 150), { compressionLevel: 1 }),
    };
    site = await startSite();
    for (const path of ['/image/a/photo.jpg', '/image/x/photo.jpg']) site.files.set(path, images.jpeg);
    site.files.set('/image/a/two.png', images.png);
    app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1' });
    known = await createClient(app.url, app.key).run({ type: 'file' }, [['file', 'a.jpg', images.jpeg]]);
  });
  after(async () => {
    await app?.stop();
    site?.close();
  });

  for (const file of files) {
    it(`are answered: ${relative(FOLDER, file)}`, async () => {
      const { method, path, head, body, names } = readRecording(file);
      const reply = await exchangeRaw(app.url, head, body);
      assert.deepEqual([reply.status, reply.headers['transfer-encoding']], [200, undefined]);
      if (method === 'HEAD') return assert.equal(reply.body.length, 0);
      assert.equal(reply.headers['content-length'], String(reply.body.length));
      if (path.startsWith('/image/')) return assert.equal(reply.headers['content-type'], 'image/jpeg');
      const answer = JSON.parse(reply.body.toString()) as Answer;
      if (path !== '/v1/optimize') return assert.deepEqual([answer.status, answer.code], ['ok', 200]);
      await assertTaken(answer, body.toString('latin1'), names);
    });
  }
});

/** Files and addresses are worked on, and found again by their names; paths that were sent as addresses are refused. */
async function assertTaken(answer: Answer, form: string, names: string[]): Promise<void> {
  if (/name="url\d?"\r\n\r\n\//.test(form)) {
    assert.deepEqual([answer.status, answer.code], ['error', 400]);
    return;
  }
  assert.deepEqual([answer.status, answer.code], ['processing', 202], answer.errors?.[0]);
  const { status, result } = await createClient(app.url, app.key).result(answer.process_id);
  assert.equal(status, 'ok');
  assert.deepEqual(
    result.map(({ file_name }) => file_name),
    names,
  );
}
