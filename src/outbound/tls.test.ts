/** Encrypted origins: who they are is proven to the name that was asked for, not to the address that it led to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { buildConnector } from 'undici';
import { parseAllowed } from './allowed.ts';
import { createOutbound } from './outbound.ts';

/** Of a certificate authority that nobody trusts, for `secure.test`; it guards nothing. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2nTyh7V1+5PVJdK/
M1qQJZM2xt625gAPCHdPxjvzO0WhRANCAAS5n/6YrFtACvsxunRHbSQ7YdC/cVYK
C7a2vVtkH46NkUrqLEnAKt0b73mMFw26ziT3zkcpL9dyTzSXOErP3nrw
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtzZWN1cmUu
dGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIGA1UE
AwwLc2VjdXJlLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS5n/6YrFtA
CvsxunRHbSQ7YdC/cVYKC7a2vVtkH46NkUrqLEnAKt0b73mMFw26ziT3zkcpL9dy
TzSXOErP3nrwo0owSDAWBgNVHREEDzANggtzZWN1cmUudGVzdDAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBTKvi6fe2oBYl2zZzuNstMn75O7UTAKBggqhkjOPQQD
AgNHADBEAiAEjlF8mtoHyYyEl0wnobAeXcKQvZKnvrPohRICJ9zOJwIgOw6icwZd
NJM+U8SI24DTOvTk+G6fD0AGw+6OGGrXZc0=
-----END CERTIFICATE-----`;

const server = createServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
  response.end(`for ${request.headers.host}`);
});
before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
after(() => server.close());

/** @param ca an authority to trust besides those that Node does. */
function get(hostname: string, ca?: string) {
  const connector = ((options) => buildConnector({ ...options, ca })) as typeof buildConnector;
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const { port } = server.address() as AddressInfo;
  const outbound = createOutbound(parseAllowed('127.0.0.1'), { resolve, connector });
  return outbound.request({ url: `https://${hostname}:${port}/`, maxBytes: 100, timeoutMs: 20_000 });
}

test('an origin with a trusted certificate for its name is asked', async () => {
  const { bytes } = await get('secure.test', CERTIFICATE);
  assert.match(Buffer.from(bytes).toString(), /^for secure\.test:\d+$/);
});

test('a certificate that nobody vouches for, or of another name, is not taken', async () => {
  await assert.rejects(get('secure.test'), { code: 'unreachable' });
  await assert.rejects(get('other.test', CERTIFICATE), { code: 'unreachable' });
  await assert.rejects(get('127.0.0.1', CERTIFICATE), { code: 'unreachable' });
});
