/** What the log of a whole server says of those who ask, in every protocol, and of what operators do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { optimize } from '../flow/native-client.ts';
import { runProgram, startServer, temporaryFolder, until } from '../flow/start-server.ts';
import { pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { look } from './shimmercat-client.ts';

const dataDir = await temporaryFolder();
/** Never answers. */
const origin = createServer(() => {}).listen(0, '127.0.0.1');
await once(origin, 'listening');
after(() => {
  origin.close();
  origin.closeAllConnections();
});
const originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/a.jpg`;
const server = await startServer(dataDir, { LOG_LEVEL: 'info', ALLOW_PRIVATE_SOURCES: '127.0.0.1' });

async function makeKey(...flags: string[]): Promise<{ id: string; secret: string }> {
  const env = { DATA_DIR: dataDir };
  const secret = (await runProgram(['keys', 'create', '--name', 'asks', ...flags], env)).stdout.trim();
  const { stdout } = await runProgram(['keys', 'list', '--json'], env);
  const keys = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { id: keys.at(-1).id, secret };
}

/** Sends one request and gives its line. */
async function lineOf(send: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const lines = () => server.log().filter(({ msg }) => msg === 'request');
  const before = lines().length;
  await send();
  return until(() => lines()[before]);
}

const form = (fields: Record<string, string>) => new URLSearchParams(fields);
const post = (path: string, body: RequestInit['body'], headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method: 'POST', headers, ...(body && { body }) });

/** By dialect, how it asks with a secret. */
const ASKS: Record<string, (secret: string) => Promise<unknown>> = {
  native: async (secret) => optimize(server.url, secret, await pngFile(photo(32, 32, 1))),
  megaoptim: (secret) => post('/v1/users/info', null, { 'x-api-key': secret }),
  shimmercat: (secret) =>
    look({ url: server.url, token: secret, domain: 'example.com' }, new Uint8Array([1, 2, 3])),
  ewww: (secret) => post('/quota/', form({ api_key: secret })),
  shortpixel: (secret) =>
    post('/v2/reducer.php', JSON.stringify({ key: secret, lossy: 1, wait: 0, urllist: [originUrl] })),
};

test('the line of a request says whose key asked, in every protocol, and never the secret', async () => {
  const { id, secret } = await makeKey();
  for (const [dialect, ask] of Object.entries(ASKS)) {
    const line = await lineOf(() => ask(secret));
    assert.deepEqual([line.dialect, line.key], [dialect, id]);
    const stranger = await lineOf(() => ask('a-secret-that-nobody-has'));
    assert.deepEqual([stranger.dialect, 'key' in stranger], [dialect, false]);
  }
  const said = JSON.stringify(server.log());
  assert.ok(!said.includes(secret) && !said.includes('a-secret-that-nobody-has'));
});

test('the line of a request to the administration says whose key asked', async () => {
  const { id, secret } = await makeKey('--admin');
  const headers = { authorization: `Bearer ${secret}` };
  const line = await lineOf(() => fetch(`${server.url}/api/v1/admin/jobs`, { headers }));
  assert.deepEqual([line.dialect, line.key], ['admin', id]);
});

test('a job that is called off has its line and is counted', async () => {
  const [{ id: keyId, secret }, boss] = [await makeKey(), await makeKey('--admin')];
  await post('/v1/optimize', form({ type: 'url', url: originUrl }), { 'x-api-key': secret });
  const headers = { authorization: `Bearer ${boss.secret}` };
  const list = await fetch(`${server.url}/api/v1/admin/jobs?key=${keyId}`, { headers });
  const { jobs } = (await list.json()) as { jobs: { id: string }[] };
  const { id } = jobs[0]!;
  const cancel = await fetch(`${server.url}/api/v1/admin/jobs/${id}/cancel`, { method: 'POST', headers });
  assert.equal(cancel.status, 200);
  const ends = server.log().filter(({ msg, job }) => msg === 'job ended' && job === id);
  assert.deepEqual(
    ends.map(({ key, outcome, reason, credits }) => [key, outcome, reason, credits]),
    [[keyId, 'failed', 'cancelled', 0]],
  );
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /keeneye_jobs_total\{outcome="failed",reason="cancelled"\} 1\n/);
  assert.equal(await server.end('SIGTERM'), 0);
});
