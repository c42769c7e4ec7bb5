/** What the compress API does beside optimizing: images turned, resized, reduced, fetched later, and originals kept. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DEFAULT_LIMITS } from '../../src/engine/contract.ts';
import { inspect } from '../../src/engine/inspect.ts';
import { animatedGif, jpegFile, orientedJpeg, pngFile, webpFile } from '../images/files.ts';
import { cameraJpeg } from '../images/metadata.ts';
import { flat, meanDifference, photo, screenshot, storedFor } from '../images/pixels.ts';
import { exchangeRaw } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { ask, assertNoSavings, assertPage, type Fields, imageIn, pixelsOf, send } from './ewww-client.ts';

const FAILED = '{"error":"failed"}';
const BAD_KEY = '{"error":"invalid","t":"exceeded"}';
const PHOTO = photo(320, 240);

let app: RunningApp;
let jpeg: Uint8Array;

before(async () => {
  jpeg = await jpegFile(PHOTO, { quality: 95 });
  app = await startApp();
});
after(() => app.stop());

describe('/rotate/', () => {
  const rotate = (file: Uint8Array, key = app.key) => send(app, file, {}, { path: '/rotate/', key });

  it('turns a JPEG upright by its coefficients, says so, and keeps all else that it says', async () => {
    const file = await cameraJpeg(await jpegFile(storedFor(PHOTO, 6), { quality: 95 }), 6);
    const reply = await rotate(file);
    const { width, height, orientation, exif } = await imageIn(reply);
    assert.deepEqual([width, height, orientation], [320, 240, 1]);
    assert.ok(exif?.includes('SERIAL-4711') && reply.body.includes('Secret City'));
    assert.ok(
      meanDifference(await pixelsOf(reply.body), await pixelsOf(await jpegFile(PHOTO, { quality: 95 }))) < 3,
    );
  });

  it('turns every orientation, and says that one is 1 where nothing else was said', async () => {
    for (let orientation = 2; orientation <= 8; orientation++) {
      const reply = await rotate(await orientedJpeg(PHOTO, orientation));
      const { width, height, orientation: left } = await imageIn(reply);
      assert.ok(width! > 320 - 16 && height! > 240 - 16 && (left ?? 1) === 1, `${orientation}`);
    }
  });

  it('fails where there is nothing to turn, or nothing that it turns', async () => {
    const files = {
      'no tag': jpeg,
      'upright already': await orientedJpeg(PHOTO, 1),
      text: Buffer.from('hello'),
    };
    for (const file of Object.values(files)) assertPage(await rotate(file), FAILED);
    assertPage(await rotate(await pngFile(photo(40, 30))), FAILED);
    const turned = await orientedJpeg(PHOTO, 6);
    assertPage(await rotate(turned.subarray(0, turned.length / 2)), FAILED);
    assertPage(await rotate(new Uint8Array()), FAILED);
  });

  it('calls a key that is none exceeded, whatever comes with it', async () => {
    for (const file of [await orientedJpeg(PHOTO, 6), await pngFile(photo(40, 30))])
      for (const key of ['unknown', '']) assertPage(await rotate(file, key), '{"error":"exceeded"}');
  });

  it('costs nothing', async () => {
    const key = await app.makeKey(0);
    await imageIn(await rotate(await orientedJpeg(PHOTO, 3), key));
  });
});

describe('/resize/', () => {
  const BOX = {
    dst_x: '0',
    dst_y: '0',
    src_x: '0',
    src_y: '0',
    src_w: '320',
    src_h: '240',
    dst_w: '80',
    dst_h: '60',
  };
  const resize = (file: Uint8Array, fields: Fields = {}, key = app.key) =>
    send(app, file, { ...BOX, ...fields }, { path: '/resize/', key });

  it('scales images to a size, as what they are', async () => {
    for (const file of [jpeg, await pngFile(PHOTO), await webpFile(PHOTO)]) {
      const { format, width, height } = await imageIn(await resize(file));
      const { facts } = await inspect(file, DEFAULT_LIMITS);
      assert.deepEqual([format, width, height], [facts.format, 80, 60]);
    }
  });

  it('takes the part that it is told, and stretches it', async () => {
    const pixels = flat(320, 240, [0, 0, 255]);
    for (let at = 0; at < 320 * 240; at++) if (at % 320 >= 160) pixels.data.set([255, 0, 0], at * 3);
    const part = { src_x: '100', src_y: '20', src_w: '120', src_h: '200', dst_w: '60', dst_h: '10' };
    const reply = await resize(await pngFile(pixels), part);
    const { data, width, height } = await pixelsOf(reply.body);
    assert.deepEqual([width, height], [60, 10]);
    const blueAt = (x: number) => data[(5 * 60 + x) * 4 + 2]! > 128;
    assert.deepEqual([0, 28, 32, 59].map(blueAt), [true, true, false, false]);
  });

  it('enlarges, and takes what is larger than it was', async () => {
    const small = { src_w: '20', src_h: '15', dst_w: '640', dst_h: '480' };
    const { width, height } = await imageIn(await resize(await jpegFile(photo(20, 15)), small));
    assert.deepEqual([width, height], [640, 480]);
  });

  it('keeps an animation moving', async () => {
    const moving = await animatedGif([0, 1, 2].map((seed) => photo(64, 48, seed)));
    const reply = await resize(moving, { src_w: '64', src_h: '48', dst_w: '32', dst_h: '24' });
    const { format, pages, width, height } = await imageIn(reply);
    assert.deepEqual([format, pages, width, height], ['gif', 3, 32, 24]);
  });

  it('says an error where it cannot', async () => {
    const faults: Fields[] = [
      { dst_w: '0' },
      { dst_x: '7' },
      { src_w: '321' },
      { src_x: '-1' },
      { dst_h: '' },
    ];
    for (const fields of faults) assertPage(await resize(jpeg, fields), FAILED);
    assertPage(await resize(jpeg, { dst_w: '65535', dst_h: '65535' }), FAILED);
    assertPage(await resize(Buffer.from('%PDF-1.4')), FAILED);
    assertPage(await resize(jpeg, {}, 'unknown'), BAD_KEY);
  });
});

describe('/reduce-png/', () => {
  const reduce = (file: Uint8Array, colors: string, key = app.key) =>
    send(app, file, { colors }, { path: '/reduce-png/', key });

  it('gives a PNG a palette of so many colours', async () => {
    for (const colors of [2, 16, 256]) {
      const reply = await reduce(await pngFile(PHOTO), `${colors}`);
      const { format, width, height } = await imageIn(reply);
      assert.deepEqual([format, width, height], ['png', 320, 240]);
      const { data } = await pixelsOf(reply.body);
      const found = new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4)).size;
      assert.ok(found > 1 && found <= colors, `${found}`);
    }
  });

  it('fails for other files and other numbers', async () => {
    assertPage(await reduce(jpeg, '256'), FAILED);
    for (const colors of ['1', '257', '', 'all'])
      assertPage(await reduce(await pngFile(PHOTO), colors), FAILED);
  });

  it('says exceeded of a key that is none or is used up', async () => {
    const file = await pngFile(photo(64, 48));
    assertPage(await reduce(file, '9', 'unknown'), BAD_KEY);
    assertPage(await reduce(file, '9', await app.makeKey(0)), '{"error":"exceeded"}');
  });
});

describe('/v3/', () => {
  const optimize = (file: Uint8Array, fields: Fields = {}) =>
    send(app, file, fields, { path: '/v3/optimize/' });
  const retrieve = (id: string) =>
    exchangeRaw(app.url, `GET /v3/retrieve/?id=${id} HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n`);

  async function retrieveReady(id: string) {
    for (;;) {
      const reply = await retrieve(id);
      if (reply.status !== 404) return reply;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('gives an id at once, by which the image can be had once it is there, without a key', async () => {
    const file = await jpegFile(photo(320, 240, 17), { quality: 96 });
    const reply = await optimize(file, { async: '1', lossy: '1', site_url: 'https://example.com' });
    assert.match(reply.body.toString(), /^{/);
    const { id, location } = JSON.parse(reply.body.toString());
    assert.ok(location.endsWith(`/v3/retrieve/?id=${id}`));
    const image = await retrieveReady(id);
    assert.equal((await imageIn(image)).format, 'jpeg');
    assert.ok(image.body.length < file.length);
    assert.deepEqual((await optimize(file, { async: '1', lossy: '1' })).body, image.body);
  });

  it('says 204 where there are no savings to come', async () => {
    const { body: small } = await optimize(jpeg, { lossy: '0' });
    const reply = await optimize(small, { async: '1', compress: '1' });
    const { id } = JSON.parse(reply.body.toString());
    const { status, body } = await retrieveReady(id);
    assert.deepEqual([status, body.length], [204, 0]);
    assertNoSavings(await optimize(small, { async: '1', compress: '1' }));
  });

  it('answers at once what may be converted, and where nobody asks to wait', async () => {
    const photograph = await pngFile(photo(320, 240, 23));
    const reply = await optimize(photograph, { async: '1', convert: '1', lossy: '1' });
    assert.equal((await imageIn(reply)).format, 'jpeg');
    const old = await send(app, await jpegFile(photo(320, 240, 29)), { async: '1', lossy: '1' });
    assert.equal((await imageIn(old)).format, 'jpeg');
  });

  it('finds nothing for an id that it did not give', async () => {
    for (const id of ['', 'abc', 'A'.repeat(72), '..%2f..']) assert.equal((await retrieve(id)).status, 404);
  });
});

describe('/backup/', () => {
  const HASH = '6b023dfac80a2cf69e3c7057ab05bde001a437d69b2208830799f789857e8fab5faea69554d1f';
  const restore = (hash: string, domain: string, key = app.key) =>
    fetch(`${app.url}/backup/restore.php`, {
      method: 'POST',
      body: new URLSearchParams({ api_key: key, domain, hash }),
    });
  const bytesOf = async (reply: Response) => Buffer.from(await reply.arrayBuffer());

  it('gives back what was sent to be optimized, byte for byte', async () => {
    for (const path of ['/v2/', '/v3/optimize/']) {
      const hash = `${path.length}${HASH}`;
      const fields = { backup: hash, domain: 'example.com', site_url: 'http://example.com', lossy: '1' };
      await imageIn(await send(app, jpeg, fields, { path }));
      assert.ok((await bytesOf(await restore(hash, 'example.com'))).equals(jpeg));
      assert.match(await (await restore(hash, 'other.example')).text(), /missing/);
    }
  });

  it('gives back what was stored, for any site of the key, and the last of what had a name', async () => {
    const file = await pngFile(screenshot(40, 30));
    for (const sent of [jpeg, file])
      assertPage(await send(app, sent, { backup: HASH }, { path: '/backup/store.php' }), '{"success":1}');
    assert.ok((await bytesOf(await restore(HASH, 'example.com'))).equals(file));
  });

  it('keeps nothing where nothing is to be kept, and shows nothing of another key', async () => {
    await imageIn(await send(app, jpeg, { backup: '', domain: 'example.com' }));
    const other = await app.makeKey(3);
    for (const [hash, key] of [
      [HASH, other],
      ['hash123', app.key],
      ['', app.key],
      ['../x', app.key],
    ] as const) {
      const reply = await restore(hash, 'example.com', key);
      assert.deepEqual([reply.status, await reply.text()], [200, '{"error":"missing"}']);
    }
  });

  it('says an error of a name that is none, a file that is missing and a key that is not valid', async () => {
    const store = (file: Uint8Array, fields: Fields, key = app.key) =>
      send(app, file, fields, { path: '/backup/store.php', key });
    for (const backup of ['', '../x', 'x'.repeat(129)]) assertPage(await store(jpeg, { backup }), FAILED);
    assertPage(await store(jpeg, {}), FAILED);
    assertPage(await store(new Uint8Array(), { backup: HASH }), FAILED);
    assertPage(await store(jpeg, { backup: HASH }, 'unknown'), BAD_KEY);
    const wrong = { api_key: 'unknown', domain: 'example.com', hash: HASH };
    assert.deepEqual(await ask(app, '/backup/restore.php', wrong), [200, BAD_KEY]);
  });
});
