/**
 * Requests that the vendor's SDK sent, replayed byte for byte; only the site of addresses is one that is at hand. The
 * recordings lie beside the project and are not part of it: where they are absent this file says so, and the other
 * tests of this API send the same by hand.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { jpegFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { exchangeRaw } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { type Entry, only, type Site, startSite } from './shortpixel-client.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/captures/shortpixel/', import.meta.url));
const files = existsSync(FOLDER) ? globSync(`${FOLDER}*/*.txt`).sort() : [];
/** With which they were recorded. */
const KEY = 'GOODKEY0123456789abc';

let app: RunningApp;
let site: Site;

interface Recording {
  path: string;
  head: string;
  body: Buffer;
}

/** The line ends of the head are real ones again; the body is as it was sent. */
function readRecording(file: string): Recording {
  const [request = ''] = readFileSync(file, 'latin1').split('\n\n--- STUB RESPONSE ---');
  const end = request.indexOf('\n\n');
  const lines = request.slice(0, end).split('\n');
  const length = Number(/^content-length: (\d+)$/im.exec(request.slice(0, end))?.[1] ?? 0);
  const body = Buffer.from(request.slice(end + 2), 'latin1').subarray(0, length);
  assert.equal(body.length, length, 'the recording is whole');
  const sent = Buffer.from(atHand(body.toString('latin1')), 'latin1');
  const head = lines.map((line) => line.replace(/^(content-length: ).*/i, `$1${sent.length}`).trim());
  return {
    path: lines[0]!.split(' ')[1]!,
    head: [...head, 'Connection: close', '', ''].join('\r\n'),
    body: sent,
  };
}

const atHand = (body: string) => body.replaceAll('https:\\/\\/example.com', site.url.replaceAll('/', '\\/'));

describe('recorded requests of the Reducer API', {
  skip: files.length === 0 && 'there are no recordings here',
}, () => {
  before(async () => {
    site = await startSite();
    const image = await jpegFile(photo(120, 90), { quality: 95 });
    for (const path of ['/u1.png', '/u2.jpg', '/x.png', '/pending1.png', '/img/p%C3%A4th/one%20x.png?v=1'])
      site.files.set(path, image);
    app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1', KEENEYE_KEY: KEY });
  });
  after(async () => {
    await app?.stop();
    site?.close();
  });

  for (const file of files) {
    it(`are answered: ${relative(FOLDER, file)}`, async () => {
      const { path, head, body } = readRecording(file);
      const reply = await exchangeRaw(app.url, head, body);
      assert.deepEqual([reply.status, reply.headers['transfer-encoding']], [200, undefined]);
      assert.equal(reply.headers['content-length'], String(reply.body.length));
      assertAnswer(path, body.toString('latin1'), JSON.parse(reply.body.toString()));
    });
  }
});

// biome-ignore lint/suspicious/noExplicitAny: an answer may be anything.
function assertAnswer(path: string, body: string, answer: any): void {
  // Results and uploads are of another server; two other keys were recorded, which are both too short to be any.
  if (path.startsWith('/f/')) assert.equal(answer.Status.Code, '-302');
  else if (!body.includes(KEY)) assert.equal(answer.Status.Code, -401);
  else if (path === '/v2/api-status.php') assert.equal(answer.Status.Code, 2);
  else if (path === '/v2/cleanup.php') assert.equal(only(answer).Status.Code, '2');
  else if (path === '/v2/image-status.php') assert.equal(only(answer).Status.Code, -302);
  else if (body.includes('"file_urls"')) assert.equal(only(answer).Status.Code, -102);
  else if (path === '/v2/reducer.php') assertUrls(JSON.parse(body).urllist, answer);
  else assertUploads(body, answer);
}

function assertUrls(urls: string[], answer: Entry[]): void {
  assert.deepEqual(
    answer.map(({ OriginalURL }) => OriginalURL),
    urls,
  );
  for (const { Status, OriginalURL } of answer) {
    const isThere = site.files.has(
      OriginalURL.startsWith(site.url) ? new URL(OriginalURL).href.slice(site.url.length) : '',
    );
    if (isThere) assert.equal(Status.Code, '2', Status.Message);
    else assert.ok(Number(Status.Code) < 0, Status.Message);
  }
}

function assertUploads(body: string, answer: Entry[]): void {
  const names = [...body.matchAll(/name="([^"]*)"; filename=/g)].map((match) => match[1]);
  assert.deepEqual(
    answer.map(({ Key }) => Key),
    names,
  );
  for (const { Status, OriginalURL } of answer) {
    assert.equal(Status.Code, '2', Status.Message);
    assert.match(OriginalURL, /^http:\/\/127\.0\.0\.1:18\d{3}\/u\//);
  }
}
