/** The proof that a server gives of its results: signed reports, and keys to check them with. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkSignature, isPublicKey, keyId } from '../../src/lib/signature.ts';
import { jpegFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { get, optimize } from './native-client.ts';
import { KEY, startServer, temporaryFolder } from './start-server.ts';

const jpeg = await jpegFile(photo(320, 240), { quality: 95 });

/** A job's report, once it has ended. */
async function reportOf(url: string, key: string, image: Uint8Array | string, query = '') {
  const bytes = typeof image === 'string' ? Buffer.from(image) : image;
  const { body: job } = await optimize(url, key, bytes, query);
  const { status, body: report } = await get(url, `/api/v1/jobs/${job.id}/report`, key);
  assert.equal(status, 200, JSON.stringify(report));
  return { job, report };
}

async function publishedKeys(url: string): Promise<string[]> {
  const reply = await fetch(`${url}/.well-known/keeneye-keys.json`);
  assert.equal(reply.headers.get('content-type'), 'application/jwk-set+json');
  const { keys } = (await reply.json()) as { keys: unknown[] };
  return keys.map((key) => {
    assert.ok(isPublicKey(key) && !('d' in key), 'a public key and nothing more');
    return keyId(key);
  });
}

describe('a report', () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.stop());

  it('is signed by the key that the server publishes, whatever became of the image', async () => {
    const keys = await publishedKeys(app.url);
    for (const image of [jpeg, 'no image']) {
      const { report } = await reportOf(app.url, app.key, image);
      assert.deepEqual([checkSignature(report)], keys);
    }
  });

  it('says what was asked for and what came out, and no change to it goes unnoticed', async () => {
    const { job, report } = await reportOf(app.url, app.key, jpeg, 'format=webp&floor=80');
    const { floor, gate, options, input, outputs } = report;
    assert.deepEqual([floor, gate, options.targets, options.floor], [80, 'smaller', ['webp'], 80]);
    assert.deepEqual([input.sha256, outputs[0].sha256], [job.input.sha256, job.outputs[0].sha256]);
    const better = { ...report, outputs: [{ ...outputs[0], score: 99 }] };
    for (const wrong of [{ ...report, floor: 90 }, better, { ...report, outputs: [] }])
      assert.throws(() => checkSignature(wrong), /changed after it was signed/);
  });

  it('is the same each time that it is asked for', async () => {
    const { job, report } = await reportOf(app.url, app.key, jpeg);
    const again = await get(app.url, `/api/v1/jobs/${job.id}/report`, app.key);
    assert.deepEqual(again.body, report);
  });
});

describe('the key that signs', () => {
  it('survives a restart, and differs from one server to the next', async () => {
    const folder = await temporaryFolder();
    const first = await startServer(folder);
    const keys = await publishedKeys(first.url);
    const { report } = await reportOf(first.url, KEY, 'no image');
    await first.end('SIGKILL');
    const second = await startServer(folder);
    assert.deepEqual(await publishedKeys(second.url), keys);
    assert.deepEqual([checkSignature(report)], keys);
    await second.end('SIGTERM');
    const stranger = await startServer(await temporaryFolder());
    assert.notDeepEqual(await publishedKeys(stranger.url), keys);
    await stranger.end('SIGTERM');
  });
});
