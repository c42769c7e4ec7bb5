/** The listener over real sockets, with one small dialect that echoes what it is given. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import type { Artifact, Dialect, Service } from '../dialects/dialect.ts';
import { Problem } from '../lib/problem.ts';
import { createServer, type HttpServer } from './server.ts';
import type { Studies } from './study-routes.ts';

const MAX_BYTES = 100_000;
const ARTIFACT: Artifact = {
  id: 'a',
  format: 'jpeg',
  bytes: 4,
  width: 1,
  height: 1,
  frames: 1,
  sha256: 'ab'.repeat(32),
  score: 90,
  worstTile: { x: 0, y: 0, width: 1, height: 1, score: 90 },
  visibility: null,
  encoder: 'test',
  quality: 80,
  evaluations: 1,
};

/** Every line of the log so far. */
const logged: string[] = [];
/** What `/readyz` misses. */
let missing: string[] = [];
/** Resolve when the `/wait` handler has begun and when it has been told to stop. */
let waiting = Promise.withResolvers<void>();
let stopped = Promise.withResolvers<void>();

const echo: Dialect = {
  name: 'echo',
  routes: [
    {
      method: 'POST',
      path: '/bytes',
      handle: async (request) => ({ status: 200, bytes: await request.bytes() }),
    },
    {
      method: 'POST',
      path: '/form',
      handle: async (request) => {
        const { fields, files } = await request.form();
        const shown = files.map(({ name, filename, data }) => ({ name, filename, bytes: data.length }));
        return { status: 200, json: { fields, files: shown } };
      },
    },
    { method: 'POST', path: '/ignore', handle: async () => ({ status: 200, text: 'never mind' }) },
    {
      method: 'GET',
      path: '/head/:id',
      handle: async ({ path, params, headers, origin, query }) => ({
        status: 200,
        json: { path, id: params.id, origin, host: headers.host, q: query.get('q') },
      }),
    },
    { method: 'GET', path: '/fail', handle: () => Promise.reject(new Error('the inside story')) },
    {
      method: 'GET',
      path: '/wait',
      handle: async ({ signal }) => {
        waiting.resolve();
        if (!signal.aborted) await once(signal, 'abort');
        stopped.resolve();
        return { status: 202, text: 'as it stands' };
      },
    },
  ],
  refuse: (problem) => ({
    status:
      { 'body-too-large': 413, 'not-found': 404, 'method-not-allowed': 405, internal: 500 }[
        problem.code as 'internal'
      ] ?? 400,
    json: { echo: problem.code, message: problem.message },
  }),
};

function start(publicUrl: string | null = null): { server: HttpServer; listening: Promise<{ url: string }> } {
  const server = createServer({
    dialects: [echo],
    serviceFor: () => ({}) as Service,
    openArtifact: async (token) => {
      if (token !== 'known') throw new Problem('not-found', 'No such token.');
      return { artifact: ARTIFACT, bytes: new Uint8Array([1, 2, 3, 4]) };
    },
    studies: {} as Studies,
    own: [],
    reportKeys: [],
    maxBytes: MAX_BYTES,
    publicUrl,
    log: pino({ level: 'info' }, { write: (line) => logged.push(line) }),
    metrics: {
      requestEnded: () => {},
      expose: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
    },
    health: async () => missing,
  });
  return { server, listening: server.listen('127.0.0.1', 0) };
}

describe('the HTTP server', () => {
  let server: HttpServer;
  let url: string;
  before(async () => {
    const started = start();
    server = started.server;
    url = (await started.listening).url;
  });
  after(() => server.close());

  /** A raw connection that has sent `head`; what comes back until the end is `reply`. */
  function raw(head: string): { socket: Socket; reply: Promise<string> } {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write(head);
    return { socket, reply: text(socket).catch(() => '') };
  }

  it('returns a body byte for byte, with its length and an id', async () => {
    const sent = Uint8Array.from({ length: 70_000 }, (_, at) => at * 7);
    const reply = await fetch(`${url}/bytes`, { method: 'POST', body: sent });
    assert.deepEqual(await reply.bytes(), sent);
    assert.equal(reply.headers.get('content-length'), '70000');
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.match(reply.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  });

  it('takes a body of exactly the limit and refuses one byte more', async () => {
    const post = (size: number) => fetch(`${url}/bytes`, { method: 'POST', body: new Uint8Array(size) });
    assert.equal((await post(MAX_BYTES)).status, 200);
    const refused = await post(MAX_BYTES + 1);
    assert.equal(refused.status, 413);
    assert.equal(((await refused.json()) as { echo: string }).echo, 'body-too-large');
  });

  it('refuses a declared length over the limit before the body is sent, and closes', async () => {
    const { reply } = raw('POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000000\r\n\r\nab');
    const answer = await reply;
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /connection: close/i);
  });

  it('cuts a chunked body at the limit while it is still being sent', async () => {
    const { socket, reply } = raw('POST /bytes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    for (let sent = 0; sent < 10; sent++) socket.write(chunk);
    assert.match(await reply, /^HTTP\/1\.1 413 /);
  });

  it('asks for an expected body only when somebody wants it', async () => {
    const head = (path: string, bytes: number) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`;
    const wanted = raw(head('/bytes', 5));
    const [first] = (await once(wanted.socket, 'data')) as [Buffer];
    assert.match(first.toString(), /^HTTP\/1\.1 100 Continue/);
    wanted.socket.write('hello');
    assert.match(await wanted.reply, /HTTP\/1\.1 200 OK[\s\S]*hello$/);
    assert.match(await raw(head('/bytes', MAX_BYTES + 1)).reply, /^HTTP\/1\.1 413 /);
    assert.match(await raw(head('/nowhere', 5)).reply, /^HTTP\/1\.1 404 /);
    assert.match(await raw(head('/ignore', 5)).reply, /^HTTP\/1\.1 200 /);
  });

  it('keeps the connection when a small body was not read', async () => {
    const one = 'POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc';
    const two = 'POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nxyz';
    const answer = await raw(one + two).reply;
    assert.match(answer, /never mind[\s\S]*HTTP\/1\.1 200 OK[\s\S]*xyz$/);
  });

  it('answers HTTP/1.0 with a length and no chunks', async () => {
    const answer = await raw('POST /bytes HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc').reply;
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /content-length: 3\r\n/i);
    assert.doesNotMatch(answer, /transfer-encoding/i);
    assert.match(answer, /\r\n\r\nabc$/);
  });

  it('survives clients that leave in the middle of a body', async () => {
    const { socket } = raw('POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc');
    await once(socket, 'connect');
    socket.destroy();
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  });

  it('tells a waiting handler that its client has gone', async () => {
    waiting = Promise.withResolvers();
    stopped = Promise.withResolvers();
    const { socket } = raw('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n');
    await waiting.promise;
    socket.destroy();
    await stopped.promise;
  });

  it('answers what is not HTTP with a bare 400', async () => {
    assert.match(await raw('\x16\x03\x01 hello\r\n\r\n').reply, /^HTTP\/1\.1 400 /);
  });

  it('answers a header that is too long with 431', async () => {
    assert.match(
      await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`).reply,
      /^HTTP\/1\.1 431 /,
    );
  });

  it('hands path, parameters, query and a trustworthy origin to the handler', async () => {
    const reply = await fetch(`${url}/head/a%2Fb?q=1%2B1`, {
      headers: { 'x-forwarded-host': 'evil.example' },
    });
    const host = new URL(url).host;
    assert.deepEqual(await reply.json(), {
      path: '/head/a%2Fb',
      id: 'a/b',
      origin: `http://${host}`,
      host,
      q: '1+1',
    });
  });

  it('never builds a link from a Host header that is no host', async () => {
    const answer = await raw('GET /head/x HTTP/1.1\r\nHost: evil"><script>\r\nConnection: close\r\n\r\n')
      .reply;
    assert.ok(answer.includes(`"origin":"${url}"`), answer);
  });

  it('accepts a request line that carries the whole address', async () => {
    const answer = await raw(
      'GET http://proxy.example/head/x?q=2 HTTP/1.1\r\nHost: proxy.example\r\nConnection: close\r\n\r\n',
    ).reply;
    assert.ok(answer.includes('"path":"/head/x"'), answer);
  });

  it('reads forms, and an empty body as an empty form', async () => {
    const post = async (body: RequestInit['body'], type?: string) => {
      const headers = type === undefined ? undefined : { 'content-type': type };
      const reply = await fetch(`${url}/form`, { method: 'POST', body, headers });
      return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
    };
    assert.deepEqual((await post('a=1&a=2&b=%C3%A9', 'application/x-www-form-urlencoded')).body, {
      fields: { a: '2', b: 'é' },
      files: [],
    });
    assert.deepEqual((await post('')).body, { fields: {}, files: [] });
    const form = new FormData();
    form.set('file', new File(['12345'], 'ü.png', { type: 'image/png' }));
    form.set('key', 'k');
    assert.deepEqual((await post(form)).body, {
      fields: { key: 'k' },
      files: [{ name: 'file', filename: 'ü.png', bytes: 5 }],
    });
    assert.deepEqual((await post('{}', 'application/json')).body.echo, 'malformed-body');
    assert.deepEqual((await post('x', 'multipart/form-data')).body.echo, 'malformed-body');
  });

  it('leaves content types to the dialects, even impossible ones', async () => {
    const answer = await raw(
      'POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Type: jpeg\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
    ).reply;
    assert.match(answer, /200 OK[\s\S]*ok$/);
  });

  it('words unknown paths, other methods and failures as the dialect does', async () => {
    const seen = async (path: string, method = 'GET') => {
      const reply = await fetch(url + path, { method });
      return [reply.status, ((await reply.json()) as { echo: string }).echo, reply.headers.get('allow')];
    };
    assert.deepEqual(await seen('/nowhere'), [404, 'not-found', null]);
    assert.deepEqual(await seen('/head/x/'), [404, 'not-found', null]);
    assert.deepEqual(await seen('/head/%zz'), [404, 'not-found', null]);
    assert.deepEqual(await seen(`/head/${'x'.repeat(2000)}`), [404, 'not-found', null]);
    assert.deepEqual(await seen('/bytes'), [405, 'method-not-allowed', 'POST']);
    assert.deepEqual(await seen('/head/x', 'PROPFIND'), [405, 'method-not-allowed', 'GET, HEAD']);
    assert.deepEqual(await seen('/fail'), [500, 'internal', null]);
    assert.doesNotMatch(await (await fetch(`${url}/fail`)).text(), /inside story/);
  });

  it('serves artifacts to GET and HEAD, and refuses unknown tokens', async () => {
    const reply = await fetch(`${url}/artifacts/known`);
    assert.deepEqual(await reply.bytes(), new Uint8Array([1, 2, 3, 4]));
    assert.equal(reply.headers.get('content-type'), 'image/jpeg');
    assert.match(reply.headers.get('content-disposition') ?? '', /\.jpg"$/);
    assert.match(reply.headers.get('cache-control') ?? '', /private/);
    const etag = reply.headers.get('etag') ?? '';
    assert.equal(etag, `"${ARTIFACT.sha256}"`);
    const head = await fetch(`${url}/artifacts/known`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '4']);
    const statusFor = async (known: string) =>
      (await fetch(`${url}/artifacts/known`, { headers: { 'if-none-match': known } })).status;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
      assert.equal(await statusFor(known), 304);
    assert.equal(await statusFor('"other"'), 200);
    assert.equal((await fetch(`${url}/artifacts/unknown`)).status, 404);
  });

  it('keeps tokens out of the log, also where no route knows them', async () => {
    const token = 'f00d'.repeat(8);
    const paths = [
      `/study/${token}`,
      `/artifacts/${token}`,
      `/study/${token}/`,
      `/artifacts/${token}/x`,
      '/plain',
    ];
    const before = logged.length;
    for (const path of paths) await (await fetch(`${url}${path}`)).text();
    const lines = () =>
      logged
        .slice(before)
        .map((line) => JSON.parse(line))
        .flatMap(({ msg, path }) => (msg === 'request' ? [path] : []));
    while (lines().length < paths.length) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(lines().sort(), [
      '/artifacts/:token',
      '/artifacts/:token/x',
      '/plain',
      '/study/:token',
      '/study/:token/',
    ]);
  });

  it('shows health and metrics', async () => {
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    missing = ['database'];
    const unready = await fetch(`${url}/readyz`);
    assert.deepEqual([unready.status, await unready.json()], [503, { status: 'not ready', missing }]);
    missing = [];
    const metrics = await fetch(`${url}/metrics`);
    assert.deepEqual(
      [metrics.headers.get('content-type'), await metrics.text()],
      ['text/plain; version=0.0.4', 'up 1\n'],
    );
  });
});

describe('starting and stopping the HTTP server', () => {
  it('refuses to start when two dialects claim the same method and path', () => {
    const twin: Dialect = { ...echo, name: 'twin', routes: [{ ...echo.routes[3]!, path: '/head/:other' }] };
    const parts = { dialects: [echo, twin], own: [] as unknown } as Parameters<typeof createServer>[0];
    assert.throws(() => createServer(parts), /GET \/head\/:other is claimed by both echo and twin/);
  });

  it('answers waiting requests with what there is when it stops', async () => {
    waiting = Promise.withResolvers();
    const { server, listening } = start();
    const { url } = await listening;
    const reply = fetch(`${url}/wait`);
    await waiting.promise;
    await server.close(0);
    assert.equal(await (await reply).text(), 'as it stands');
    await assert.rejects(fetch(`${url}/healthz`));
  });

  it('hands out links under the public address when there is one', async () => {
    const { server, listening } = start('https://img.example.org/');
    const reply = await fetch(`${(await listening).url}/head/x`);
    assert.equal(((await reply.json()) as { origin: string }).origin, 'https://img.example.org');
    await server.close();
  });
});
