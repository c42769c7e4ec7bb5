/** ShortPixel's post-reducer.php against a whole server: uploads, and the ways in which clients ask for them again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { jpegFile, pngFile } from '../images/files.ts';
import { photo, screenshot } from '../images/pixels.ts';
import { formBody, openSocket, parseReply } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { codes, createClient, download, only, result, uploadForm } from './shortpixel-client.ts';

let app: RunningApp;
let client: ReturnType<typeof createClient>;
let jpeg: Uint8Array;
let png: Uint8Array;

before(async () => {
  jpeg = await jpegFile(photo(240, 180), { quality: 95 });
  png = await pngFile(screenshot(200, 150), { compressionLevel: 1 });
  app = await startApp();
  client = createClient(app.url, app.key);
});
after(() => app?.stop());

/** An image that was never seen before, for what is still waiting when it is answered. */
let made = 10;
const fresh = () => jpegFile(photo(240, 180, made++), { quality: 95 });

describe('an upload', () => {
  it('is answered under its part, with an address of its own and the size that was sent (17)', async () => {
    const entry = only(await client.upload([['file1', 'photo.jpg', jpeg]]));
    assert.equal(entry.Status.Code, '2', entry.Status.Message);
    assert.deepEqual([entry.Key, entry.localPath], ['file1', '/srv/in/photo.jpg']);
    assert.ok(entry.OriginalURL.startsWith(`${app.url}/u/`), entry.OriginalURL);
    assert.ok(entry.OriginalURL.length < 110);
    assert.equal(entry.OriginalSize, jpeg.length);
    assert.ok((await download(entry.OriginalURL)).bytes.equals(Buffer.from(jpeg)));
    assert.ok((await result(entry.LossyURL, entry.LossySize)).length < jpeg.length);
  });

  it('may be several, of any names, spaces and the same bytes too (18, 19)', async () => {
    const entries = await client.upload([
      ['file1', 'b with space.png', png],
      ['img', 'buf.png', png],
      ['file', 'ü "x".jpg', jpeg],
    ]);
    assert.deepEqual(codes(entries), ['2', '2', '2']);
    assert.deepEqual(
      entries.map(({ Key }) => Key),
      ['file1', 'img', 'file'],
    );
    assert.equal(new Set(entries.map(({ OriginalURL }) => OriginalURL)).size, 3);
    assert.equal(entries[0]!.LossySize, entries[1]!.LossySize);
  });

  it('has companions when they are asked for in a form (5)', async () => {
    const entry = only(await client.upload([['file1', 'a.jpg', jpeg]], { convertto: '%2Bwebp%7C%2Bavif' }));
    await result(entry.WebPLossyURL, entry.WebPLossySize);
    await result(entry.AVIFLossyURL, entry.AVIFLossySize);
  });

  it('that is no image, or is empty, is an error among the others (31)', async () => {
    const entries = await client.upload([
      ['file1', 'a.txt', Buffer.from('no image')],
      ['file2', 'b.jpg', jpeg.subarray(0, 2000)],
      ['file3', 'c.jpg', new Uint8Array()],
      ['file4', 'd.jpg', jpeg],
    ]);
    assert.deepEqual(codes(entries), [-201, -202, -110, '2']);
    assert.deepEqual(
      entries.map(({ Key }) => Key),
      ['file1', 'file2', 'file3', 'file4'],
    );
  });

  it('has options of its own in paramlist, and is returned with what is to be returned (25, 26)', async () => {
    const files: Parameters<typeof client.upload>[0] = [
      ['file1', 'a.jpg', jpeg],
      ['file2', 'b.jpg', jpeg],
    ];
    const paramlist = JSON.stringify([{ resize: 3, resize_width: 100 }, { convertto: '+webp' }]);
    const returndatalist = JSON.stringify({ ids: ['1'] });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the API sent.
    const answer = (await client.upload(files, { paramlist, returndatalist })) as any;
    assert.deepEqual(answer.returndatalist, { ids: ['1'] });
    assert.notEqual(answer[0].LossySize, answer[1].LossySize);
    assert.equal(typeof answer[1].WebPLossySize, 'number');
    assert.equal(
      (await client.post('post-reducer.php', uploadForm(app.key, files, { paramlist: '[{}]' }))).Status.Code,
      -116,
    );
  });
});

describe('an upload that is still waiting', () => {
  const upload = async () => {
    const entry = only(await client.upload([['file1', 'slow.jpg', await fresh()]], { wait: '0' }));
    assert.deepEqual([entry.Status.Code, entry.Key, entry.localPath], ['1', 'file1', '/srv/in/slow.jpg']);
    return entry.OriginalURL;
  };
  const ways: [string, (url: string) => Promise<unknown>][] = [
    [
      'JSON file_urls, beside the settings that the SDK leaks (21, 35)',
      (url) =>
        client.post('post-reducer.php', {
          ...{
            key: app.key,
            lossy: 1,
            wait: 30,
            refresh: 0,
            total_wait: 30,
            url_filter: false,
            notify_progress: false,
          },
          ...{
            files: ['/tmp/in/slow.jpg'],
            base_path: '/tmp',
            persist_type: 'text',
            file_urls: { url1: url },
          },
        }),
    ],
    [
      'a repeated field file_urls[] (22)',
      (url) => {
        const form = new FormData();
        for (const [name, value] of Object.entries({ key: app.key, wait: '30', 'file_urls[]': url }))
          form.set(name, value);
        return client.post('post-reducer.php', form);
      },
    ],
    [
      'a JSON text of file_urls in a form',
      (url) =>
        client.post(
          'post-reducer.php',
          new URLSearchParams({ key: app.key, wait: '30', file_urls: JSON.stringify([url]) }),
        ),
    ],
    ['reducer.php and its address (23)', (url) => client.urls([url], { refresh: 1 })],
  ];
  for (const [name, ask] of ways)
    it(`is asked for again by ${name}`, async () => {
      const url = await upload();
      const entry = only((await ask(url)) as never);
      assert.deepEqual([entry.Status.Code, entry.OriginalURL], ['2', url]);
      await result(entry.LossyURL, entry.LossySize);
    });

  it('is asked for with others in one form, each by its address (22)', async () => {
    const urls = [await upload(), await upload()];
    const form = new FormData();
    form.set('key', app.key);
    form.set('wait', '30');
    for (const url of urls) form.append('file_urls[]', url);
    const entries = await client.post('post-reducer.php', form);
    assert.deepEqual(codes(entries), ['2', '2']);
    assert.deepEqual(
      entries.map(({ OriginalURL }: { OriginalURL: string }) => OriginalURL),
      urls,
    );
  });

  it('is taken up by a process that only has its address, as long as it is kept (24, 41)', async () => {
    const url = await upload();
    const later = createClient(app.url, app.key);
    assert.equal((await later.url(url)).OriginalURL, url);
    assert.equal((await later.url(url.replace('127.0.0.1', 'localhost'))).Status.Code, '2');
    const forged = url.replace(/\/u\/..../, '/u/AAAA');
    const other = createClient(app.url, await app.makeKey(5));
    assert.equal((await later.url(forged)).Status.Code, -102);
    assert.equal((await other.url(url)).Status.Code, -102);
    const polled = await later.post('post-reducer.php', {
      key: app.key,
      file_urls: { url1: forged, url2: url },
    });
    assert.deepEqual(codes(polled), [-102, '2']);
  });
});

describe('a form that is not as it should be', () => {
  const sent = async (form: FormData) => (await client.post('post-reducer.php', form)).Status.Code;
  const without = (name: string) => {
    const form = uploadForm(app.key, [['file1', 'a.jpg', jpeg]]);
    form.delete(name);
    return form;
  };

  it('lacks paths, or has some that cannot be read (20)', async () => {
    assert.equal(await sent(without('file_paths')), -114);
    for (const file_paths of ['no JSON', '["/a.jpg"]', '7'])
      assert.equal(await sent(uploadForm(app.key, [['file1', 'a.jpg', jpeg]], { file_paths })), -117);
  });

  it('lacks files, or has addresses for them (20)', async () => {
    assert.equal(await sent(without('file1')), -115);
    assert.equal(
      await sent(uploadForm(app.key, [['file1', 'a.jpg', jpeg]], { file_paths: '{"file2":"/b.jpg"}' })),
      -115,
    );
    const nothing = without('file1');
    nothing.delete('file_paths');
    assert.equal(await sent(nothing), -109);
    const urllist = ['https://example.com/a.jpg'];
    assert.equal((await client.post('post-reducer.php', { key: app.key, urllist })).Status.Code, -109);
  });

  it('has too many files, or ends too soon (30)', async () => {
    const many = Array.from({ length: 101 }, (_, at) => [`file${at}`, 'a.jpg', Buffer.from('x')]);
    assert.equal(await sent(uploadForm(app.key, many as never)), -107);
    const { type, body } = formBody([
      { name: 'key', data: app.key },
      { name: 'file1', filename: 'a', data: jpeg },
    ]);
    const headers = { 'content-type': type };
    const cut = await fetch(`${app.url}/v2/post-reducer.php`, {
      method: 'POST',
      headers,
      body: body.subarray(0, -90),
    });
    assert.equal(((await cut.json()) as { Status: { Code: number } }).Status.Code, -110);
  });
});

describe('a client that expects to be told to continue', () => {
  it('is told so before it sends the form (34)', async () => {
    const { type, body } = formBody([
      { name: 'key', data: app.key },
      { name: 'wait', data: '30' },
      { name: 'file_paths', data: '{"file1":"/a.jpg"}' },
      { name: 'file1', filename: 'a.jpg', data: jpeg },
    ]);
    const { socket, ended } = openSocket(app.url);
    socket.write(
      `POST /v2/post-reducer.php HTTP/1.1\r\nHost: ${new URL(app.url).host}\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    const [first] = await new Promise<[Buffer]>((resolve) => socket.once('data', (data) => resolve([data])));
    assert.match(first.toString(), /^HTTP\/1\.1 100 Continue/);
    socket.write(body);
    const entry = only(JSON.parse(parseReply(await ended).body.toString()));
    assert.equal(entry.Status.Code, '2');
  });
});
