/** A server with a certificate, from making one to renewing it, as an operator and a client see it. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { Agent, fetch } from 'undici';
import { jpegFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { untilNoProcess } from '../processes.ts';
import { KEY, runProgram, startServer, temporaryFolder, until } from './start-server.ts';

/** Not there yet: the certificate is made before the first start. */
const dataDir = join(await temporaryFolder(), 'data');

interface Made {
  TLS_CERT: string;
  TLS_KEY: string;
}

async function makeCertificate(...args: string[]): Promise<Made> {
  const made = await runProgram(['doctor', '--json', '--make-cert', ...args], { DATA_DIR: dataDir });
  assert.deepEqual([made.code, made.stderr], [0, '']);
  const { TLS_CERT, TLS_KEY } = JSON.parse(made.stdout);
  return { TLS_CERT, TLS_KEY };
}

const files = await makeCertificate('images.test');
const serve = () => startServer(dataDir, { ...files, TLS_PORT: '0' });
const tlsUrlOf = ({ stdout }: { stdout: string[] }): string => JSON.parse(stdout[0]!).tlsUrl;

async function numberServed(tlsUrl: string): Promise<string> {
  const { hostname: host, port } = new URL(tlsUrl);
  const socket: TLSSocket = connect({ host, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

test('a made certificate is for nobody but its owner to read, and is not replaced unasked', async () => {
  for (const path of Object.values(files)) assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(dataDir)).mode & 0o077, 0);
  const before = await readFile(files.TLS_CERT, 'utf8');
  const { code, stdout, stderr } = await runProgram(['doctor', '--make-cert'], { DATA_DIR: dataDir });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^keeneye: .*certificate\.pem is there already; --force replaces it\.\n$/);
  assert.equal(await readFile(files.TLS_CERT, 'utf8'), before);
});

test('the variables that it prints are those of a server that serves HTTPS too', async () => {
  const other = join(dataDir, 'other');
  const { stdout } = await runProgram(['doctor', '--make-cert', 'a.test', '192.0.2.1'], { DATA_DIR: other });
  const [cert, key] = [join(other, 'tls/certificate.pem'), join(other, 'tls/key.pem')];
  assert.equal(stdout, `TLS_CERT=${cert}\nTLS_KEY=${key}\n`);
  const certificate = new X509Certificate(await readFile(cert));
  for (const host of ['a.test', 'localhost']) assert.equal(certificate.checkHost(host), host);
  for (const address of ['192.0.2.1', '127.0.0.1']) assert.equal(certificate.checkIP(address), address);
});

test('an image goes and comes by HTTPS, and by HTTP with links to HTTP', async () => {
  const server = await serve();
  const tlsUrl = tlsUrlOf(server);
  const dispatcher = new Agent({ connect: { ca: await readFile(files.TLS_CERT) } });
  const body = await jpegFile(photo(160, 120), { quality: 95 });
  for (const url of [tlsUrl, server.url]) {
    const headers = { authorization: `Bearer ${KEY}` };
    const reply = await fetch(`${url}/api/v1/optimize`, { method: 'POST', headers, body, dispatcher });
    const text = await reply.text();
    const links = text.match(/https?:\/\/[^"]+\/artifacts\/[^"]+/g) ?? [];
    assert.ok(links.length > 0, text);
    for (const link of links) assert.ok(link.startsWith(`${url}/`), link);
    const image = await fetch(links[0]!, { dispatcher });
    assert.equal(image.headers.get('content-type'), 'image/jpeg');
    assert.ok((await image.arrayBuffer()).byteLength < body.length);
  }
  await dispatcher.close();
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a new certificate in the same files is served without a restart', async () => {
  const server = await serve();
  const tlsUrl = tlsUrlOf(server);
  const before = await numberServed(tlsUrl);
  await makeCertificate('images.test', '--force');
  const renewed = new X509Certificate(await readFile(files.TLS_CERT)).serialNumber;
  assert.notEqual(before, renewed);
  await until(async () => ((await numberServed(tlsUrl)) === renewed ? true : null));
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a server without a certificate says nothing of HTTPS', async () => {
  const server = await startServer(dataDir, { TLS_PORT: '0' });
  assert.equal('tlsUrl' in JSON.parse(server.stdout[0]!), false);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('what keeps HTTPS from being served is told in one sentence, and nothing is left behind', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const faults: [env: Record<string, string>, told: RegExp][] = [
    [{ TLS_CERT: files.TLS_CERT }, /TLS_KEY must be set where TLS_CERT is\./],
    [{ ...files, TLS_CERT: join(dataDir, 'none.pem') }, /TLS_CERT cannot be read: ENOENT: .*none\.pem'\./],
    [{ ...files, TLS_KEY: files.TLS_CERT }, /TLS_KEY, .*, holds no private key in PEM.*\./],
    [{ ...files, TLS_PORT: String(port) }, new RegExp(`Cannot listen on .*, port ${port}: .*TLS_PORT.*\\.`)],
  ];
  for (const [env, told] of faults) {
    const { code, stdout, stderr } = await runProgram(['serve'], { DATA_DIR: dataDir, PORT: '0', ...env });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, new RegExp(`keeneye: ${told.source}\n$`));
  }
  await untilNoProcess(dataDir);
});

test('the doctor reads the certificate, too', async () => {
  const examine = async (env: Record<string, string>) => {
    const { stdout } = await runProgram(['doctor', '--json'], { DATA_DIR: dataDir, ...env });
    return JSON.parse(stdout).checks.find(({ name }: { name: string }) => name === 'certificate');
  };
  const { status, detail } = await examine({ ...files });
  assert.equal(status, 'ok');
  assert.match(detail, /^for DNS:images\.test, .*, until \d{4}-\d\d-\d\d$/);
  assert.equal((await examine({ ...files, TLS_KEY: files.TLS_CERT })).status, 'fail');
});
