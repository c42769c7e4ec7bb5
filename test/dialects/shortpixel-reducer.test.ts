/** ShortPixel's reducer.php against a whole server: what comes of addresses, and how it is told. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { jpegFile, pngFile } from '../images/files.ts';
import { photo, screenshot } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import {
  codes,
  createClient,
  download,
  type Entry,
  result,
  type Site,
  startSite,
} from './shortpixel-client.ts';

let app: RunningApp;
let site: Site;
let client: ReturnType<typeof createClient>;

before(async () => {
  site = await startSite();
  const photograph = photo(240, 180);
  site.files.set('/photo.jpg', await jpegFile(photograph, { quality: 95 }));
  site.files.set('/photo.png', await pngFile(photograph, { compressionLevel: 1 }));
  site.files.set('/drawing.png', await pngFile(screenshot(200, 150), { compressionLevel: 1 }));
  app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1' });
  client = createClient(app.url, app.key);
});
after(async () => {
  await app?.stop();
  site?.close();
});

const at = (path: string) => site.url + path;
const formatOf = async (bytes: Uint8Array) => (await sharp(bytes).metadata()).format;

/** Every field of a success, in the vendor's order. */
const FIELDS = [
  ...[
    'Status',
    'OriginalURL',
    'LosslessURL',
    'LossyURL',
    'WebPLosslessURL',
    'WebPLossyURL',
    'AVIFLosslessURL',
  ],
  ...['AVIFLossyURL', 'OriginalSize', 'LosslessSize', 'LoselessSize', 'LossySize', 'WebPLosslessSize'],
  ...[
    'WebPLoselessSize',
    'WebPLossySize',
    'AVIFLosslessSize',
    'AVIFLoselessSize',
    'AVIFLossySize',
    'TimeStamp',
  ],
  ...['PercentImprovement', 'Unlimited'],
];

/** What the SDK asks of a success before it believes that nothing is still to come. */
function assertComplete(entry: Entry): void {
  assert.equal(entry.Status.Code, '2', entry.Status.Message);
  assert.deepEqual(Object.keys(entry), FIELDS);
  assert.ok(entry.LossySize > 0 && entry.LosslessSize > 0);
  assert.equal(entry.LosslessSize, entry.LoselessSize);
  for (const kind of ['WebP', 'AVIF'])
    for (const [url, size] of [
      ['LossyURL', 'LossySize'],
      ['LosslessURL', 'LosslessSize'],
      ['LosslessURL', 'LoselessSize'],
    ]) {
      const isThere = entry[`${kind}${url}`] !== 'NA';
      assert.equal(typeof entry[`${kind}${size}`], isThere ? 'number' : 'string', `${kind}${size}`);
    }
}

describe('results', () => {
  it('are smaller, of the told size, and told in every field (1)', async () => {
    const entry = await client.url(at('/photo.jpg'));
    assertComplete(entry);
    const original = site.files.get('/photo.jpg')!;
    assert.deepEqual([entry.OriginalURL, entry.OriginalSize], [at('/photo.jpg'), original.length]);
    assert.equal(await formatOf(await result(entry.LossyURL, entry.LossySize)), 'jpeg');
    assert.ok(entry.LossySize < entry.OriginalSize);
    assert.match(entry.LossyURL, /^http:\/\/127\.0\.0\.1:\d+\/f\/[\w-]+-lossy\.jpg$/);
    assert.deepEqual([entry.LosslessURL, entry.LosslessSize], [entry.OriginalURL, entry.OriginalSize]);
    const percent = (100 - (100 * entry.LossySize) / entry.OriginalSize).toFixed(2);
    assert.deepEqual([entry.PercentImprovement, entry.Unlimited], [percent, true]);
    assert.match(entry.TimeStamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    for (const kind of ['WebP', 'AVIF']) assert.equal(entry[`${kind}LossyURL`], 'NA');
  });

  it('come in the order of the addresses, with an error for the one that is missing (2)', async () => {
    const entries = await client.urls([at('/photo.jpg'), at('/missing.png'), at('/drawing.png')]);
    assert.deepEqual(codes(entries), ['2', -203, '2']);
    assert.deepEqual(
      entries.map(({ OriginalURL }) => OriginalURL),
      [at('/photo.jpg'), at('/missing.png'), at('/drawing.png')],
    );
    assert.deepEqual(Object.keys(entries[1]!), ['Status', 'OriginalURL']);
  });

  it('change no pixel when they are lossless, and stand in both pairs of fields (3)', async () => {
    const entry = await client.url(at('/drawing.png'), { lossy: 0, convertto: '+webp' });
    assertComplete(entry);
    const pixels = (bytes: Uint8Array) => sharp(bytes).ensureAlpha().raw().toBuffer();
    const wanted = await pixels(site.files.get('/drawing.png')!);
    assert.ok(wanted.equals(await pixels(await result(entry.LosslessURL, entry.LoselessSize))));
    assert.ok(wanted.equals(await pixels(await result(entry.WebPLosslessURL, entry.WebPLosslessSize))));
    assert.match(entry.LosslessURL, /\/f\/[\w-]+\.png$/);
    assert.deepEqual([entry.LossyURL, entry.WebPLossyURL], [entry.LosslessURL, entry.WebPLosslessURL]);
  });

  it('are larger the less may be lost: lossy, glossy, lossless, original (4)', async () => {
    const size = async (lossy: unknown) => {
      const entry = await client.url(at('/photo.png'), { lossy });
      return lossy === 0 ? entry.LosslessSize : entry.LossySize;
    };
    const sizes = [await size('1'), await size('2'), await size(0), site.files.get('/photo.png')!.length];
    assert.deepEqual(
      sizes,
      [...new Set(sizes)].sort((a, b) => a - b),
    );
  });

  it('leave alone what is as small as it gets (32)', async () => {
    const first = await client.url(at('/drawing.png'), { lossy: 0 });
    site.files.set('/optimal.png', (await download(first.LosslessURL)).bytes);
    const entry = await client.url(at('/optimal.png'), { lossy: 0 });
    assertComplete(entry);
    assert.equal(entry.PercentImprovement, 0);
    assert.deepEqual([entry.LossyURL, entry.LosslessURL], [at('/optimal.png'), at('/optimal.png')]);
    assert.deepEqual([entry.LossySize, entry.LosslessSize], [entry.OriginalSize, entry.OriginalSize]);
  });

  it('are errors for what is no image, or half of one (31)', async () => {
    site.files.set('/text.jpg', Buffer.from('<html>no image</html>'));
    site.files.set('/cut.jpg', site.files.get('/photo.jpg')!.subarray(0, 2000));
    assert.deepEqual(codes(await client.urls([at('/text.jpg'), at('/cut.jpg')])), [-201, -202]);
  });
});

describe('conversions', () => {
  it('put WebP and AVIF beside the image, however the plus is written (5)', async () => {
    for (const convertto of ['+webp|+avif', '%2Bwebp|%2Bavif', '%2Bwebp%7C%2Bavif', ' webp| avif']) {
      const entry = await client.url(at('/photo.jpg'), { convertto });
      assertComplete(entry);
      assert.equal(await formatOf(await result(entry.WebPLossyURL, entry.WebPLossySize)), 'webp', convertto);
      assert.equal(await formatOf(await result(entry.AVIFLossyURL, entry.AVIFLossySize)), 'heif');
      assert.ok(entry.LossySize < entry.OriginalSize);
      assert.deepEqual([entry.WebPLosslessURL, entry.AVIFLosslessURL], ['NA', 'NA']);
    }
    const entry = await client.url(at('/photo.jpg'), { convertto: '+webp' });
    assert.deepEqual([entry.AVIFLossyURL, entry.AVIFLossySize], ['NA', 'NA']);
    assert.match(String(entry.WebPLossyURL), /-lossy\.webp$/);
  });

  it('leave the image alone without the plus, and cost nothing (6)', async () => {
    const limited = createClient(app.url, await app.makeKey(1));
    const entry = await limited.url(at('/photo.jpg'), { convertto: 'webp' });
    assertComplete(entry);
    assert.deepEqual([entry.LossyURL, entry.LossySize], [at('/photo.jpg'), entry.OriginalSize]);
    assert.equal(entry.PercentImprovement, 0);
    assert.equal(await formatOf(await result(entry.WebPLossyURL, entry.WebPLossySize)), 'webp');
    assert.equal((await limited.url(at('/photo.jpg'), { convertto: '+webp|+avif' })).Status.Code, '2');
    const { APICallsMadeOneTime, APICallsQuotaOneTime } = await limited.post('api-status.php', {
      key: limited.key,
    });
    assert.deepEqual([APICallsMadeOneTime, APICallsQuotaOneTime], [1, 1]);
  });

  it('turn the image into another format when that is named (7)', async () => {
    const entry = await client.url(at('/photo.png'), { convertto: 'jpg' });
    assertComplete(entry);
    assert.match(entry.LossyURL, /\.jpg$/);
    assert.equal(await formatOf(await result(entry.LossyURL, entry.LossySize)), 'jpeg');
    const near = await client.url(at('/photo.png'), { convertto: 'jpg', lossy: 0 });
    assert.equal(await formatOf(await result(near.LosslessURL, near.LosslessSize)), 'jpeg');
    const larger = await client.url(at('/photo.jpg'), { convertto: 'png' });
    assert.equal(await formatOf(await result(larger.LossyURL, larger.LossySize)), 'png');
  });
});
