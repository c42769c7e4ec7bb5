/** ShortPixel's parameters against a whole server: sizes, metadata, colours, waiting, and the same call again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { cmykJpeg, jpegFile, pngFile } from '../images/files.ts';
import { cameraJpeg } from '../images/metadata.ts';
import { photo } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { codes, createClient, only, result, type Site, startSite } from './shortpixel-client.ts';

let app: RunningApp;
let site: Site;
let client: ReturnType<typeof createClient>;

before(async () => {
  site = await startSite();
  const photograph = photo(240, 180);
  site.files.set('/large.jpg', await jpegFile(photo(1200, 900), { quality: 92 }));
  site.files.set('/camera.jpg', await cameraJpeg(await jpegFile(photograph, { quality: 95 })));
  site.files.set('/inks.jpg', await cmykJpeg(photograph));
  app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1' });
  client = createClient(app.url, app.key);
});
after(async () => {
  await app?.stop();
  site?.close();
});

const at = (path: string) => site.url + path;

async function metadata(path: string, fields: object) {
  const entry = await client.url(at(path), fields);
  assert.equal(entry.Status.Code, '2', entry.Status.Message);
  return sharp(await result(entry.LossyURL, entry.LossySize)).metadata();
}

describe('resizing', () => {
  const size = async (fields: object) => {
    const { width, height } = await metadata('/large.jpg', fields);
    return [width, height];
  };

  it('covers the box with resize 1, in any spelling of numbers (8)', async () => {
    const wanted = { resize: 1, resize_width: 800, resize_height: 800 };
    assert.deepEqual(await size(wanted), [1067, 800]);
    assert.deepEqual(await size({ resize: '1', resize_width: '800', resize_height: '800px' }), [1067, 800]);
  });

  it('fits into the box with resize 3, and takes one side alone (9, 10)', async () => {
    assert.deepEqual(await size({ resize: 3, resize_width: 800, resize_height: 800 }), [800, 600]);
    assert.deepEqual(await size({ resize: '3', resize_width: 400 }), [400, 300]);
    assert.deepEqual(await size({ resize: 1, resize_width: '', resize_height: 300 }), [400, 300]);
  });

  it('is none without sides, without a kind, or to a larger box (11)', async () => {
    for (const fields of [
      { resize: 1, resize_width: '', resize_height: null },
      { resize: 3, resize_width: 0, resize_height: '0' },
      { resize: 0, resize_width: 100, resize_height: 100 },
      { resize_width: 100 },
      { resize: 3, resize_width: 5000, resize_height: 5000 },
    ])
      assert.deepEqual(await size(fields), [1200, 900], JSON.stringify(fields));
  });

  it('makes JPEGs as large as asked without loss, too, and then close to it', async () => {
    const wish = { resize: 3, resize_width: 400, resize_height: 400 };
    const small = await client.url(at('/large.jpg'), { ...wish, lossy: 0 });
    assert.deepEqual([small.LosslessURL, small.LosslessSize], [small.LossyURL, small.LossySize]);
    assert.equal((await sharp(await result(small.LosslessURL, small.LosslessSize)).metadata()).width, 400);
    const lossy = await client.url(at('/large.jpg'), { ...wish, lossy: 2 });
    assert.ok(Number(lossy.LossySize) < Number(small.LossySize));
  });

  it('fills exactly the box with resize 4 (12)', async () => {
    assert.deepEqual(await size({ resize: 4, resize_width: 300, resize_height: 300 }), [300, 300]);
  });
});

describe('what is kept of an image', () => {
  it('is its metadata on demand only, by 1 and by the sums that are sent, too (13)', async () => {
    for (const keep_exif of [1, '1', 2, 3])
      assert.ok((await metadata('/camera.jpg', { keep_exif })).exif, String(keep_exif));
    for (const keep_exif of [0, '0', '', null])
      assert.ok(!(await metadata('/camera.jpg', { keep_exif })).exif?.includes('Example Camera'));
  });

  it('is CMYK only when told so (14)', async () => {
    for (const cmyk2rgb of [1, '1', '', undefined])
      assert.equal((await metadata('/inks.jpg', { cmyk2rgb })).space, 'srgb');
    for (const cmyk2rgb of [0, '0']) assert.equal((await metadata('/inks.jpg', { cmyk2rgb })).space, 'cmyk');
  });
});

describe('waiting', () => {
  it('is not done with 0, and a later call tells the result (15)', async () => {
    const path = '/slow/wait.jpg';
    site.files.set(path, site.files.get('/camera.jpg')!);
    for (const wait of [0, '0', undefined, '']) {
      const entry = await client.url(at(path), { wait });
      assert.deepEqual(entry.Status, { Code: '1', Message: 'Image scheduled for processing.' });
      assert.deepEqual(Object.keys(entry), ['Status', 'OriginalURL']);
    }
    site.release();
    assert.equal((await client.untilDone(at(path))).Status.Code, '2');
    assert.equal(site.asked.filter((asked) => asked === path).length, 1);
  });

  it('ends with the result, also when more is asked for than there is (15)', async () => {
    for (const wait of [20, 35]) {
      site.files.set(`/wait-${wait}.jpg`, site.files.get('/camera.jpg')!);
      assert.equal((await client.url(at(`/wait-${wait}.jpg`), { wait })).Status.Code, '2');
    }
  });
});

describe('the same call again', () => {
  it('returns the old result, and with refresh that of the file as it is now (16)', async () => {
    const [first, second] = [await jpegFile(photo(200, 100, 1)), await jpegFile(photo(200, 100, 2))];
    site.files.set('/changing.jpg', first);
    const url = at('/changing.jpg');
    const old = await client.url(url, { refresh: 0 });
    site.files.set('/changing.jpg', second);
    assert.deepEqual(await client.url(url, { refresh: '0' }), old);
    assert.deepEqual(await client.url(url, { refresh: false, wait: 5, user: '' }), old);
    for (const refresh of [1, '1', true]) {
      const fresh = await client.url(url, { refresh });
      assert.equal(fresh.OriginalSize, second.length);
      assert.notEqual(fresh.LossyURL, old.LossyURL);
      assert.deepEqual(await client.url(url, { refresh: 0 }), fresh);
    }
    assert.equal(site.asked.filter((path) => path === '/changing.jpg').length, 4);
  });

  it('is another one with other options, and one call has an address worked on once', async () => {
    site.files.set('/twice.png', await pngFile(photo(64, 48), { compressionLevel: 1 }));
    const url = at('/twice.png');
    const [lossy, same] = await client.urls([url, url]);
    assert.deepEqual(lossy, same);
    const lossless = await client.url(url, { lossy: 0 });
    assert.notEqual(lossless.LossyURL, lossy!.LossyURL);
    assert.deepEqual(await client.url(url), lossy);
    assert.equal(site.asked.filter((path) => path === '/twice.png').length, 2);
  });

  it('belongs to its key', async () => {
    const limited = createClient(app.url, await app.makeKey(1));
    const entry = await limited.url(at('/camera.jpg'));
    assert.deepEqual(await limited.url(at('/camera.jpg')), entry);
    assert.notEqual((await client.url(at('/camera.jpg'))).LossyURL, entry.LossyURL);
  });
});

describe('options of single addresses', () => {
  it('overrule those of the call, by place (26)', async () => {
    const urls = [at('/large.jpg'), at('/camera.jpg')];
    const paramlist = [
      { url: urls[0], resize: 3, resize_width: 300, resize_height: 300 },
      { convertto: '+webp', lossy: '2' },
    ];
    const [small, beside] = await client.urls(urls, { paramlist, convertto: '' });
    assert.equal((await sharp(await result(small!.LossyURL, small!.LossySize)).metadata()).width, 300);
    assert.deepEqual([small!.WebPLossyURL, typeof beside!.WebPLossySize], ['NA', 'number']);
    const refused = await client.urls(urls, { paramlist: [{}] });
    assert.deepEqual((refused as unknown as { Status: object }).Status, {
      Code: -116,
      Message: 'paramlist must have as many entries as there are URLs or files.',
    });
  });

  it('that are not served are errors of their images only', async () => {
    const urls = Array.from({ length: 5 }, () => at('/camera.jpg'));
    const paramlist = [
      { bg_remove: 1 },
      { bg_remove: '#00ff0080' },
      { upscale: 2 },
      { upscale: 0, bg_remove: '0' },
      {},
    ];
    assert.deepEqual(codes(await client.urls(urls, { paramlist })), [-207, -207, -112, '2', '2']);
  });
});

describe('what is returned with the answer', () => {
  it('makes it an object by places and comes back unchanged (25)', async () => {
    const urls = [at('/camera.jpg'), at('/inks.jpg')];
    const returndatalist = {
      sizes: { '0': 'main', '7': 'thumb' },
      nested: [{ id: '0012', n: 1.5, ok: null }],
    };
    const answer = (await client.urls(urls, { returndatalist })) as unknown as Record<string, unknown>;
    assert.deepEqual(Object.keys(answer), ['0', '1', 'returndatalist']);
    assert.deepEqual(answer.returndatalist, returndatalist);
    const { OriginalURL } = only([answer['1']] as never);
    assert.equal(OriginalURL, urls[1]);
  });
});
