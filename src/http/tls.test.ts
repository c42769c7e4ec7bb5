/** Both listeners over real sockets, with one small dialect that says where its links would lead. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { readHosts, selfSigned } from '../cli/doctor/self-signed.ts';
import type { Dialect, Service } from '../dialects/dialect.ts';
import { createLog } from '../lib/log.ts';
import { createServer, type EncryptedListener, type HttpServer } from './server.ts';
import type { Studies } from './study-routes.ts';

const first = selfSigned(readHosts([]));
const second = selfSigned(readHosts(['renewed.test']));

/** Resolves when the `/wait` handler has begun. */
let waiting = Promise.withResolvers<void>();

const dialect: Dialect = {
  name: 'links',
  routes: [
    { method: 'GET', path: '/origin', handle: async ({ origin }) => ({ status: 200, text: origin }) },
    { method: 'POST', path: '/bytes', handle: async ({ bytes }) => ({ status: 200, bytes: await bytes() }) },
    {
      method: 'GET',
      path: '/wait',
      handle: async ({ signal }) => {
        waiting.resolve();
        if (!signal.aborted) await once(signal, 'abort');
        return { status: 202, text: 'as it stands' };
      },
    },
  ],
  refuse: ({ code }) => ({ status: 404, text: code }),
};

function create(publicUrl: string | null = null): HttpServer {
  return createServer({
    dialects: [dialect],
    own: [],
    serviceFor: () => ({}) as Service,
    openArtifact: () => Promise.reject(new Error('there is none')),
    studies: {} as Studies,
    reportKeys: [],
    maxBytes: 1000,
    publicUrl,
    log: createLog('silent'),
    metrics: { requestEnded: () => {}, expose: async () => ({ contentType: 'text/plain', text: '' }) },
    health: async () => [],
  });
}

async function start(publicUrl: string | null = null) {
  const server = create(publicUrl);
  const { url } = await server.listen('127.0.0.1', 0);
  return { server, url, encrypted: await server.listenEncrypted('127.0.0.1', 0, first) };
}

async function ask(url: string, agent: Agent | false = false): Promise<{ status: number; body: string }> {
  const [response] = await once(get(url, { ca: [first.cert, second.cert], agent }), 'response');
  return { status: response.statusCode, body: await text(response) };
}

const port = (url: string) => Number(new URL(url).port);

/** @param protocols what the client offers by ALPN. */
async function handshake(url: string, protocols: string[] = []): Promise<TLSSocket> {
  const ca = [first.cert, second.cert];
  const socket = connectTls({ host: '127.0.0.1', port: port(url), ca, ALPNProtocols: protocols });
  await once(socket, 'secureConnect');
  return socket;
}

async function raw(url: string, request: string): Promise<string> {
  const socket = await handshake(url);
  socket.write(request);
  return text(socket);
}

describe('the encrypted listener', () => {
  let server: HttpServer;
  let url: string;
  let encrypted: EncryptedListener;
  before(async () => {
    ({ server, url, encrypted } = await start());
  });
  after(() => server.close());

  it('answers as the plain one does, with links of the scheme that the request came by', async () => {
    assert.match(encrypted.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(await ask(`${encrypted.url}/origin`), { status: 200, body: encrypted.url });
    assert.equal(await (await fetch(`${url}/origin`)).text(), url);
    assert.deepEqual(await ask(`${encrypted.url}/nowhere`), { status: 404, body: 'not-found' });
  });

  it('names its own address where the Host header is missing or no host', async () => {
    for (const host of ['', 'Host: evil"><script>\r\n']) {
      const answer = await raw(encrypted.url, `GET /origin HTTP/1.0\r\n${host}\r\n`);
      assert.ok(answer.endsWith(`\r\n\r\n${encrypted.url}`), answer);
    }
  });

  it('answers HTTP/1.0 with a length and no chunks', async () => {
    const answer = await raw(encrypted.url, 'POST /bytes HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc');
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 3\r\n[\s\S]*\r\n\r\nabc$/i);
    assert.doesNotMatch(answer, /transfer-encoding/i);
  });

  it('agrees on a version of HTTP with who offers 1.0 alone, or 2 besides', async () => {
    for (const [offered, agreed] of [
      [['http/1.0'], 'http/1.0'],
      [['h2', 'http/1.1'], 'http/1.1'],
    ] as const) {
      const socket = await handshake(encrypted.url, [...offered]);
      assert.equal(socket.alpnProtocol, agreed);
      socket.write('GET /origin HTTP/1.0\r\nHost: x\r\n\r\n');
      assert.match(await text(socket), /https:\/\/x$/);
    }
  });

  it('keeps a connection for the next request, whatever was on it before', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    agent.on('free', (socket: Socket) => ports.add(socket.localPort));
    for (const path of ['/origin', '/nowhere', '/origin'])
      assert.match((await ask(encrypted.url + path, agent)).body, /./);
    assert.equal(ports.size, 1);
    agent.destroy();
  });

  it('sends the 100 only when the body is wanted', async () => {
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n`;
    assert.match(await raw(encrypted.url, head('/nowhere')), /^HTTP\/1\.1 404 /);
    assert.match(
      await raw(encrypted.url, `${head('/bytes')}abc`),
      /^HTTP\/1\.1 100 [\s\S]*200 OK[\s\S]*abc$/,
    );
  });

  it('refuses a body over the limit before it is sent, and closes', async () => {
    const answer = await raw(
      encrypted.url,
      'POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\nab',
    );
    assert.match(answer, /^HTTP\/1\.1 404 [\s\S]*connection: close[\s\S]*body-too-large$/i);
  });

  it('refuses what is not HTTP inside TLS, and hangs up on what is not TLS', async () => {
    assert.match(await raw(encrypted.url, 'hello\r\n\r\n'), /^HTTP\/1\.1 400 /);
    const socket = connect(port(encrypted.url), '127.0.0.1');
    socket.write('GET /origin HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(await text(socket).catch(() => ''), '');
    assert.equal((await ask(`${encrypted.url}/origin`)).status, 200);
  });

  it('shows a renewed certificate to new connections, and goes on with the open ones', async () => {
    const open = await handshake(encrypted.url);
    encrypted.renew(second);
    const fresh = await handshake(encrypted.url);
    assert.match(fresh.getPeerCertificate().subjectaltname ?? '', /renewed\.test/);
    assert.doesNotMatch(open.getPeerCertificate().subjectaltname ?? '', /renewed\.test/);
    open.write('GET /origin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(await text(open), /https:\/\/x$/);
    fresh.destroy();
  });
});

describe('stopping both listeners', () => {
  it('answers waiting requests with what there is, and then neither takes more', async () => {
    const { server, url, encrypted } = await start();
    waiting = Promise.withResolvers();
    const reply = ask(`${encrypted.url}/wait`);
    await waiting.promise;
    await server.close(0);
    assert.deepEqual(await reply, { status: 202, body: 'as it stands' });
    await assert.rejects(ask(`${encrypted.url}/origin`), { code: 'ECONNREFUSED' });
    await assert.rejects(fetch(`${url}/origin`));
  });

  it('does not wait for who has connected and then said nothing', async () => {
    const { server, url, encrypted } = await start();
    const plain = connect(port(url), '127.0.0.1');
    const silent = connect(port(encrypted.url), '127.0.0.1');
    await Promise.all([once(plain, 'connect'), once(silent, 'connect')]);
    const agreed = await handshake(encrypted.url);
    // An answer to a later one shows that the server has seen these.
    await ask(`${encrypted.url}/origin`);
    const gone = [plain, silent, agreed].map((socket) => {
      socket.on('error', () => socket.destroy());
      return once(socket, 'close');
    });
    await server.close(600_000);
    await Promise.all(gone);
  });

  it('hands out links under the public address when there is one', async () => {
    const { server, encrypted } = await start('http://images.example.org');
    assert.equal((await ask(`${encrypted.url}/origin`)).body, 'http://images.example.org');
    await server.close();
  });

  it('leaves nothing open when the second port is taken', async () => {
    const server = create();
    const { url } = await server.listen('127.0.0.1', 0);
    await assert.rejects(server.listenEncrypted('127.0.0.1', port(url), first), { code: 'EADDRINUSE' });
    await server.close();
    await assert.rejects(fetch(`${url}/origin`));
  });
});
