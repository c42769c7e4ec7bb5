/** What is written by hand here is read by Node's own reader, and proven by a handshake. */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { objectId, positive, time, value } from './der.ts';
import { readHosts, selfSigned } from './self-signed.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('values are written as X.690 has them', () => {
  assert.equal(hex(positive(Uint8Array.of(0x7f))), '02017f');
  assert.equal(hex(positive(Uint8Array.of(0x80))), '02020080');
  assert.equal(hex(objectId('1.2.840.113549')), '06062a864886f70d');
  assert.equal(hex(value(4, new Uint8Array(127)).subarray(0, 3)), '047f00');
  assert.equal(hex(value(4, new Uint8Array(128)).subarray(0, 4)), '04818000');
  assert.equal(hex(value(4, new Uint8Array(300)).subarray(0, 4)), '0482012c');
});

test('a year has two digits until 2049 and four from then on', () => {
  assert.equal(
    String(time(new Date('2049-12-31T23:59:58.7Z')).slice(2)),
    String(Buffer.from('491231235958Z')),
  );
  assert.equal(hex(time(new Date('2050-01-01T00:00:00Z'))), `180f${hex(Buffer.from('20500101000000Z'))}`);
});

test('a certificate vouches for itself, names its hosts and is no authority', () => {
  const { cert, key, end } = selfSigned(
    readHosts(['images.example.org', '*.example.net', '192.0.2.7', 'fd00::1']),
  );
  const certificate = new X509Certificate(cert);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
  assert.equal(certificate.ca, false);
  assert.equal(certificate.checkHost('images.example.org'), 'images.example.org');
  assert.equal(certificate.checkHost('a.example.net'), '*.example.net');
  assert.equal(certificate.checkHost('example.org'), undefined);
  for (const address of ['192.0.2.7', 'fd00::1', '127.0.0.1', '::1'])
    assert.ok(certificate.checkIP(address), address);
  assert.equal(certificate.checkIP('192.0.2.8'), undefined);
  assert.equal(new Date(certificate.validTo).getTime(), Math.floor(end.getTime() / 1000) * 1000);
  assert.ok(new Date(certificate.validFrom) < new Date());
});

test('no two certificates have the same number or key', () => {
  const [one, two] = [
    new X509Certificate(selfSigned(['a']).cert),
    new X509Certificate(selfSigned(['a']).cert),
  ];
  assert.notEqual(one.serialNumber, two.serialNumber);
  assert.notEqual(
    one.publicKey.export({ type: 'spki', format: 'pem' }),
    two.publicKey.export({ type: 'spki', format: 'pem' }),
  );
});

test('names are written in ASCII, each host once, and what is no host is refused', () => {
  assert.deepEqual(readHosts(['Bücher.example', 'localhost', '[::1]']), [
    'xn--bcher-kva.example',
    'localhost',
    '::1',
    '127.0.0.1',
  ]);
  for (const wrong of [
    '',
    'a b',
    'a/b',
    'a..b',
    '*',
    'https://a',
    'a:443',
    '-a',
    'fe80::1%eth0',
    'a'.repeat(64),
  ]) {
    assert.throws(() => readHosts([wrong]), /is no host/, wrong);
  }
});

test('a client that is given the certificate trusts the server for its hosts only', async (t) => {
  const { cert, key } = selfSigned(readHosts(['images.test']));
  const server = createServer({ cert, key }, (_request, response) => response.end('hello'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ask = async (servername: string, ca?: string) => {
    const options = { ca, servername, headers: { host: servername }, agent: false as const };
    const [response] = await once(get(`https://127.0.0.1:${port}/`, options), 'response');
    response.resume();
    return response.statusCode;
  };
  assert.equal(await ask('images.test', cert), 200);
  assert.equal(await ask('localhost', cert), 200);
  await assert.rejects(ask('images.test'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  await assert.rejects(ask('other.test', cert), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});
