/** ShortPixel's wire against a whole server: hasty and careless clients, odd addresses, downloads, and the small endpoints. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { jpegFile, pngFile } from '../images/files.ts';
import { photo, screenshot } from '../images/pixels.ts';
import { exchangeRaw, openSocket } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { createClient, download, only, result, type Site, startSite } from './shortpixel-client.ts';

let app: RunningApp;
let site: Site;
let client: ReturnType<typeof createClient>;
let png: Uint8Array;

before(async () => {
  site = await startSite();
  png = await pngFile(screenshot(200, 150), { compressionLevel: 1 });
  site.files.set('/photo.jpg', await jpegFile(photo(240, 180), { quality: 95 }));
  app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1' });
  client = createClient(app.url, app.key);
});
after(async () => {
  await app?.stop();
  site?.close();
});

const at = (path: string) => site.url + path;

/** A call as the WordPress plugin makes it: JSON that is said to be a form, over HTTP/1.0. */
function plain(fields: object): string {
  const body = JSON.stringify({ key: app.key, plugin_version: 'WP651', lossy: 1, keep_exif: 0, ...fields });
  return `POST /v2/reducer.php HTTP/1.0\r\nHost: ${new URL(app.url).host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

describe('a client in a hurry', () => {
  it('may speak HTTP/1.0, call JSON a form and hang up at once: the image is done all the same (33)', async () => {
    site.files.set('/hurry.jpg', await jpegFile(photo(240, 180, 7), { quality: 95 }));
    const fields = { urllist: [at('/hurry.jpg')], refresh: true, returndatalist: { sizes: ['main'] } };
    const { socket, ended } = openSocket(app.url);
    await new Promise<void>((sent) => void socket.write(plain(fields), () => sent()));
    socket.destroy();
    await ended;
    while (!site.asked.includes('/hurry.jpg')) await new Promise((resolve) => setTimeout(resolve, 10));
    const poll = { ...fields, refresh: false, wait: 30, lossy: '1' };
    const reply = await exchangeRaw(app.url, plain(poll));
    const answer = JSON.parse(reply.body.toString());
    assert.deepEqual([answer['0'].Status.Code, answer.returndatalist], ['2', { sizes: ['main'] }]);
    assert.equal(site.asked.filter((path) => path === '/hurry.jpg').length, 1);
    assert.equal(reply.headers['content-length'], String(reply.body.length));
  });

  it('may send all its settings along, which change nothing (35)', async () => {
    const leaked = {
      ...{ total_wait: 30, url_filter: false, base_source_path: '', base_path: '/tmp', backup_path: false },
      ...{
        persist_name: '.shortpixel',
        persist_type: 'text',
        notify_progress: false,
        cache_time: 0,
        notify_me: null,
      },
      ...{
        pendingURLs: { [at('/photo.jpg')]: '/photo.jpg' },
        files: ['/tmp/a.jpg'],
        item_id: 7,
        user: '',
        pass: '',
      },
    };
    assert.deepEqual(await client.url(at('/photo.jpg'), leaked), await client.url(at('/photo.jpg')));
  });

  it('may send the fields as a form, or under any content type', async () => {
    const form = new URLSearchParams({ key: app.key, wait: '30' });
    for (const path of ['/photo.jpg', '/none.jpg']) form.append('urllist[]', at(path));
    const entries = await client.post('reducer.php', form);
    assert.deepEqual(
      entries.map(({ Status }: { Status: { Code: unknown } }) => Status.Code),
      ['2', -203],
    );
    const body = JSON.stringify({ key: app.key, wait: 30, urllist: [at('/photo.jpg')] });
    for (const type of ['text/plain', 'application/json; charset=utf-8', '///']) {
      const head = `POST /v2/reducer.php HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
      const reply = await exchangeRaw(app.url, head, body);
      assert.equal(only(JSON.parse(reply.body.toString())).Status.Code, '2', type);
    }
  });
});

describe('an address', () => {
  const fetchedAs = async (url: string, path: string) => {
    site.files.set(path, png);
    const entry = await client.url(url);
    assert.equal(entry.Status.Code, '2', `${url}: ${entry.Status.Message}`);
    assert.ok(site.asked.includes(path), path);
    return entry.OriginalURL;
  };

  it('keeps its query, its encoding and its letters (36)', async () => {
    for (const [sent, path] of [
      ['/a.png?ver=1716900000', '/a.png?ver=1716900000'],
      ['/b%20with%20space.png?x=%2B1&y=a+b', '/b%20with%20space.png?x=%2B1&y=a+b'],
      ['/päth/one%20x.png?v=1', '/p%C3%A4th/one%20x.png?v=1'],
      ['/c d.png', '/c%20d.png'],
      ['/100%25.png', '/100%25.png'],
    ] as const)
      assert.equal(await fetchedAs(at(sent), path), at(sent));
  });

  it('that was encoded as a whole is decoded once (36)', async () => {
    const url = at('/d%20e.png?q=%C3%A4');
    assert.equal(await fetchedAs(encodeURIComponent(url), '/d%20e.png?q=%C3%A4'), url);
  });
});

describe('reducer-sync.php', () => {
  it('answers the image itself, to POST and to PUT (37)', async () => {
    const fields = {
      key: app.key,
      plugin_version: 'GB001',
      lossy: 1,
      resize: 3,
      resize_width: 100,
      resize_height: 100,
    };
    for (const method of ['POST', 'PUT']) {
      const body = JSON.stringify({ ...fields, cmyk2rgb: 1, keep_exif: 0, url: at('/photo.jpg') });
      const reply = await fetch(`${app.url}/v2/reducer-sync.php`, { method, body });
      assert.deepEqual([reply.status, reply.headers.get('content-type')], [200, 'image/jpeg']);
      const { format, width, height } = await sharp(await reply.bytes()).metadata();
      assert.deepEqual([format, width, height], ['jpeg', 100, 75]);
    }
  });

  it('answers the original where nothing is gained, a companion that is asked for alone, and JSON for errors', async () => {
    const ask = async (fields: object) => {
      const body = JSON.stringify({ key: app.key, url: at('/photo.jpg'), ...fields });
      const reply = await fetch(`${app.url}/v2/reducer-sync.php`, { method: 'POST', body });
      return { type: reply.headers.get('content-type'), bytes: Buffer.from(await reply.arrayBuffer()) };
    };
    const entry = await client.url(at('/photo.jpg'), { lossy: 0 });
    const { bytes: optimal } = await download(entry.LosslessURL);
    site.files.set('/optimal.jpg', optimal);
    const same = await ask({ url: at('/optimal.jpg'), lossy: 0 });
    assert.deepEqual([same.type, same.bytes.equals(optimal)], ['image/jpeg', true]);
    assert.equal((await ask({ convertto: 'webp' })).type, 'image/webp');
    for (const [url, code] of [
      [at('/nothing.jpg'), -203],
      ['no address', -102],
      ['http://10.0.0.1/a.jpg', -106],
    ] as const)
      assert.equal(JSON.parse((await ask({ url })).bytes.toString()).Status.Code, code);
  });
});

describe('cleanup.php and image-status.php', () => {
  it('forget an address, whatever was made of it, and tell how one stands (39)', async () => {
    const url = at('/cleaned.png?v=ä');
    site.files.set('/cleaned.png?v=%C3%A4', png);
    const status = async () => only(await client.post('image-status.php', { key: app.key, url })).Status.Code;
    assert.equal(await status(), -302);
    const old = [await client.url(url), await client.url(url, { lossy: 2 })];
    assert.equal(await status(), '2');
    const cleaned = only(await client.post('cleanup.php', { key: app.key, urllist: [url] }));
    assert.deepEqual(cleaned, { Status: { Code: '2', Message: 'Success' }, OriginalURL: url });
    assert.equal(await status(), -302);
    for (const [at, fields] of [{}, { lossy: 2 }].entries())
      assert.notEqual((await client.url(url, { ...fields, refresh: 0 })).LossyURL, old[at]!.LossyURL);
    assert.equal(site.asked.filter((path) => path.startsWith('/cleaned.png')).length, 4);
  });

  it('know uploads by their addresses', async () => {
    const { OriginalURL } = only(await client.upload([['file1', 'a.png', png]]));
    const entry = only(await client.post('image-status.php', { key: app.key, url: OriginalURL }));
    assert.deepEqual([entry.Status.Code, entry.OriginalURL], ['2', OriginalURL]);
  });
});

describe('a download', () => {
  it('of what has expired, or never was, is a short word under status 200 (40)', async () => {
    const token = 'x'.repeat(52);
    const { LossyURL } = await client.url(at('/photo.jpg'));
    const missing = [
      ...[`/f/${token}-lossy.jpg`, `/f/${token}.png`, '/f/nothing', `/u/${token}/a.png`],
      new URL(LossyURL.replace('.jpg', '.webp')).pathname,
    ];
    for (const path of missing) {
      const { bytes } = await download(app.url + path);
      assert.ok(bytes.length < 200);
      assert.equal(JSON.parse(bytes.toString()).Status.Code, '-302', path);
    }
  });

  it('of a result leads to nothing else than results', async () => {
    const { LossyURL } = only(await client.upload([['file1', 'a.png', png]]));
    const [, ticket] = /\/f\/([\w-]+)-lossy/.exec(LossyURL) ?? [];
    const { bytes } = await download(`${app.url}/u/${ticket}/a.png`);
    assert.equal(JSON.parse(bytes.toString()).Status.Code, '-302');
  });

  it('goes on for as long as the result is kept, and no longer', async () => {
    const brief = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1' }, { resultTtlMs: 1500 });
    try {
      const entry = await createClient(brief.url, brief.key).url(at('/photo.jpg'));
      await result(entry.LossyURL, entry.LossySize);
      let text = '';
      while (!text.includes('-302')) text = (await download(entry.LossyURL)).bytes.toString('latin1');
    } finally {
      await brief.stop();
    }
  });

  it('does not show what is no image', async () => {
    const page = Buffer.from('<script>alert(1)</script>');
    const { OriginalURL } = only(await client.upload([['file1', 'page.html', page]]));
    const reply = await fetch(OriginalURL);
    assert.deepEqual(
      [reply.headers.get('content-type'), reply.headers.get('content-disposition')],
      ['application/octet-stream', 'attachment'],
    );
  });

  it('of the image by which the connection is tried is one, by GET and by HEAD (42)', async () => {
    const url = `${app.url}/img/connection-test-image.png`;
    const { type, bytes } = await download(url);
    assert.deepEqual([type, (await sharp(bytes).metadata()).format], ['image/png', 'png']);
    const head = await fetch(url, { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), String(bytes.length));
  });
});
