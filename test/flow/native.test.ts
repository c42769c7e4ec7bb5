/** The native API against a whole server: every route, every outcome, and what a client can get wrong. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import {
  type JobBody,
  job as jobSchema,
  problem as problemSchema,
  report as reportSchema,
} from '../../src/dialects/native/schema.ts';
import {
  gifBomb,
  jpegClaiming,
  NO_IMAGES,
  pngBomb,
  pngClaiming,
  truncations,
  withProfileBomb,
} from '../images/broken.ts';
import { animatedGif, jpegFile, pngFile } from '../images/files.ts';
import { flat, photo, screenshot } from '../images/pixels.ts';
import { exchangeRaw, formBody, openSocket } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { documented } from './documented.ts';

const MAX_BYTES = 3_000_000;

let app: RunningApp;
let jpeg: Uint8Array;
let png: Uint8Array;

before(async () => {
  [jpeg, png] = await Promise.all([
    jpegFile(photo(320, 240), { quality: 95 }),
    pngFile(screenshot(240, 160)),
  ]);
  app = await startApp({ MAX_BYTES: String(MAX_BYTES) });
});
after(() => app.stop());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bearer = (key = app.key) => ({ authorization: `Bearer ${key}` });

async function post(query: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const reply = await fetch(`${app.url}/api/v1/optimize${query}`, {
    method: 'POST',
    headers: { ...bearer(), ...headers },
    body: body as RequestInit['body'],
  });
  return documented('POST', reply);
}

async function get(path: string, key = app.key) {
  const reply = await fetch(path.startsWith('http') ? path : app.url + path, { headers: bearer(key) });
  return documented('GET', reply);
}

/** The job in a reply that must have the given status and follow the schema. */
async function jobOf(reply: Response, status = 200): Promise<JobBody> {
  const body = await reply.json();
  assert.equal(reply.status, status, JSON.stringify(body));
  return jobSchema.strict().parse(body);
}

async function refusal(reply: Response): Promise<[status: number, code: string, parameter?: string]> {
  assert.equal(reply.headers.get('content-type'), 'application/problem+json');
  const { status, code, parameter, detail } = problemSchema.strict().parse(await reply.json());
  assert.equal(status, reply.status);
  assert.ok(detail);
  return [status, code, parameter];
}

describe('optimizing', () => {
  it('answers a smaller file, its proof and an address from which it can be had without a key', async () => {
    const reply = await post('', jpeg, { 'content-type': 'image/jpeg' });
    const job = await jobOf(reply);
    assert.equal(reply.headers.get('location'), `${app.url}/api/v1/jobs/${job.id}`);
    assert.deepEqual([job.status, job.outputs.length], ['done', 1]);
    assert.deepEqual(job.input, {
      bytes: jpeg.length,
      width: 320,
      height: 240,
      format: 'jpeg',
      sha256: sha256(jpeg),
    });
    const output = job.outputs[0]!;
    assert.ok(output.bytes < jpeg.length && output.score >= 85 && output.worstTile.score >= 85);
    const download = await fetch(output.url);
    const bytes = await download.bytes();
    assert.deepEqual(
      [download.headers.get('content-type'), bytes.length, sha256(bytes)],
      ['image/jpeg', output.bytes, output.sha256],
    );
    const { width, height, format } = await sharp(bytes).metadata();
    assert.deepEqual([width, height, format], [320, 240, 'jpeg']);
  });

  it('gives each of several formats an output, and auto the smallest among those accepted', async () => {
    const several = await jobOf(await post('?format=jpg,webp,avif', jpeg));
    assert.deepEqual(several.outputs.map(({ format }) => format).sort(), ['avif', 'jpeg', 'webp']);
    const auto = await jobOf(await post('?format=auto&accept=webp,jpeg', jpeg));
    const best = several.outputs
      .filter(({ format }) => format !== 'avif')
      .sort((a, b) => a.bytes - b.bytes)[0]!;
    assert.deepEqual([auto.outputs.length, auto.outputs[0]?.format], [1, best.format]);
  });

  it('keeps every pixel of a lossless PNG', async () => {
    const job = await jobOf(await post('?fidelity=lossless', png));
    const bytes = await (await fetch(job.outputs[0]!.url)).bytes();
    const raw = (file: Uint8Array) => sharp(file).ensureAlpha().raw().toBuffer();
    assert.ok((await raw(bytes)).equals(await raw(png)));
    assert.ok(bytes.length < png.length);
  });

  it('takes the image and the parameters from a form', async () => {
    const { type, body } = formBody([
      { name: 'format', data: 'webp' },
      { name: 'file', filename: '/home/ü/../photo.jpg', data: jpeg },
      { name: 'floor', data: '70' },
    ]);
    const job = await jobOf(await post('', body, { 'content-type': type }));
    assert.deepEqual([job.input.sha256, job.outputs[0]?.format], [sha256(jpeg), 'webp']);
  });

  it('answers the same question from the same job, and another one from another', async () => {
    const first = await jobOf(await post('?floor=80', jpeg));
    const again = await jobOf(
      await post('?floor=80.0&fidelity=lossy', jpeg, { 'content-type': 'text/plain' }),
    );
    const other = await jobOf(await post('?floor=81', jpeg));
    assert.equal(again.id, first.id);
    assert.notEqual(other.id, first.id);
  });

  it('answers 202 when time is up, and the job goes on', async () => {
    const reply = await post('?wait=0&floor=77', jpeg);
    const queued = await jobOf(reply, 202);
    assert.ok(queued.status === 'queued' || queued.status === 'running');
    const ended = await jobOf(await get(`${reply.headers.get('location')}?wait=60`));
    assert.deepEqual([ended.id, ended.status], [queued.id, 'done']);
  });

  it('delivers the image itself where the client prefers that', async () => {
    for (const [query, accept] of [
      ['', 'image/*'],
      ['?respond=image', '*/*'],
    ] as const) {
      const reply = await post(query, jpeg, { accept });
      assert.deepEqual([reply.status, reply.headers.get('content-type')], [200, 'image/jpeg']);
      assert.ok(Number(reply.headers.get('keeneye-score')) >= 85);
      const bytes = await reply.bytes();
      const job = await jobOf(await get(`/api/v1/jobs/${reply.headers.get('keeneye-job')}`));
      assert.equal(sha256(bytes), job.outputs[0]?.sha256);
    }
    const listed = await post('', jpeg, { accept: 'image/webp' });
    assert.equal(listed.headers.get('content-type'), 'image/webp');
  });

  it('answers a declined image with 204 and the reason where the image was asked for', async () => {
    const reply = await post('?respond=image', 'no image at all');
    assert.deepEqual([reply.status, reply.headers.get('content-length')], [204, null]);
    assert.equal(reply.headers.get('keeneye-reason'), 'unsupported');
    assert.ok(reply.headers.get('keeneye-job'));
  });
});

describe('looking at what was done', () => {
  it('proves a result in a report', async () => {
    const job = await jobOf(await post('?fidelity=glossy', jpeg));
    const reply = await get(`/api/v1/jobs/${job.id}/report`);
    const report = reportSchema.strict().parse(await reply.json());
    assert.deepEqual([report.job, report.floor, report.input.sha256], [job.id, 90, sha256(jpeg)]);
    assert.deepEqual(
      report.outputs.map(({ sha256 }) => sha256),
      job.outputs.map(({ sha256 }) => sha256),
    );
    assert.ok(report.engine && report.outputs[0]!.score >= 90 && report.outputs[0]!.evaluations > 0);
  });

  it('knows no jobs but those of the key, and no ids but its own', async () => {
    const { id } = await jobOf(await post('', jpeg));
    const stranger = await app.makeKey(null);
    for (const path of [`/api/v1/jobs/${id}`, `/api/v1/jobs/${id}/report`])
      assert.deepEqual((await refusal(await get(path, stranger))).slice(0, 2), [404, 'not-found']);
    for (const odd of ['x', '00000000-0000-0000-0000-000000000000', '%00', "1'--", 'a'.repeat(2000)])
      assert.deepEqual(
        (await refusal(await get(`/api/v1/jobs/${odd}`))).slice(0, 2),
        [404, 'not-found'],
        odd,
      );
  });

  it('charges a credit for a success, none for a repetition or a decline, and then refuses', async () => {
    const key = await app.makeKey(1);
    const send = (body: string | Uint8Array) => post('', body, bearer(key));
    const account = async () => (await get('/api/v1/account', key)).json();
    assert.deepEqual(await account(), { name: 'made by a test', creditsLeft: 1, creditsUsed: 0 });
    assert.equal((await jobOf(await send('no image'))).status, 'declined');
    assert.equal((await jobOf(await send(jpeg))).status, 'done');
    assert.equal((await jobOf(await send(jpeg))).status, 'done');
    assert.deepEqual(await account(), { name: 'made by a test', creditsLeft: 0, creditsUsed: 1 });
    assert.deepEqual((await refusal(await send(png))).slice(0, 2), [402, 'out-of-credits']);
  });

  it('serves artifacts to HEAD, and nothing for a token that was tampered with', async () => {
    const { url, bytes } = (await jobOf(await post('', jpeg))).outputs[0]!;
    const head = await fetch(url, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(bytes)]);
    const last = url.at(-9) === 'A' ? 'B' : 'A';
    for (const wrong of [`${url.slice(0, -9)}${last}${url.slice(-8)}`, `${url}A`, `${app.url}/artifacts/x`])
      assert.deepEqual((await refusal(await fetch(wrong))).slice(0, 2), [404, 'not-found']);
  });

  it('shows its own description, health and metrics', async () => {
    assert.equal(
      ((await (await fetch(`${app.url}/api/v1/openapi.json`)).json()) as { openapi: string }).openapi,
      '3.1.0',
    );
    for (const path of ['/healthz', '/readyz']) assert.equal((await fetch(app.url + path)).status, 200);
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    assert.match(
      metrics,
      /keeneye_http_requests_total\{dialect="native",route="\/api\/v1\/optimize",status="200"\} \d/,
    );
    assert.match(metrics, /keeneye_jobs_total\{outcome="done"/);
  });
});

describe('refusing', () => {
  it('asks for a key, and says how', async () => {
    for (const authorization of ['', 'Bearer wrong', 'Basic eDp5']) {
      const reply = await post('', jpeg, { authorization });
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Bearer/);
      assert.deepEqual((await refusal(reply)).slice(0, 2), [401, 'unauthorized']);
    }
  });

  it('names the parameter that is not understood', async () => {
    for (const [query, parameter] of [
      ['?fidelity=best', 'fidelity'],
      ['?format=bmp', 'format'],
      ['?floor=96', 'floor'],
      ['?wait=121', 'wait'],
      ['?metadata=gps', 'metadata'],
      ['?accept=bmp', 'accept'],
      ['?respond=xml', 'respond'],
      ['?quality=80', 'quality'],
    ] as const)
      assert.deepEqual(await refusal(await post(query, jpeg)), [422, 'invalid-parameter', parameter]);
  });

  it('refuses an empty body, a broken form and a form without a file', async () => {
    const { type, body } = formBody([{ name: 'fidelity', data: 'lossy' }]);
    const cut = body.subarray(0, -4);
    assert.deepEqual(await refusal(await post('', '')), [400, 'empty-body', undefined]);
    assert.deepEqual(await refusal(await post('', cut, { 'content-type': type })), [
      400,
      'malformed-body',
      undefined,
    ]);
    assert.deepEqual(await refusal(await post('', body, { 'content-type': type })), [
      422,
      'invalid-parameter',
      'file',
    ]);
  });

  it('answers 413 before the body has been sent, whether its length is known or not', async () => {
    const head = (line: string) =>
      `POST /api/v1/optimize HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${app.key}\r\n${line}\r\n\r\n`;
    const declared = await exchangeRaw(app.url, head(`Content-Length: ${MAX_BYTES + 1}`), 'only this');
    assert.equal(declared.status, 413);
    assert.equal(JSON.parse(declared.body.toString()).code, 'body-too-large');
    const expected = await exchangeRaw(
      app.url,
      head(`Expect: 100-continue\r\nContent-Length: ${MAX_BYTES + 1}`),
    );
    assert.equal(expected.status, 413);
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1 << 20), Buffer.from('\r\n')]);
    const endless = await exchangeRaw(app.url, head('Transfer-Encoding: chunked'), chunk, chunk, chunk);
    assert.equal(endless.status, 413);
  });

  it('keeps an animation moving, or declines it where the format cannot', async () => {
    const frames = [0, 1, 2].map((shift) => photo(64, 48, 3 + shift));
    const gif = await animatedGif(frames);
    const moving = await jobOf(await post('?format=webp', gif));
    assert.deepEqual([moving.outputs[0]?.format, moving.outputs[0]?.frames], ['webp', 3]);
    const still = await jobOf(await post('?format=jpeg', gif));
    assert.deepEqual([still.status, still.reason], ['declined', 'would-lose-animation']);
    const first = await jobOf(await post('?format=jpeg&frames=first&gate=any', gif));
    assert.deepEqual([first.outputs[0]?.format, first.outputs[0]?.frames], ['jpeg', 1]);
  });

  it('declines what is no image, cut or lying, with a reason, and serves the next request', async () => {
    const still = await pngFile(flat(64, 64, [9, 9, 9]));
    const inputs: Record<string, Uint8Array> = {
      ...NO_IMAGES,
      'a PNG bomb': pngBomb(30_000, 30_000),
      'a GIF bomb': gifBomb(),
      'a profile bomb': withProfileBomb(still, 64 << 20),
      'a PNG of width 0': pngClaiming(still, 0, 64),
      'a PNG 65,536 wide': pngClaiming(still, 65_536, 64),
      'a JPEG of height 0': jpegClaiming(jpeg, 320, 0),
      'a JPEG that claims more than it has': jpegClaiming(jpeg, 4000, 4000),
    };
    for (const file of [jpeg, png])
      for (const [at, cut] of truncations(file).entries()) inputs[`${at + 1}/16 of a file`] = cut;
    delete inputs['nothing at all'];
    for (const [what, bytes] of Object.entries(inputs)) {
      const job = await jobOf(await post('', bytes, { 'content-type': 'image/jpeg' }));
      assert.equal(job.status, 'declined', what);
      assert.ok(
        ['corrupt', 'unsupported', 'too-large', 'would-lose-animation'].includes(job.reason ?? ''),
        `${what}: ${job.reason}`,
      );
      assert.ok(job.detail);
    }
    assert.equal((await jobOf(await post('', jpeg))).status, 'done');
  });

  it('goes by the bytes and not by the name, and takes one pixel', async () => {
    const misnamed = await jobOf(await post('', png, { 'content-type': 'image/jpeg' }));
    assert.equal(misnamed.input.format, 'png');
    const dot = await jobOf(await post('', await pngFile(flat(1, 1, [1, 2, 3]))));
    assert.ok(dot.status === 'done' || dot.status === 'declined');
    assert.deepEqual([dot.input.width, dot.input.height], [1, 1]);
  });

  it('finishes the job of a client that has gone', async () => {
    const body = await jpegFile(photo(900, 700, 8), { quality: 95 });
    const { socket } = openSocket(app.url);
    const head = `POST /api/v1/optimize HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${app.key}\r\nContent-Length: ${body.length}\r\n\r\n`;
    await new Promise((resolve) => socket.write(Buffer.concat([Buffer.from(head), body]), resolve));
    // The reply to another request says that the server has had the time to take the first one in.
    await get('/api/v1/account');
    socket.destroy();
    const job = await jobOf(await post('?wait=60', body));
    assert.equal(job.status, 'done');
  });
});

it('forgets results when their time is over', async (test) => {
  const shortLived = await startApp({}, { resultTtlMs: 1500 });
  test.after(() => shortLived.stop());
  const reply = await fetch(`${shortLived.url}/api/v1/optimize`, {
    method: 'POST',
    headers: bearer(),
    body: png as RequestInit['body'],
  });
  const { id, outputs } = await jobOf(reply);
  const statusOf = async (url: string) => (await fetch(url, { headers: bearer() })).status;
  assert.equal(await statusOf(outputs[0]!.url), 200);
  while ((await statusOf(outputs[0]!.url)) === 200) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await statusOf(outputs[0]!.url), 404);
  assert.equal(await statusOf(`${shortLived.url}/api/v1/jobs/${id}`), 404);
});
