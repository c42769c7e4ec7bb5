/** Two servers on one database and one folder of files: they count as one, and one does what the other leaves behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createKey, findKey, type NewKey } from '../../src/accounts/keys.ts';
import { temporaryDatabase } from '../../src/store/temporary-database.test-support.ts';
import { pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { creditsUsed, enqueue, job, optimize } from './native-client.ts';
import { type Server, startServer, temporaryFolder } from './start-server.ts';

const { database, server: postgres } = await temporaryDatabase();
const { host, port, user, database: name } = postgres.connection;
const shared = {
  DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host!)}`,
  BLOB_URL: pathToFileURL(await temporaryFolder()).href,
  // What is counted here is what accounts let in, not what a small machine has time for.
  MAX_QUEUE: '100000',
  MAX_WAIT: '24h',
};

const startNode = async () => startServer(await temporaryFolder(), shared);
const [first, second] = await Promise.all([startNode(), startNode()]);
const nodeOf = (at: number): Server => (at % 2 === 0 ? first : second);

const newKey = async (wanted: Partial<NewKey> = {}) =>
  createKey(database, { name: 'of both', credits: null, ...wanted });

/** Does it so many times at once, on both servers by turns. */
function atOnce<T>(times: number, ask: (server: Server, at: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, at) => ask(nodeOf(at), at)));
}

test('of 240 requests at once over both, against a limit of 120 a minute, exactly 120 pass', async () => {
  const { secret } = await newKey();
  const codes = await atOnce(240, async ({ url }) => {
    const answer = await fetch(`${url}/v1/users/info`, { headers: { 'x-api-key': secret } });
    return ((await answer.json()) as { code: number }).code;
  });
  assert.equal(codes.filter((code) => code === 200).length, 120);
  assert.equal(codes.filter((code) => code === 429).length, 120);
});

test('of 1,000 images at once over both, on 100 credits, exactly 100 are taken in and paid for', async () => {
  const { key, secret } = await newKey({ credits: 100 });
  const images = await Promise.all(Array.from({ length: 1000 }, (_, at) => pngFile(photo(32, 32, at))));
  const answers = await atOnce(1000, ({ url }, at) =>
    optimize(url, secret, images[at]!, 'format=webp&wait=0'),
  );
  const taken = answers.filter(({ status }) => status === 202 || status === 200);
  assert.equal(taken.length, 100);
  assert.deepEqual(
    [...new Set(answers.filter((answer) => !taken.includes(answer)).map(({ body }) => body.code))],
    ['out-of-credits'],
  );
  for (const [at, { body }] of taken.entries())
    assert.equal((await job(nodeOf(at).url, secret, body.id)).status, 'done');
  const { creditsUsed: used, creditsReserved } = (await findKey(database, key.id))!;
  assert.deepEqual([used, creditsReserved], [100, 0]);
});

test('what a killed one had taken in, the other does, once', async () => {
  const { secret } = await newKey();
  const ids: string[] = [];
  for (let seed = 2000; seed < 2012; seed += 1)
    ids.push(await enqueue(first.url, secret, await pngFile(photo(32, 32, seed)), 'format=webp'));
  assert.equal(await first.end('SIGKILL'), 'SIGKILL');
  for (const id of ids) assert.equal((await job(second.url, secret, id)).status, 'done');
  assert.equal(await creditsUsed(second.url, secret), ids.length);
  assert.equal(await second.end('SIGTERM'), 0);
});
