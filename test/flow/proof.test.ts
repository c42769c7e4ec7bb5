/** The proof that a server gives of its results: signed reports, and keys to check them with. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { checkSignature, createSigner, isPublicKey, keyId, makePrivateKey } from '../../src/lib/signature.ts';
import { jpegFile, pngFile } from '../images/files.ts';
import { pdfFile, pdfPicture } from '../images/pdf.ts';
import { logo, photo } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { get, optimize } from './native-client.ts';
import { KEY, runProgram, startServer, temporaryFolder } from './start-server.ts';

const jpeg = await jpegFile(photo(320, 240), { quality: 95 });
const folder = await temporaryFolder();

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

describe('checking without the server', () => {
  const file = (name: string) => join(folder, name);
  const verify = (report: string, optimized: string, keys: string) =>
    runProgram(['verify', file(report), file('original.jpg'), file(optimized), '--keys', file(keys)], {});

  before(async () => {
    const app = await startApp();
    const { job, report } = await reportOf(app.url, app.key, jpeg);
    const keys = await (await fetch(`${app.url}/.well-known/keeneye-keys.json`)).json();
    await writeFile(file('optimized.jpg'), await (await fetch(job.outputs[0].url)).bytes());
    await app.stop();
    await writeFile(file('original.jpg'), jpeg);
    await writeFile(file('keys.json'), JSON.stringify(keys));
    await writeFile(file('report.json'), JSON.stringify(report, null, 2));
  });

  it('a report is valid long after its server has gone', async () => {
    const { code, stdout } = await verify('report.json', 'optimized.jpg', 'keys.json');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ok +signer .*\n(ok .*\n)+The report is valid\.\n$/);
  });

  it('a tampered report, another file and another key are refused by name', async () => {
    const report = JSON.parse(await readFile(file('report.json'), 'utf8'));
    await writeFile(file('tampered.json'), JSON.stringify({ ...report, floor: 60 }));
    const other = createSigner(makePrivateKey());
    await writeFile(file('forged.json'), JSON.stringify(other.sign({ ...report, signature: undefined })));
    await writeFile(file('other-keys.json'), JSON.stringify({ keys: [other.publicKey] }));
    const expected: [RegExp, string, string, string][] = [
      [/FAILED +signature +It was changed/, 'tampered.json', 'optimized.jpg', 'keys.json'],
      [/FAILED +signer .*not in the key set/, 'forged.json', 'optimized.jpg', 'keys.json'],
      [/FAILED +signer .*not in the key set/, 'report.json', 'optimized.jpg', 'other-keys.json'],
      [/FAILED +optimized/, 'report.json', 'original.jpg', 'keys.json'],
    ];
    for (const [finding, ...files] of expected) {
      const { code, stdout } = await verify(...files);
      assert.equal(code, 1, stdout);
      assert.match(stdout, finding);
    }
  });

  it('the program that the documentation gives finds the same', async () => {
    const page = await readFile(new URL('../../docs/use/proof.md', import.meta.url), 'utf8');
    await writeFile(file('by-hand.mjs'), /```js\n([^`]*(?:`[^`]+`[^`]*)*?)```/.exec(page)![1]!);
    const run = () => promisify(execFile)(process.execPath, ['by-hand.mjs'], { cwd: folder });
    assert.equal((await run()).stdout, 'true\n');
    await copyFile(file('tampered.json'), file('report.json'));
    assert.equal((await run()).stdout, 'false\n');
  });
});

describe('a heat map', () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.stop());
  const ask = (id: string, query = '', key = app.key) =>
    fetch(`${app.url}/api/v1/jobs/${id}/heatmap.png${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
  const jobOf = async (image: Uint8Array, query = '') =>
    (await optimize(app.url, app.key, image, query)).body;

  it('shows where each output of a job differs, at the size of the image', async () => {
    const job = await jobOf(jpeg, 'format=webp,jpeg');
    const maps = await Promise.all([ask(job.id), ask(job.id, '?output=0'), ask(job.id, '?output=1')]);
    for (const reply of maps)
      assert.deepEqual([reply.status, reply.headers.get('content-type')], [200, 'image/png']);
    const [first, same, second] = await Promise.all(maps.map((reply) => reply.bytes()));
    assert.deepEqual(first, same);
    assert.notDeepEqual(first, second);
    const { format, width, height } = await sharp(first).metadata();
    assert.ok(format === 'png' && width === 320 && height! > 240 && height! < 300);
    assert.ok((await sharp(first).stats()).channels.every(({ stdev }) => stdev > 1));
  });

  it('shows the worst image of a PDF, which the report names', async () => {
    const job = await jobOf(await pdfFile({ picture: pdfPicture() }));
    assert.equal(job.outputs[0].worstTile.image.page, 1);
    const reply = await ask(job.id);
    assert.equal(reply.status, 200, await reply.clone().text());
    const { width, height } = await sharp(await reply.bytes()).metadata();
    assert.ok(width >= 320 && height! > 240);
  });

  it('is refused with a reason where there is none', async () => {
    const lossless = await jobOf(await pngFile(logo(120, 120)), 'fidelity=lossless');
    const lossy = await jobOf(jpeg);
    const declined = await jobOf(Buffer.from('no image'));
    const expected: [string, string, number, RegExp][] = [
      [lossless.id, '', 404, /lossless, so no pixel differs/],
      [declined.id, '', 404, /declined and has no output/],
      [lossy.id, '?output=1', 422, /1 output\(s\), counted from 0/],
      [lossy.id, '?output=-1', 422, /whole number/],
      [lossy.id, '?size=1', 422, /no parameter "size"/],
      ['no-such-job', '', 404, /no such job/],
    ];
    for (const [id, query, status, detail] of expected) {
      const reply = await ask(id, query);
      const problem = (await reply.json()) as { detail: string };
      assert.equal(reply.status, status, problem.detail);
      assert.match(problem.detail, detail);
    }
    assert.equal((await ask(lossy.id, '', 'a-key-that-nobody-was-given')).status, 401);
    assert.equal((await ask(lossy.id, '', await app.makeKey(null))).status, 404);
  });
});

describe('the key that signs', () => {
  it('survives a restart, and differs from one server to the next', async () => {
    const dataDir = await temporaryFolder();
    const first = await startServer(dataDir);
    const keys = await publishedKeys(first.url);
    const { report } = await reportOf(first.url, KEY, 'no image');
    await first.end('SIGKILL');
    const second = await startServer(dataDir);
    assert.deepEqual(await publishedKeys(second.url), keys);
    assert.deepEqual([checkSignature(report)], keys);
    await second.end('SIGTERM');
    const stranger = await startServer(await temporaryFolder());
    assert.notDeepEqual(await publishedKeys(stranger.url), keys);
    await stranger.end('SIGTERM');
  });
});
