/** Responses that are too long, too slow, cut off or untrue, over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { parseAllowed } from './allowed.ts';
import type { OutboundFailure } from './failure.ts';
import { httpOrigin, rawOrigin, recordedNetwork } from './origin.test-support.ts';
import { createOutbound, type OutboundRequest } from './outbound.ts';

const LIMITS = { maxBytes: 1000, timeoutMs: 20_000 };
const LOOPBACK = parseAllowed('127.0.0.0/8, ::1');

const ask = (url: string, more: Partial<OutboundRequest> = {}) =>
  createOutbound(LOOPBACK).request({ url, ...LIMITS, ...more });

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** A response with what stands in `head` and these bytes. */
const raw = (head: string, body: Buffer | string = '') =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), Buffer.from(body)]);

test('every status is a response, and of failures the body is left alone', async (t) => {
  const origin = await httpOrigin(t, (request, response) => {
    response.writeHead(Number(request.url!.slice(1)), {
      'content-type': 'text/plain',
      'set-cookie': ['a', 'b'],
    });
    response.end('x'.repeat(2000));
  });
  for (const status of [400, 404, 410, 418, 500, 503]) {
    const { bytes, ...response } = await ask(`${origin.url}/${status}`);
    assert.equal(response.status, status);
    assert.equal(response.headers['content-type'], 'text/plain');
    assert.equal(response.headers['set-cookie'], 'a,b');
    assert.equal(bytes.length, 0);
  }
  await assert.rejects(ask(`${origin.url}/200`), { code: 'too-large' });
});

test('who asks for no bytes has the response as soon as its headers are there, whatever follows', async (t) => {
  const endless = await httpOrigin(t, (_, response) => void response.writeHead(200).write('x'.repeat(2000)));
  const { status, bytes } = await ask(endless.url, { maxBytes: 0 });
  assert.deepEqual([status, bytes.length], [200, 0]);
});

test('a request says who it is, asks for plain bytes and keeps framing to itself', async (t) => {
  const heard: [string, string][] = [];
  const origin = await httpOrigin(t, (request, response) => {
    for (let at = 0; at < request.rawHeaders.length; at += 2)
      heard.push([request.rawHeaders[at]!.toLowerCase(), request.rawHeaders[at + 1]!]);
    response.end('fine');
  });
  const response = await ask(`${origin.url}/a?b=c#d`, {
    method: 'POST',
    body: 'größe',
    credentials: { user: 'me', password: 'tür' },
    headers: {
      Host: 'evil',
      'Content-Length': '1',
      'Transfer-Encoding': 'chunked',
      'Accept-Encoding': 'br',
      'X-A': '1',
    },
  });
  assert.equal(response.url, `${origin.url}/a?b=c`);
  assert.deepEqual(heard.map(([name]) => name).sort(), [...new Set(heard.map(([name]) => name))].sort());
  const headers = Object.fromEntries(heard);
  assert.match(headers['user-agent']!, /^Keeneye\/\d+\.\d+\.\d+$/);
  assert.equal(headers['accept-encoding'], 'identity');
  assert.equal(headers['content-length'], '7');
  assert.equal(headers.host, `127.0.0.1:${origin.port}`);
  assert.equal(headers['x-a'], '1');
  assert.equal(headers.authorization, `Basic ${Buffer.from('me:tür').toString('base64')}`);
  await assert.rejects(ask(origin.url, { headers: { 'x-a': 'b\r\nx-c: d' } }), { code: 'invalid-url' });
});

test('a connection serves one request', async (t) => {
  const origin = await httpOrigin(t, (_, response) => response.end('fine'));
  const outbound = createOutbound(LOOPBACK);
  for (let request = 0; request < 3; request += 1) await outbound.request({ url: origin.url, ...LIMITS });
  assert.equal(origin.connections(), 3);
});

test('a proxy that the environment names is passed by', async (t) => {
  const origin = await httpOrigin(t, (_, response) => response.end('fine'));
  const proxy = await httpOrigin(t, (_, response) => response.end('proxied'));
  Object.assign(process.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1' });
  t.after(() => {
    for (const name of ['HTTP_PROXY', 'http_proxy', 'NODE_USE_ENV_PROXY']) delete process.env[name];
  });
  assert.equal(textOf((await ask(origin.url)).bytes), 'fine');
  assert.equal(proxy.connections(), 0);
});

test('a body of just the limit is taken and one byte more is not, whatever is declared', async (t) => {
  const chunked = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`;
  const cases: [Buffer, string | null][] = [
    [raw('content-length: 1000', 'x'.repeat(1000)), null],
    [raw('content-length: 1001', 'x'.repeat(1001)), 'too-large'],
    [raw('transfer-encoding: chunked', chunked(1000)), null],
    [raw('transfer-encoding: chunked', chunked(1001)), 'too-large'],
    [raw('connection: close', 'x'.repeat(1000)), null],
    [raw('connection: close', 'x'.repeat(1001)), 'too-large'],
    [raw('content-length: 999999999999'), 'too-large'],
  ];
  for (const [response, code] of cases) {
    const { url } = await rawOrigin(t, response);
    if (code) await assert.rejects(ask(url), { code });
    else assert.equal((await ask(url)).bytes.length, 1000);
  }
});

test('an origin that sends without end is left at the limit', async (t) => {
  const origin = await httpOrigin(t, (_, response) => {
    const send = () => {
      while (response.write(Buffer.alloc(16_384)));
    };
    response.on('drain', send);
    send();
  });
  await assert.rejects(ask(origin.url, { maxBytes: 1_000_000 }), { code: 'too-large' });
});

test('a body that ends before its time is truncated', async (t) => {
  const cut = [
    raw('content-length: 100', 'x'.repeat(99)),
    raw('transfer-encoding: chunked', '64\r\nxxxx'),
    raw('transfer-encoding: chunked', '4\r\nxxxx\r\n'),
    raw('content-encoding: gzip\r\nconnection: close', gzipSync('x'.repeat(500)).subarray(0, 20)),
  ];
  for (const response of cut) {
    const { url } = await rawOrigin(t, response);
    await assert.rejects(ask(url), { code: 'truncated' }, response.toString('latin1'));
  }
});

test('a body that goes on after its declared length ends there', async (t) => {
  const { url } = await rawOrigin(t, raw('content-length: 4', 'fineHTTP/1.1 200 OK\r\n\r\n'));
  assert.equal(textOf((await ask(url)).bytes), 'fine');
});

test('what an origin compresses unasked is unpacked, and what it compresses in other ways refused', async (t) => {
  const plain = 'picture '.repeat(50);
  const packed: [string, Buffer][] = [
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['identity', Buffer.from(plain)],
  ];
  for (const [encoding, body] of packed) {
    const { url } = await rawOrigin(t, raw(`content-encoding: ${encoding}`, body));
    assert.equal(textOf((await ask(url)).bytes), plain, encoding);
  }
  for (const encoding of ['zstd', 'compress', 'gzip, gzip', 'rawDeflate', 'constructor', 'br']) {
    const { url } = await rawOrigin(t, raw(`content-encoding: ${encoding}`, gzipSync(plain)));
    await assert.rejects(ask(url), { code: 'encoding' }, encoding);
  }
});

test('a bomb does not unpack beyond the limit', async (t) => {
  const zeros = Buffer.alloc(20_000_000);
  for (const [encoding, body] of [
    ['gzip', gzipSync(zeros)],
    ['br', brotliCompressSync(zeros)],
    ['deflate', deflateSync(zeros)],
  ] as const) {
    const { url } = await rawOrigin(t, raw(`content-encoding: ${encoding}`, body));
    await assert.rejects(ask(url, { maxBytes: 100_000 }), { code: 'too-large' }, encoding);
  }
});

test('time runs over everything: names, silence, slow headers, slow bodies, slow redirects', async (t) => {
  const silent = await httpOrigin(t, () => {});
  const drip = await httpOrigin(t, (_, response) => {
    const timer = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(timer));
  });
  const slowRedirects = await httpOrigin(t, (_, response) => {
    setTimeout(() => response.writeHead(302, { location: '/' }).end(), 80);
  });
  for (const { url } of [silent, drip, slowRedirects])
    await assert.rejects(ask(url, { timeoutMs: 300 }), { code: 'timeout' });

  const neverResolved = { ...recordedNetwork(), resolve: () => new Promise<never>(() => {}) };
  const request = { url: 'http://slow.test/', maxBytes: 1, timeoutMs: 100 };
  await assert.rejects(createOutbound([], neverResolved).request(request), { code: 'timeout' });
});

test('a request is cancelled by its signal, before it begins and while it runs', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const origin = await httpOrigin(t, (_, response) => {
    response.write('begun');
    arrived.resolve();
  });
  await assert.rejects(ask(origin.url, { signal: AbortSignal.abort() }), { code: 'cancelled' });
  assert.equal(origin.connections(), 0);
  const cancel = new AbortController();
  const running = ask(origin.url, { signal: cancel.signal });
  void arrived.promise.then(() => cancel.abort());
  await assert.rejects(running, { code: 'cancelled' });
});

test('a connection that is still being made ends with its request', { timeout: 60_000 }, async (t) => {
  const sockets = Promise.withResolvers<Socket>();
  const deaf = createServer((socket) => sockets.resolve(socket.on('error', () => {})));
  t.after(() => deaf.close());
  await once(deaf.listen(0, '127.0.0.1'), 'listening');
  const cancel = new AbortController();
  const { port } = deaf.address() as AddressInfo;
  const patient = { signal: cancel.signal, timeoutMs: 3_600_000 };
  const running = assert.rejects(ask(`https://127.0.0.1:${port}/`, patient), { code: 'cancelled' });
  const socket = await sockets.promise;
  const closed = once(socket.resume(), 'close');
  cancel.abort();
  await Promise.all([running, closed]);
});

test('closing cancels what is under way and what comes after', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const origin = await httpOrigin(t, () => arrived.resolve());
  const outbound = createOutbound(LOOPBACK);
  const running = assert.rejects(outbound.request({ url: origin.url, ...LIMITS }), { code: 'cancelled' });
  await arrived.promise;
  await outbound.close();
  await running;
  await assert.rejects(outbound.request({ url: origin.url, ...LIMITS }), { code: 'cancelled' });
  assert.deepEqual(outbound.refusals(), { cancelled: 2 });
});

test('whoever does not answer, or not in HTTP, is unreachable', async (t) => {
  const garbage = await rawOrigin(t, 'SSH-2.0-OpenSSH\r\n');
  const rude = await rawOrigin(t, '');
  const endless = await rawOrigin(t, raw(`x-long: ${'x'.repeat(100_000)}`));
  const ambiguous = await rawOrigin(t, raw('content-length: 4\r\ncontent-length: 5', 'fine'));
  for (const { url } of [garbage, rude, endless, ambiguous])
    await assert.rejects(ask(url), { code: 'unreachable' });
  await assert.rejects(ask('http://127.0.0.1:4/'), { code: 'unreachable' });
  const unknown = createOutbound([], recordedNetwork());
  await assert.rejects(unknown.request({ url: 'http://no.test/', ...LIMITS }), { code: 'unreachable' });
});

test('failures show neither credentials nor the rest of the address', async () => {
  const url = 'http://user:hunter2@127.0.0.1:4/hunter2?hunter2';
  const shown = (error: OutboundFailure) => !/hunter2/.test(`${error.stack} ${JSON.stringify(error.cause)}`);
  await assert.rejects(ask(url), shown);
  await assert.rejects(createOutbound([]).request({ url, ...LIMITS }), shown);
});
