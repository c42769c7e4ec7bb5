/** MegaOptim's API against a whole server: waiting for results, being called with them, keys and what they pay. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { jpegFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { exchangeRaw } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import {
  type Answer,
  assertRefused,
  createClient,
  download,
  type File,
  type Site,
  startSite,
} from './megaoptim-client.ts';

let app: RunningApp;
let site: Site;
let jpeg: Uint8Array;
let client: ReturnType<typeof createClient>;

const clientOf = async (credits: number | null) => createClient(app.url, await app.makeKey(credits));
/** Pictures that nobody has sent before, so that none is answered from what was done already. */
let seed = 100;
const newJpeg = async () => jpegFile(photo(200, 150, seed++), { quality: 95 });

before(async () => {
  jpeg = await newJpeg();
  site = await startSite();
  site.files.set('/pictures/photo.jpg', jpeg).set('/slow.jpg', jpeg);
  app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1' });
  client = createClient(app.url, app.key);
});
after(async () => {
  await app?.stop();
  site?.close();
});

describe('waiting', () => {
  it('ends when the time is up, and can be begun again', async () => {
    const { process_id } = await client.optimize({ type: 'url', url: `${site.url}/slow.jpg` });
    const pending = { status: 'processing', code: 504, process_id };
    assert.deepEqual(await client.result(process_id, '?timeout=0'), pending);
    assert.deepEqual(await client.result(process_id, '?timeout=1'), pending);
    site.release();
    const first = await client.result(process_id);
    assert.deepEqual([first.status, first.result.length], ['ok', 1]);
    assert.deepEqual(await client.result(process_id), first);
  });

  it('takes its time from the body, too, and two minutes where nothing sensible is said', async () => {
    const { process_id } = await client.optimize({ type: 'file' }, [['file', '1.jpg', await newJpeg()]]);
    assert.equal((await client.result(process_id, '?timeout300')).status, 'ok');
    const path = `/v1/optimize/${process_id}/result`;
    assert.equal((await client.post(path, new URLSearchParams({ timeout: '5' }))).status, 'ok');
    assertRefused(await client.post(path, new URLSearchParams({ timeout: 'abc' })), 400, /timeout/);
    assertRefused(await client.result(process_id, '?timeout=abc'), 400, /timeout/);
  });

  it('may come as a form without parts', async () => {
    const { process_id } = await client.optimize({ type: 'file' }, [['file', '1.jpg', jpeg]]);
    const head = `POST /v1/optimize/${process_id}/result?timeout=75 HTTP/1.1\r\nHost: here\r\nX-API-KEY: ${app.key}\r\n`;
    const form =
      'Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\nContent-Length: 7\r\n\r\n--b--\r\n';
    assert.equal(
      (JSON.parse((await exchangeRaw(app.url, head + form)).body.toString()) as Answer).status,
      'ok',
    );
  });

  it('is not needed by who is called back, once, with what the result says', async () => {
    const called = site.nextCall();
    const fields = { type: 'url', url: `${site.url}/pictures/photo.jpg`, callback_url: `${site.url}/hook` };
    const { process_id } = await client.optimize(fields);
    const { type, body } = await called;
    assert.match(type ?? '', /^application\/json\b/);
    const told = JSON.parse(body) as Answer;
    assert.deepEqual([told.status, told.code, told.id, told.result.length], ['ok', 200, process_id, 1]);
    assert.deepEqual(told, await client.result(process_id));
    assert.equal((await download(told.result[0]!.url)).bytes.length, told.result[0]!.optimized_size);
    assert.equal(site.calls.length, 1);
  });
});

describe('keys', () => {
  const PATHS = ['/v1/optimize', '/v1/optimize/no-such-thing/result', '/v1/users/info'];

  it('that are missing or unknown are not found', async () => {
    for (const path of PATHS) {
      assertRefused(await createClient(app.url, 'unknown').post(path), 404);
      const reply = await fetch(app.url + path, { method: 'POST' });
      assert.equal(reply.status, 200);
      assertRefused((await reply.json()) as Answer, 404);
    }
  });

  it('see their own results only', async () => {
    const { process_id } = await client.optimize({ type: 'file' }, [['file', '1.jpg', jpeg]]);
    const other = await clientOf(null);
    assertRefused(await other.result(process_id), 401);
    assertRefused(await other.result('a4f1d060-c292-11e8-b3e3-edd916bf7758'), 404);
    assertRefused(await other.result('no-such-thing'), 404);
  });

  it('pay a token for each success, as results and users/info tell alike', async () => {
    const key = await clientOf(3);
    assert.deepEqual(await key.info(), {
      status: 'ok',
      code: 200,
      result: { name: 'made by a test', email: '', tokens: 3 },
    });
    const files: File[] = [
      ['file1', '1.jpg', await newJpeg()],
      ['file2', '2.jpg', await newJpeg()],
    ];
    const { user, result } = await key.run({ type: 'files' }, files);
    assert.deepEqual(
      result.map(({ success }) => success),
      [1, 1],
    );
    assert.deepEqual([user.tokens, (await key.info()).result], [1, user]);
  });

  it('with too few tokens optimize nothing', async () => {
    for (const tokens of [0, 1]) {
      const key = await clientOf(tokens);
      const files: File[] = [
        ['file1', '1.jpg', await newJpeg()],
        ['file2', '2.jpg', await newJpeg()],
      ];
      assertRefused(await key.optimize({ type: 'files' }, files), 455);
      assert.equal((await key.info()).result.tokens, tokens);
    }
  });

  it('are asked about in every way that clients know', async () => {
    const expected = { name: 'default', email: '', tokens: -1 };
    const ask = async (first: string, ...rest: string[]) => {
      const head = [first, 'Host: here', `x-api-key: ${app.key}`, 'Connection: close', ...rest, '', ''].join(
        '\r\n',
      );
      const reply = await exchangeRaw(app.url, head);
      const { status, result } = JSON.parse(reply.body.toString()) as { status: string; result: object };
      assert.deepEqual(
        [reply.status, status, Object.keys(result)],
        [200, 'ok', Object.keys(expected)],
        first,
      );
      assert.equal(reply.headers['transfer-encoding'], undefined);
    };
    await ask('GET /v1/users/info HTTP/1.1');
    await ask('POST /v1/users/info HTTP/1.0', 'Content-Length: 0');
    await ask('POST /v1/users/info HTTP/1.1', 'Transfer-Encoding: chunked', 'Expect: 100-continue');
  });

  it('may ask 120 times a minute at each endpoint', async () => {
    const key = await clientOf(null);
    const answers = await Promise.all(Array.from({ length: 121 }, () => key.info()));
    assert.equal(answers.filter(({ code }) => code === 200).length, 120);
    assertRefused(await key.post('/v1/users/info'), 429);
    assertRefused(await key.result('no-such-thing'), 404);
    assert.equal((await client.info()).code, 200);
  });
});

describe('the rest', () => {
  it('tells WordPress that there is a connection', async () => {
    for (const method of ['HEAD', 'GET'])
      assert.equal((await fetch(`${app.url}/ping`, { method })).status, 200);
  });

  it('tells who would sign up that nobody can', async () => {
    for (const path of ['/api/register', '/v1/register'])
      assertRefused(await client.post(path, new URLSearchParams({ email: 'a@b.example' })), 400);
  });

  it('has no images at addresses that were not handed out', async () => {
    const { url } = await client.image(jpeg);
    const [, folder] = /\/image\/(\w+)\//.exec(url)!;
    for (const wrong of [
      url.replace(folder!, '0123456789ab'),
      `${url}.webp`,
      url.replace(/.(?=.{9}\.jpg$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
    ])
      assert.equal((await fetch(wrong)).status, 404, wrong);
  });
});
