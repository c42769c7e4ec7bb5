/** MegaOptim's API against a whole server, spoken as its real clients speak it: what is sent and what comes of it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { DEFAULT_LIMITS } from '../../src/engine/contract.ts';
import { compare } from '../../src/engine/judge.ts';
import { animatedGif, cmykJpeg, jpegFile, pngFile } from '../images/files.ts';
import { photo, screenshot } from '../images/pixels.ts';
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
let png: Uint8Array;
let client: ReturnType<typeof createClient>;

before(async () => {
  jpeg = await jpegFile(photo(200, 150), { quality: 95 });
  png = await pngFile(screenshot(200, 150), { compressionLevel: 1 });
  site = await startSite();
  site.files.set('/pictures/photo.jpg', jpeg).set('/pictures/two.png', png);
  site.files.set('/private/photo.jpg', jpeg);
  app = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1' });
  client = createClient(app.url, app.key);
});
after(async () => {
  await app?.stop();
  site?.close();
});

const clientOf = async (credits: number | null) => createClient(app.url, await app.makeKey(credits));
const rawPixels = async (file: Uint8Array) => sharp(file).ensureAlpha().raw().toBuffer();

describe('files', () => {
  it('are queued, waited for and downloaded without a key, as large as was told', async () => {
    const queued = await client.optimize({ type: 'file', compression: 'intelligent' }, [
      ['file', 'photo.jpg', jpeg],
    ]);
    assert.deepEqual(queued, { status: 'processing', code: 202, process_id: queued.process_id });
    assert.match(queued.process_id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    const { status, code, result, id, user } = await client.result(queued.process_id, '?timeout=300');
    assert.deepEqual([status, code, id, user.tokens, result.length], ['ok', 200, queued.process_id, -1, 1]);
    const [image] = result as [(typeof result)[0]];
    assert.deepEqual([image.success, image.file_name, image.webp], [1, 'photo.jpg', null]);
    assert.equal(image.original_size, jpeg.length);
    assert.equal(image.saved_bytes, jpeg.length - image.optimized_size);
    assert.equal(image.saved_percent, Math.round((100 * image.saved_bytes) / jpeg.length));
    assert.match(image.url, new RegExp(`^${app.url}/image/[\\da-f]{12}/[\\w-]+\\.jpg$`));
    const [first, second] = [await download(image.url), await download(image.url)];
    assert.deepEqual([first.type, first.bytes.length], ['image/jpeg', image.optimized_size]);
    assert.deepEqual(second.bytes, first.bytes);
    const { width, height } = await sharp(first.bytes).metadata();
    assert.deepEqual([width, height], [200, 150]);
  });

  it('are five at most, and come back in their order', async () => {
    const files: File[] = [1, 2, 3, 4, 5].map((at) => [`file${at}`, `${at}.jpg`, at % 2 ? jpeg : png]);
    const { result } = await client.run({ type: 'files', compression: 'ultra' }, files);
    assert.deepEqual(
      result.map(({ file_name, original_size }) => [file_name, original_size]),
      files.map(([, filename, data]) => [filename, data.length]),
    );
    const six: File[] = [...files, ['file6', '6.jpg', jpeg]];
    assertRefused(await client.optimize({ type: 'files' }, six), 400, /file6/);
  });

  it('are named by the last part of their paths, whichever machine those are of', async () => {
    const files: File[] = [
      ['file1', '/tmp/cap/w-photo.jpg', jpeg],
      ['file2', 'C:\\a b\\c.png', png],
    ];
    const { result } = await client.run({ type: 'files', compression: 'ultra' }, files);
    assert.deepEqual(
      result.map(({ file_name }) => file_name),
      ['w-photo.jpg', 'c.png'],
    );
    assert.deepEqual(
      result.map(({ url }) => url.split('.').at(-1)),
      ['jpg', 'png'],
    );
  });

  it('are JPEG, PNG and GIF, and stay what they are', async () => {
    const moving = await animatedGif([0, 1, 2].map((shift) => screenshot(64, 48, shift + 1)));
    for (const [file, type] of [
      [jpeg, 'jpeg'],
      [png, 'png'],
      [moving, 'gif'],
    ] as const) {
      const { url } = await client.image(file);
      const got = await download(url);
      const { format, pages } = await sharp(got.bytes, { animated: true }).metadata();
      assert.deepEqual([got.type, format, pages], [`image/${type}`, type, type === 'gif' ? 3 : undefined]);
    }
  });

  it('that cannot be made smaller are answered as they are, without success and without a token', async () => {
    const key = await clientOf(5);
    const small = await download((await key.image(jpeg, { compression: 'lossless' })).url);
    const { tokens } = (await key.info()).result;
    const image = await key.image(small.bytes, { compression: 'lossless' });
    assert.deepEqual([image.success, image.original_size], [0, small.bytes.length]);
    assert.ok(image.saved_bytes >= 0 && image.optimized_size + image.saved_bytes === image.original_size);
    const served = await download(image.url);
    assert.deepEqual([served.type, served.bytes.length], ['image/jpeg', image.optimized_size]);
    assert.equal((await sharp(served.bytes).metadata()).width, 200);
    assert.equal((await key.info()).result.tokens, tokens);
  });

  it('that are damaged are an error alone, and without success among others', async () => {
    const cut = jpeg.subarray(0, 300);
    assertRefused(await client.run({ type: 'file' }, [['file', 'cut.jpg', cut]]), 400, /^cut\.jpg: /);
    const files: File[] = [
      ['file1', 'cut.jpg', cut],
      ['file2', 'two.png', png],
    ];
    const { result } = await client.run({ type: 'files' }, files);
    assert.deepEqual(
      result.map(({ file_name, success }) => [file_name, success]),
      [
        ['cut.jpg', 0],
        ['two.png', 1],
      ],
    );
    assert.deepEqual((await download(result[0]!.url)).bytes, Buffer.from(cut));
  });
});

describe('addresses', () => {
  it('are fetched, one or several, and named by the last part of their paths', async () => {
    const url = `${site.url}/pictures/photo.jpg`;
    const { result } = await client.run({ type: 'url', url });
    assert.deepEqual(
      [result[0]!.success, result[0]!.file_name, result[0]!.original_size],
      [1, 'photo.jpg', jpeg.length],
    );
    assert.equal((await download(result[0]!.url)).bytes.length, result[0]!.optimized_size);
    const several = await client.run({ type: 'urls', url1: url, url2: `${site.url}/pictures/two.png` });
    assert.deepEqual(
      several.result.map(({ file_name }) => file_name),
      ['photo.jpg', 'two.png'],
    );
  });

  it('may be sent urlencoded', async () => {
    const fields = { type: 'url', url: `${site.url}/pictures/photo.jpg`, max_width: '50' };
    const { process_id } = await client.post('/v1/optimize', new URLSearchParams(fields));
    const { result } = await client.result(process_id);
    assert.equal((await sharp((await download(result[0]!.url)).bytes).metadata()).width, 50);
  });

  it('of what is no image are an error', async () => {
    site.files.set('/words.jpg', Buffer.from('hello'));
    assertRefused(await client.run({ type: 'url', url: `${site.url}/words.jpg` }), 400, /^words\.jpg: /);
  });

  it('where nothing is are an error alone, and without success among others', async () => {
    const gone = `${site.url}/pictures/gone.jpg`;
    assertRefused(await client.run({ type: 'url', url: gone }), 400, /^gone\.jpg: .*404/);
    const { result } = await client.run({ type: 'urls', url1: gone, url2: `${site.url}/pictures/two.png` });
    assert.deepEqual(
      result.map(({ success }) => success),
      [0, 1],
    );
    assert.deepEqual([result[0]!.url, result[0]!.saved_bytes], [gone, 0]);
  });

  it('behind a password are fetched with the one that was sent', async () => {
    const fields = { type: 'url', url: `${site.url}/private/photo.jpg` };
    assertRefused(await client.run(fields), 400);
    const { result } = await client.run({ ...fields, http_user: 'u', http_pass: 'p' });
    assert.equal(result[0]!.original_size, jpeg.length);
  });
});

describe('options', () => {
  it('lose nothing with lossless compression, and more from intelligent to ultra', async () => {
    for (const file of [jpeg, png]) {
      const size = async (compression: string) => {
        const { url, optimized_size } = await client.image(file, { compression });
        if (compression === 'lossless')
          assert.deepEqual(await rawPixels((await download(url)).bytes), await rawPixels(file));
        return optimized_size;
      };
      const [lossless, intelligent, ultra] = [
        await size('lossless'),
        await size('intelligent'),
        await size('ultra'),
      ];
      assert.ok(lossless >= intelligent && intelligent >= ultra, `${lossless} ${intelligent} ${ultra}`);
    }
  });

  it('make a WebP of each image when asked, told against the original', async () => {
    const { url, webp, original_size } = await client.image(jpeg, { webp: '1' });
    assert.ok(webp);
    assert.equal(webp.url, `${url}.webp`);
    assert.deepEqual(
      [webp.saved_bytes, webp.saved_percent],
      [original_size - webp.optimized_size, Math.round((100 * webp.saved_bytes) / original_size)],
    );
    const { type, bytes } = await download(webp.url);
    assert.match(bytes.toString('latin1', 0, 12), /^RIFF....WEBP$/s);
    assert.deepEqual([type, bytes.length], ['image/webp', webp.optimized_size]);
    assert.equal((await download(url)).type, 'image/jpeg');
    assert.equal((await client.image(jpeg, { webp: '0' })).webp, null);
  });

  it('keep metadata only when asked', async () => {
    const exif = { IFD0: { Copyright: 'somebody' } };
    const file = await sharp(jpeg).withExif(exif).jpeg({ quality: 97 }).toBuffer();
    const exifOf = async (keep_exif: string) =>
      (await sharp((await download((await client.image(file, { keep_exif })).url)).bytes).metadata()).exif;
    assert.ok((await exifOf('1'))?.includes('somebody'));
    assert.equal(await exifOf('0'), undefined);
  });

  it('make RGB of CMYK unless told otherwise', async () => {
    const file = await cmykJpeg(photo(200, 150));
    const space = async (fields: Record<string, string>) =>
      (await sharp((await download((await client.image(file, fields)).url)).bytes).metadata()).space;
    assert.deepEqual([await space({}), await space({ cmyktorgb: '0' })], ['srgb', 'cmyk']);
  });

  it('limit the side with the larger number, keep the ratio and never enlarge', async () => {
    const size = async (max_width: string, max_height: string) => {
      const { url } = await client.image(jpeg, { max_width, max_height });
      const { width, height } = await sharp((await download(url)).bytes).metadata();
      return [width, height];
    };
    assert.deepEqual(await size('100', '0'), [100, 75]);
    assert.deepEqual(await size('0', '75'), [100, 75]);
    assert.deepEqual(await size('100', '50'), [100, 75]);
    assert.deepEqual(await size('60', '75'), [100, 75]);
    assert.deepEqual(await size('100', '100'), [100, 75]);
    assert.deepEqual(await size('400', '300'), [200, 150]);
  });

  it('make JPEGs as large as they allow with lossless compression too, all but exact', async () => {
    const { success, url } = await client.image(jpeg, { max_width: '100', compression: 'lossless' });
    const { bytes } = await download(url);
    assert.deepEqual([success, (await sharp(bytes).metadata()).width], [1, 100]);
    const transforms = { resize: { width: 100, fit: 'inside' } } as const;
    const { score } = await compare(jpeg, bytes, { limits: DEFAULT_LIMITS, transforms });
    assert.ok(bytes.length < jpeg.length && score >= 90 && score < 100, `${bytes.length} ${score}`);
  });

  it('that make no sense are refused in a sentence that names them', async () => {
    const file: File[] = [['file', 'photo.jpg', jpeg]];
    assertRefused(await client.optimize({ type: 'file', compression: 'brutal' }, file), 400, /compression/);
    assertRefused(await client.optimize({ type: 'file', webp: 'maybe' }, file), 400, /webp/);
    assertRefused(await client.optimize({ type: 'file', max_width: 'wide' }, file), 400, /max_width/);
    assertRefused(await client.optimize({ type: 'folder' }, file), 400, /type/);
    assertRefused(await client.optimize({ type: 'file' }), 400, /file/);
    assertRefused(await client.optimize({ type: 'urls' }), 400, /url1/);
    assertRefused(await client.optimize({ type: 'url', url: '/pictures/photo.jpg' }), 400, /url/);
    const words: File[] = [['file', 'photo.jpg', Buffer.from('hello')]];
    assertRefused(await client.optimize({ type: 'file' }, words), 400, /JPEG/);
  });

  it('in JSON are refused', async () => {
    const headers = { 'x-api-key': app.key, 'content-type': 'application/json' };
    const body = JSON.stringify({ type: 'url', url: `${site.url}/pictures/photo.jpg` });
    const reply = await fetch(`${app.url}/v1/optimize`, { method: 'POST', headers, body });
    assert.equal(reply.status, 200);
    assertRefused((await reply.json()) as Answer, 400, /JSON/);
  });
});
