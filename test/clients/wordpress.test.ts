/**
 * The must-use plugin for WordPress under a real PHP: its own checks, and requests that it really leads to a server.
 * Where there is no `php`, these are left out, with a word about it.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { makeCertificate } from '../../src/cli/doctor/make-certificate.ts';
import { jpegFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { formBody } from '../raw-http.ts';
import { startApp } from '../running-app.ts';

const SCRIPT = join(import.meta.dirname, '../../clients/wordpress/test.php');
const withoutPhp = spawnSync('php', ['--version']).error ? 'php is not installed' : false;

interface Wanted {
  /** Constants as wp-config.php would define them. */
  constants: Record<string, string>;
  url: string;
  args?: {
    method?: string;
    headers?: Record<string, string>;
    body?: Uint8Array;
    httpversion?: string;
    reject_unsafe_urls?: boolean;
  };
}

/** What WordPress would hand to the plugin that asked: an answer, or a `WP_Error`. */
type Given = { code: number; headers: string[]; body: string } | { code: string; message: string };

async function wordpress({ args = {}, ...wanted }: Wanted): Promise<Given> {
  const child = spawn('php', [SCRIPT, 'request'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const body = Buffer.from(args.body ?? []).toString('base64');
  child.stdin.end(JSON.stringify({ ...wanted, args: { ...args, body } }));
  return JSON.parse(await text(child.stdout));
}

const bodyOf = (given: Given): Buffer => {
  assert.ok('body' in given, JSON.stringify(given));
  return Buffer.from(given.body, 'base64');
};

/** A server that keeps what it was asked, and says so. */
async function listening(t: TestContext) {
  const asked: { request: IncomingMessage; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    asked.push({ request, body: await buffer(request) });
    response.end('here');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('the plugin for WordPress', { skip: withoutPhp }, () => {
  it('leads each address where its own checks say', async () => {
    const { stdout } = await promisify(execFile)('php', [SCRIPT]);
    assert.equal(stdout, '');
  });

  it('sends method, headers, body and version on as they are, once', async (t) => {
    const { asked, url } = await listening(t);
    const given = await wordpress({
      constants: { KEENEYE_URL: `${url}/below` },
      url: 'https://api.shortpixel.com/v2/reducer.php?a=1',
      args: {
        method: 'PUT',
        headers: { 'X-One': 'two', 'Content-Type': 'application/json' },
        body: Uint8Array.of(0, 255, 13, 10),
        httpversion: '1.1',
      },
    });
    assert.equal(bodyOf(given).toString(), 'here');
    const [{ request, body }, ...more] = asked as [(typeof asked)[number]];
    assert.equal(more.length, 0);
    assert.deepEqual(
      [request.method, request.url, request.httpVersion, request.headers['x-one'], request.headers.host],
      ['PUT', '/below/v2/reducer.php?a=1', '1.1', 'two', new URL(url).host],
    );
    assert.deepEqual([...body], [0, 255, 13, 10]);
  });

  it('lets downloads from a private address through, from the server only', async (t) => {
    const { asked, url } = await listening(t);
    const download = (at: string, constants: Record<string, string>) =>
      wordpress({ constants, url: at, args: { reject_unsafe_urls: true } });
    const here = { KEENEYE_URL: url };
    assert.equal(bodyOf(await download(`${url.replace('http:', 'https:')}/f/1`, here)).toString(), 'here');
    assert.equal(bodyOf(await download(`${url}/f/2`, here)).toString(), 'here');
    const elsewhere = { KEENEYE_URL: 'http://127.0.0.2:1' };
    assert.deepEqual(await download(`${url}/f/3`, elsewhere), {
      code: 'http_request_failed',
      message: 'unsafe',
    });
    assert.deepEqual(
      asked.map(({ request }) => request.url),
      ['/f/1', '/f/2'],
    );
  });

  it('is out of the way of all other requests, and of all where no server is named', async (t) => {
    const { asked, url } = await listening(t);
    await wordpress({ constants: { KEENEYE_URL: 'http://127.0.0.1:1' }, url: `${url}/other` });
    await wordpress({ constants: {}, url: `${url}/none` });
    assert.deepEqual(
      asked.map(({ request }) => request.url),
      ['/other', '/none'],
    );
  });

  it('refuses for a server that is named wrongly, rather than let an image go to the vendor', async (t) => {
    const constants = { KEENEYE_URL: 'images.example.org' };
    const refused = await wordpress({ constants, url: 'https://api.megaoptim.com/v1/optimize' });
    assert.deepEqual([refused.code, 'message' in refused], ['keeneye_url', true]);
    const { url } = await listening(t);
    assert.equal(bodyOf(await wordpress({ constants, url })).toString(), 'here');
  });

  it('does not lead a server by the name of a vendor in circles', async () => {
    const constants = { KEENEYE_URL: 'http://api.exactlywww.net:1' };
    const given = await wordpress({ constants, url: 'http://api.exactlywww.net:1/verify/' });
    assert.deepEqual(given, { code: 'elsewhere', message: 'http://api.exactlywww.net:1/verify/' });
  });

  it('has an image made smaller by HTTPS, under a certificate that the server made itself', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'keeneye-wordpress-'));
    t.after(() => rm(folder, { recursive: true }));
    const made = await makeCertificate(folder, [], false);
    const app = await startApp({ TLS_CERT: made.certPath, TLS_KEY: made.keyPath, TLS_PORT: '0' });
    t.after(() => app.stop());
    const constants = { KEENEYE_URL: app.tlsUrl!, KEENEYE_CA: made.certPath };
    const ask = (url: string, parts: Parameters<typeof formBody>[0]) => {
      const { type, body } = formBody([{ name: 'api_key', data: app.key }, ...parts], true);
      return wordpress({ constants, url, args: { method: 'POST', headers: { 'Content-Type': type }, body } });
    };
    const verified = bodyOf(await ask('https://api.exactlywww.net/verify/', []));
    assert.deepEqual(JSON.parse(verified.toString()), { status: 'great' });
    const jpeg = await jpegFile(photo(160, 120), { quality: 95 });
    const smaller = bodyOf(
      await ask('http://optimize.exactlywww.com/v2/', [
        { name: 'lossy', data: '1' },
        { name: 'file', filename: 'photo.jpg', data: jpeg },
      ]),
    );
    assert.deepEqual([...smaller.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    assert.ok(smaller.length < jpeg.length);
    const mistrusted = await wordpress({
      constants: { KEENEYE_URL: app.tlsUrl! },
      url: 'https://api.exactlywww.net/verify/',
    });
    assert.equal(mistrusted.code, 'http_request_failed');
  });
});
