/** Redirects over real HTTP: followed, judged, ended, and told nothing that is not theirs. */
import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { parseAllowed } from './allowed.ts';
import { httpOrigin, recordedNetwork } from './origin.test-support.ts';
import { createOutbound, type OutboundRequest } from './outbound.ts';

const LIMITS = { maxBytes: 1000, timeoutMs: 20_000 };

interface Heard {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Answers `/STATUS/LOCATION`, with the location percent-encoded, by that redirect, and all else by its path. */
async function redirector(t: TestContext) {
  const heard: Heard[] = [];
  const answer: RequestListener = async (request, response) => {
    heard.push({
      method: request.method!,
      path: request.url!,
      headers: request.headers,
      body: await text(request),
    });
    const [, status, location] = /^\/(\d{3})\/(.+)$/.exec(request.url!) ?? [];
    if (status) response.writeHead(Number(status), { location: decodeURIComponent(location!) });
    response.end(request.url);
  };
  return { ...(await httpOrigin(t, answer)), heard };
}

const to = (location: string, status = 302) => `/${status}/${encodeURIComponent(location)}`;

function client(...origins: { port: number }[]) {
  const network = recordedNetwork();
  const allowed = parseAllowed(origins.map(({ port }) => `127.0.0.1:${port}`).join());
  const outbound = createOutbound(allowed, network);
  const get = (url: string, more: Partial<OutboundRequest> = {}) =>
    outbound.request({ url, ...LIMITS, ...more });
  return { get, outbound, network };
}

test('redirects of every kind are followed, and the response names where it came from', async (t) => {
  const origin = await redirector(t);
  const { get } = client(origin);
  for (const status of [301, 302, 303, 307, 308]) {
    const response = await get(origin.url + to('/picture?size=1#part', status));
    assert.equal(response.status, 200);
    assert.equal(response.url, `${origin.url}/picture?size=1`);
    assert.equal(Buffer.from(response.bytes).toString(), '/picture?size=1');
  }
});

test('an address that an origin did not encode is read as UTF-8', async (t) => {
  const origin = await redirector(t);
  const utf8 = Buffer.from('/größe').toString('latin1');
  assert.equal((await client(origin).get(origin.url + to(utf8))).url, `${origin.url}/gr%C3%B6%C3%9Fe`);
});

test('five redirects are followed, six are not, and neither is a loop', async (t) => {
  const origin = await redirector(t);
  const { get, outbound } = client(origin);
  let path = '/end';
  for (let redirects = 0; redirects < 5; redirects += 1) path = to(path);
  assert.equal((await get(origin.url + path)).url, `${origin.url}/end`);
  await assert.rejects(get(origin.url + to(path)), { code: 'redirects' });

  const loop = await httpOrigin(t, (_, response) => response.writeHead(302, { location: '/' }).end());
  await assert.rejects(client(loop).get(loop.url), { code: 'redirects' });
  assert.equal(loop.connections(), 6);
  assert.deepEqual(outbound.refusals(), { redirects: 1 });
});

test('with no redirects to follow, a redirect is a response', async (t) => {
  const origin = await redirector(t);
  const { get } = client(origin);
  const response = await get(origin.url + to('http://127.0.0.1:1/'), { maxRedirects: 0 });
  assert.equal(response.status, 302);
  assert.equal(response.headers.location, 'http://127.0.0.1:1/');
  await assert.rejects(get(origin.url + to(to('/b')), { maxRedirects: 1 }), { code: 'redirects' });
});

test('a status that redirects nowhere is a response, and a redirect to no web address a failure', async (t) => {
  const silent = await httpOrigin(t, (_, response) => response.writeHead(302).end());
  assert.equal((await client(silent).get(silent.url)).status, 302);
  const origin = await redirector(t);
  const { get } = client(origin);
  for (const location of ['file:///etc/passwd', 'http://[', 'ftp://127.0.0.1/', 'javascript:0'])
    await assert.rejects(get(origin.url + to(location)), { code: 'redirects' }, location);
});

test('what was given for one origin is kept from every other, even on the way back', async (t) => {
  const [first, second] = [await redirector(t), await redirector(t)];
  const { get } = client(first, second);
  const back = `${first.url}/back`;
  await get(`${first.url.replace('//', '//user:pass@')}${to(to(second.url + to(back)))}`, {
    headers: { 'X-Token': 'secret', Cookie: 'session=1', 'User-Agent': 'Own/1', Accept: 'image/*' },
  });
  const [start, same, other, returned] = [
    first.heard[0]!,
    first.heard[1]!,
    second.heard[0]!,
    first.heard[2]!,
  ];
  for (const { headers } of [start, same]) {
    assert.equal(headers.authorization, `Basic ${Buffer.from('user:pass').toString('base64')}`);
    assert.equal(headers['x-token'], 'secret');
    assert.equal(headers['user-agent'], 'Own/1');
  }
  for (const { headers } of [other, returned]) {
    assert.deepEqual(Object.keys(headers).sort(), [
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
    assert.match(headers['user-agent']!, /^Keeneye\/\d/);
  }
});

test('credentials in the address of a redirect are not used', async (t) => {
  const origin = await redirector(t);
  const response = await client(origin).get(origin.url + to(`${origin.url.replace('//', '//a:b@')}/end`));
  assert.equal(origin.heard[1]!.headers.authorization, undefined);
  assert.equal(response.url, `${origin.url}/end`);
});

test('a body goes along where the status says so, but to no other origin', async (t) => {
  const [first, second] = [await redirector(t), await redirector(t)];
  const { get } = client(first, second);
  const post = { method: 'POST', body: 'payload', headers: { 'content-type': 'text/plain' } } as const;
  await get(first.url + to('/kept', 308), post);
  await get(first.url + to('/dropped', 303), post);
  const ends = first.heard.filter(({ path }) => path === '/kept' || path === '/dropped');
  assert.deepEqual(
    ends.map(({ method, body }) => [method, body]),
    [
      ['POST', 'payload'],
      ['GET', ''],
    ],
  );
  await assert.rejects(get(first.url + to(second.url, 307), post), { code: 'redirects' });
  assert.equal(second.connections(), 0);
});

test('a name that changes its answer is held to the one that was checked', async (t) => {
  const inside = await httpOrigin(t, (_, response) => response.end('secret'));
  const network = recordedNetwork({ 'rebind.test': [['93.184.215.14'], ['127.0.0.1']] });
  const outbound = createOutbound([], network);
  const url = `http://rebind.test:${inside.port}/`;
  await assert.rejects(outbound.request({ url, ...LIMITS }), { code: 'unreachable' });
  await assert.rejects(outbound.request({ url, ...LIMITS }), { code: 'blocked' });
  assert.deepEqual(network.connected, [`93.184.215.14 ${inside.port}`]);
  assert.equal(inside.connections(), 0);
});

test('a name that changes its answer between two redirects is judged at each', async (t) => {
  const origin = await redirector(t);
  const names = { 'rebind.test': [['127.0.0.1'], ['127.0.0.2']] };
  const network = recordedNetwork(names);
  const outbound = createOutbound(parseAllowed(`127.0.0.1:${origin.port}`), network);
  const url = `http://rebind.test:${origin.port}${to('/again')}`;
  await assert.rejects(outbound.request({ url, ...LIMITS }), { code: 'blocked' });
  assert.deepEqual(network.connected, [`127.0.0.1 ${origin.port}`]);
  assert.deepEqual(
    origin.heard.map(({ path }) => path),
    [to('/again')],
  );
});

test('of several addresses only those that may be asked reach the socket', async () => {
  const network = recordedNetwork({ 'mixed.test': [['127.0.0.1', '93.184.215.14', '::1', '10.0.0.1']] });
  const outbound = createOutbound([], network);
  await assert.rejects(outbound.request({ url: 'http://mixed.test/', ...LIMITS }), { code: 'unreachable' });
  assert.deepEqual(network.connected, ['93.184.215.14 80']);
});
