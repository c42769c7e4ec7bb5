/** ShortPixel's error codes against a whole server: keys, credits, lists, sites and limits. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { jpegFile } from '../images/files.ts';
import { pdfFile } from '../images/pdf.ts';
import { photo } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { codes, createClient, type File, type Site, startSite, uploadForm } from './shortpixel-client.ts';

let app: RunningApp;
let site: Site;
let client: ReturnType<typeof createClient>;
let jpeg: Uint8Array;

before(async () => {
  site = await startSite();
  jpeg = await jpegFile(photo(120, 90), { quality: 95 });
  for (const path of ['/a.jpg', '/b.jpg', '/private/a.jpg']) site.files.set(path, jpeg);
  app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1', MAX_BYTES: '200000', MAX_PIXELS: '100000' });
  client = createClient(app.url, app.key);
});
after(async () => {
  await app?.stop();
  site?.close();
});

const at = (path: string) => site.url + path;
const wrongKey = 'a1b2c3d4e5f6g7h8i9j0';

/** Asserts that the whole call is refused, by a bare object. */
function assertRefused(answer: unknown, code: number, message?: RegExp): void {
  const { Status, ...rest } = answer as { Status: { Code: number; Message: string } };
  assert.deepEqual([Status?.Code, rest], [code, {}], JSON.stringify(answer));
  assert.match(Status.Message, message ?? /./);
}

describe('a key', () => {
  it('that is missing, malformed or unknown is told apart, at every endpoint (27, 28)', async () => {
    const calls = [
      'reducer.php',
      'reducer-sync.php',
      'post-reducer.php',
      'api-status.php',
      'cleanup.php',
      'image-status.php',
    ];
    for (const path of calls) {
      const fields = { urllist: [at('/a.jpg')], url: at('/a.jpg') };
      assertRefused(await client.post(path, fields), -401, /^Missing API key/);
      assertRefused(await client.post(path, { ...fields, key: 'bad' }), -401, /^Invalid API key/);
      assertRefused(await client.post(path, { ...fields, key: wrongKey }), -402);
    }
    assertRefused(
      await client.post('post-reducer.php', uploadForm(wrongKey, [['file1', 'a.jpg', jpeg]])),
      -402,
    );
  });

  it('may be in the query', async () => {
    const form = uploadForm(app.key, [['file1', 'a.jpg', jpeg]]);
    form.delete('key');
    assert.deepEqual(codes(await client.post(`post-reducer.php?key=${app.key}`, form)), ['2']);
  });

  it('without credits is refused as a whole (29)', async () => {
    const poor = createClient(app.url, await app.makeKey(0));
    assertRefused(await poor.urls([at('/a.jpg'), at('/b.jpg')]), -403, /Quota exceeded/);
    assertRefused(await poor.upload([['file1', 'a.jpg', jpeg]]), -403);
    assertRefused(await poor.post('reducer-sync.php', { key: poor.key, url: at('/a.jpg') }), -403);
  });

  it('with credits for some images is told which ones they did not suffice for', async () => {
    const entries = await createClient(app.url, await app.makeKey(1)).urls([at('/a.jpg'), at('/b.jpg')]);
    assert.deepEqual(codes(entries).sort(), [-301, '2'].sort());
    const files: File[] = [];
    for (const seed of [1, 2, 3])
      files.push([`file${seed}`, `${seed}.jpg`, await jpegFile(photo(120, 90, seed), { quality: 95 })]);
    const uploads = await createClient(app.url, await app.makeKey(1)).upload(files);
    assert.deepEqual(codes(uploads).sort(), [-301, -301, '2']);
    // The SDK finds a file by its OriginalURL, that of a refused one as well.
    assert.equal(new Set(uploads.map(({ OriginalURL }) => OriginalURL)).size, 3);
    for (const { OriginalURL } of uploads) assert.ok(OriginalURL.startsWith(`${app.url}/u/`));
    const none = { key: app.key, file_urls: [`${app.url}/u/refused/00000000.jpg`] };
    assert.deepEqual(codes(await client.post('post-reducer.php', none)), [-102]);
  });
});

describe('a list of addresses', () => {
  it('that is missing or empty, or too long, is refused as a whole (30)', async () => {
    for (const urllist of [undefined, [], {}, '', null]) assertRefused(await client.urls(urllist), -105);
    const many = Array.from({ length: 101 }, (_, index) => at(`/${index}.jpg`));
    assertRefused(await client.urls(many), -107);
    for (const path of ['reducer-sync.php', 'image-status.php'])
      assertRefused(await client.post(path, { key: app.key }), -105);
    assertRefused(await client.post('cleanup.php', { key: app.key }), -105);
  });

  it('may have a hundred, or gaps as PHP writes them', async () => {
    const many = Array.from({ length: 100 }, (_, index) => at(`/a.jpg?${index}`));
    for (const url of many) site.files.set(url.slice(site.url.length), jpeg);
    const entries = await client.urls(many, { wait: 0 });
    assert.deepEqual(new Set(codes(entries)), new Set(['1']));
    assert.deepEqual(codes(await client.urls({ '0': at('/a.jpg'), '7': at('/b.jpg') })), ['2', '2']);
  });

  it('has errors for what is no address, or one that may not be asked', async () => {
    const urls = [
      'nothing',
      'ftp://example.com/a.jpg',
      'http://',
      'http://10.0.0.1/a.jpg',
      at('/private/a.jpg'),
    ];
    assert.deepEqual(codes(await client.urls(urls)), [-102, -102, -102, -106, -106]);
    assert.equal(
      (await client.url(at('/private/a.jpg'), { user: 'u', pass: 'p', refresh: 1 })).Status.Code,
      '2',
    );
  });

  it('may be of sites that the key is not for', async () => {
    const key = await app.makeKey(null, ['127.0.0.1']);
    const urls = [at('/a.jpg'), 'https://elsewhere.example/a.jpg'];
    assert.deepEqual(codes(await createClient(app.url, key).urls(urls)), ['2', -108]);
  });
});

describe('a file', () => {
  it('that is too large to be fetched, or too large an image, has a code of its own', async () => {
    site.files.set('/huge.jpg', new Uint8Array(200_001));
    site.files.set('/wide.jpg', await jpegFile(photo(400, 300)));
    assert.deepEqual(codes(await client.urls([at('/huge.jpg'), at('/wide.jpg')])), [-111, -205]);
    assertRefused(await client.upload([['file1', 'a.jpg', new Uint8Array(200_001)]]), -111);
  });

  it('that is an encrypted PDF has one, too', async () => {
    site.files.set('/secret.pdf', await pdfFile({ encrypted: true }));
    assert.deepEqual(codes(await client.urls([at('/secret.pdf')])), [-206]);
  });
});

describe('a failure', () => {
  it('is told again without asking the site, until the file is refreshed', async () => {
    const url = at('/late.jpg');
    for (const _ of [1, 2]) assert.equal((await client.url(url)).Status.Code, -203);
    site.files.set('/late.jpg', jpeg);
    assert.equal((await client.url(url)).Status.Code, -203);
    assert.equal((await client.url(url, { refresh: 1 })).Status.Code, '2');
    assert.equal(site.asked.filter((path) => path === '/late.jpg').length, 2);
  });

  it('of many addresses of one host leaves it alone', async () => {
    const shut = await startSite();
    const urls = Array.from({ length: 30 }, (_, index) => `${shut.url}/private/${index}.jpg`);
    const answered = codes(await client.urls(urls));
    assert.deepEqual(new Set(answered), new Set([-106, -113]));
    assert.ok(shut.asked.length < 20, String(shut.asked.length));
    assert.equal((await client.url(`${shut.url}/other.jpg`)).Status.Code, -113);
    assert.equal((await client.url(at('/a.jpg'))).Status.Code, '2');
    shut.close();
  });
});

describe('the account', () => {
  const fields = { key: '', DomainCheck: 'https://shop.example', ImagesCount: '10', ThumbsCount: '20' };
  const form = (key: string) => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ ...fields, key })) body.set(name, value);
    return body;
  };

  it('is told to multipart, urlencoded and JSON calls, and to GET (38)', async () => {
    const answers = [
      await client.post('api-status.php', form(app.key)),
      await client.post('api-status.php', new URLSearchParams({ ...fields, key: app.key })),
      await client.post('api-status.php', { ...fields, key: app.key }),
      await (await fetch(`${app.url}/v2/api-status.php?key=${app.key}&useragent=x&host=shop.example`)).json(),
    ];
    for (const answer of answers) {
      assert.deepEqual(answer.Status, { Code: 2, Message: 'Success' });
      assert.deepEqual([answer.DomainCheck, answer.Unlimited], ['Accessible', 'true']);
      for (const name of ['APICallsMade', 'APICallsQuota', 'APICallsMadeOneTime', 'APICallsQuotaOneTime'])
        assert.equal(typeof answer[name], 'number', name);
      assert.match(answer.DateSubscription, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
  });

  it('of a key that is kept to sites knows them, and a prepaid one has what is left', async () => {
    const key = await app.makeKey(7, ['other.example']);
    const answer = await client.post('api-status.php', form(key));
    assert.deepEqual([answer.DomainCheck, answer.Unlimited], ['Inaccessible', false]);
    assert.deepEqual([answer.APICallsMadeOneTime, answer.APICallsQuotaOneTime], [0, 7]);
  });
});
