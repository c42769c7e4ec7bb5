/** The compress API's optimizations against a whole server, spoken as its real clients speak it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { digestCoefficients, readCoefficients } from '../../src/engine/codecs/jpeg/coefficients.ts';
import {
  animatedGif,
  gifFile,
  jpegFile,
  jpegWith,
  orientedJpeg,
  pngFile,
  tiffFile,
} from '../images/files.ts';
import { cameraMetadata } from '../images/metadata.ts';
import { pdfFile } from '../images/pdf.ts';
import { flat, logo, meanDifference, photo, screenshot } from '../images/pixels.ts';
import { ADOBE_RGB, rgbProfile } from '../images/profiles.ts';
import { formBody, openSocket, parseReply } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { assertNoSavings, assertPage, type Fields, imageIn, pixelsOf, send } from './ewww-client.ts';

let app: RunningApp;
let jpeg: Uint8Array;
let png: Uint8Array;

before(async () => {
  jpeg = await jpegFile(photo(320, 240), { quality: 95 });
  png = await pngFile(logo(200, 150));
  app = await startApp();
});
after(() => app.stop());

const optimize = (file: Uint8Array, fields: Fields = {}) => send(app, file, fields);
const formatOf = async (file: Uint8Array, fields: Fields) =>
  (await imageIn(await optimize(file, fields))).format;

describe('optimizing', () => {
  it('makes a JPEG smaller that looks the same, wherever clients of any age ask', async () => {
    for (const path of ['/v2/', '/', '/v3/optimize/']) {
      const reply = await send(app, jpeg, { lossy: '1', quality: '82', metadata: '0', webp: '0' }, { path });
      const { format, width, height } = await imageIn(reply);
      assert.deepEqual([format, width, height], ['jpeg', 320, 240]);
      assert.ok(reply.body.length < jpeg.length);
      assert.ok(meanDifference(await pixelsOf(reply.body), await pixelsOf(jpeg)) < 8);
    }
  });

  it('changes no pixel where it is lossless, and says nothing when there is nothing left', async () => {
    for (const file of [jpeg, await pngFile(screenshot(240, 160), { compressionLevel: 1 })]) {
      const reply = await optimize(file, { lossy: '0', compress: '1' });
      await imageIn(reply);
      assert.deepEqual(await pixelsOf(reply.body), await pixelsOf(file));
      assertNoSavings(await optimize(reply.body, { lossy: '0' }));
    }
  });

  it('keeps the coefficients of a JPEG where it is lossless, and is smaller where it is not, fast or not', async () => {
    const coefficients = (file: Uint8Array) => digestCoefficients(readCoefficients(file));
    const lossless = await optimize(jpeg);
    assert.equal(coefficients(lossless.body), coefficients(jpeg));
    for (const lossy_fast of ['0', '1']) {
      const { body } = await optimize(jpeg, { lossy: '1', lossy_fast });
      assert.ok(body.length < lossless.body.length);
      assert.ok(meanDifference(await pixelsOf(body), await pixelsOf(jpeg)) < 8);
    }
  });

  it('packs a PNG no worse where it may take its time', async () => {
    const file = await pngFile(screenshot(120, 90));
    const [usual, thorough] = [await optimize(file), await optimize(file, { compress: '1' })];
    assert.ok(thorough.body.length <= usual.body.length);
    for (const { body } of [usual, thorough]) assert.deepEqual(await pixelsOf(body), await pixelsOf(file));
  });

  it('keeps EXIF, XMP and the profile only when asked', async () => {
    const file = jpegWith(jpeg, { ...(await cameraMetadata()), icc: rgbProfile(ADOBE_RGB) });
    for (const lossy of ['0', '1']) {
      const kept = await optimize(file, { metadata: '1', lossy });
      const { exif, icc } = await imageIn(kept);
      assert.ok(exif?.includes('SERIAL-4711') && icc && kept.body.includes('Secret City'));
      const dropped = await optimize(file, { metadata: '0', lossy });
      assert.ok(!(await imageIn(dropped)).exif && !dropped.body.includes('Example Press'));
    }
  });

  it('converts only what gets smaller by it, and no transparency without a colour to fill', async () => {
    const convert = (file: Uint8Array, fields: Fields = {}) =>
      formatOf(file, { convert: '1', lossy: '1', ...fields });
    const photograph = await pngFile(photo(320, 240));
    assert.equal(await convert(photograph), 'jpeg');
    assert.equal(await convert(photograph, { convert: '0' }), 'png');
    assert.equal(await convert(png), 'png');
    assert.equal(await convert(await jpegFile(screenshot(320, 240), { quality: 100 })), 'png');
    assert.equal(await convert(await gifFile(screenshot(240, 160))), 'png');
  });

  it('lays a transparent PNG over the colour that it is given', async () => {
    const { data, ...size } = photo(320, 240);
    const half = Buffer.alloc(320 * 240 * 4, 255);
    for (let at = 0; at < 320 * 240; at++) {
      half.set(data.subarray(at * 3, at * 3 + 3), at * 4);
      if (at % 320 < 160) half[at * 4 + 3] = 0;
    }
    const file = await pngFile({ ...size, data: half, channels: 4 });
    assert.equal(await formatOf(file, { convert: '1', lossy: '1', jpg_fill: '' }), 'png');
    const reply = await optimize(file, { convert: '1', lossy: '1', jpg_fill: '#ffffff' });
    assert.equal((await imageIn(reply)).format, 'jpeg');
    const [red, green, blue] = (await pixelsOf(reply.body)).data;
    assert.ok(red! > 250 && green! > 250 && blue! > 250);
  });

  it('keeps frames, delays and loops of an animated GIF', async () => {
    const frames = [0, 1, 2].map((step) => {
      const frame = flat(160, 120, [20, 40, 200]);
      for (let at = 0; at < 500; at++) frame.data.set([250, 200, 10], (at + step * 3000) * 3);
      return frame;
    });
    const file = await sharp(await animatedGif(frames), { animated: true })
      .gif({ delay: [70, 200, 1000], loop: 3, effort: 1, reuse: false })
      .toBuffer();
    const padded = Buffer.concat([
      file.subarray(0, -1),
      Buffer.from(`!\xfe\x28${'c'.repeat(40)}\0;`, 'latin1'),
    ]);
    const reply = await optimize(padded, { lossy: '1' });
    const { format, pages, delay, loop } = await imageIn(reply);
    assert.deepEqual([format, pages, delay, loop], ['gif', 3, [70, 200, 1000], 3]);
    assert.ok(reply.body.length < padded.length);
    const shown = (bytes: Uint8Array) => sharp(bytes, { animated: true }).ensureAlpha().raw().toBuffer();
    assert.deepEqual(await shown(reply.body), await shown(padded));
  });

  it('takes SVG and PDF, and answers them as what they are', async () => {
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><!-- a -->   <rect width="40"
      height="30" fill="#ff0000" fill-opacity="1"/>   <metadata>made by hand</metadata></svg>`;
    const svg = await optimize(Buffer.from(drawing), {});
    assert.match(svg.body.toString(), /^<svg/);
    assert.ok(svg.body.length < drawing.length);
    const pdf = await optimize(await pdfFile(), { lossy: '1', image_dpi: '150' });
    assert.match(pdf.body.toString('latin1'), /^%PDF-/);
  });

  it('turns a JPEG upright, without loss or with', async () => {
    const file = await orientedJpeg(photo(320, 240), 6);
    for (const lossy of ['0', '1']) {
      const { width, height, orientation } = await imageIn(await optimize(file, { lossy }));
      assert.deepEqual([width, height, orientation ?? 1], [320, 240, 1]);
    }
  });
});

describe('making WebP', () => {
  it('happens on demand, larger ones too, by quality, whatever else is asked for', async () => {
    const webp = async (file: Uint8Array, fields: Fields = {}) => {
      const reply = await optimize(file, { webp: '1', sharp_yuv: '1', ...fields });
      assert.equal((await imageIn(reply)).format, 'webp');
      return reply.body;
    };
    const drawn = await pngFile(screenshot(240, 160), { compressionLevel: 9 });
    assert.ok((await webp(drawn, { quality: '100', convert: '1' })).length > drawn.length);
    for (const file of [jpeg, png, await gifFile(screenshot(120, 80))])
      assert.ok((await webp(file, { quality: '10' })).length < (await webp(file, { quality: '90' })).length);
  });

  it('keeps animations moving', async () => {
    const moving = await animatedGif([0, 1, 2].map((shift) => photo(64, 48, shift)));
    const { format, pages } = await imageIn(await optimize(moving, { webp: '1' }));
    assert.deepEqual([format, pages], ['webp', 3]);
  });

  it('fits into a box and crops to one', async () => {
    const size = async (fields: Fields) => {
      const { width, height } = await imageIn(await optimize(jpeg, { webp: '1', ...fields }));
      return [width, height];
    };
    assert.deepEqual(await size({ width: '160', height: '160' }), [160, 120]);
    assert.deepEqual(await size({ height: '60' }), [80, 60]);
    assert.deepEqual(await size({ width: '100', height: '100', crop: '1' }), [100, 100]);
    assert.deepEqual(await size({ width: '9000' }), [320, 240]);
  });

  it('keeps the side that a crop names', async () => {
    const pixels = flat(90, 30, [0, 0, 255]);
    for (let at = 0; at < 90 * 30; at++) if (at % 90 >= 60) pixels.data.set([255, 0, 0], at * 3);
    const file = await pngFile(pixels);
    const redIn = async (crop_x: string) => {
      const fields = {
        webp: '1',
        width: '30',
        height: '30',
        crop: '1',
        crop_x,
        crop_y: 'center',
        quality: '95',
      };
      const { data } = await pixelsOf((await optimize(file, fields)).body);
      return data[(15 * 30 + 15) * 4]! > 128;
    };
    assert.deepEqual(
      [await redIn('left'), await redIn('center'), await redIn('right')],
      [false, false, true],
    );
  });

  it('crops to no more pixels than it would read', async () => {
    const side = (pixels: number) => ({ webp: '1', width: `${pixels}`, height: `${pixels}`, crop: '1' });
    assertNoSavings(await optimize(jpeg, side(16_383)));
    assert.equal((await imageIn(await optimize(jpeg, side(60_000)))).width, 320);
  });
});

describe('the wire', () => {
  it('takes the key after the file', async () => {
    await imageIn(await send(app, jpeg, { lossy: '1' }, { keyLast: true }));
  });

  it('takes any file name for the name that it is', async () => {
    for (const filename of ['/var/www/../../etc/passwd', 'C:\\ü\\写真.jpg', '..', 'x'.repeat(5000)])
      await imageIn(await optimize(jpeg, { filename }));
  });

  it('speaks HTTP/1.0 with a length and without chunks', async () => {
    const reply = await send(app, jpeg, { lossy: '1' }, { version: '1.0' });
    await imageIn(reply);
    assert.equal(reply.headers['transfer-encoding'], undefined);
  });

  it('asks for a large body that is announced, then takes it', async () => {
    const large = Buffer.concat([jpeg, Buffer.alloc(4 << 20, 'x')]);
    const parts = [
      { name: 'api_key', data: app.key },
      { name: 'lossy', data: '1' },
      { name: 'file', filename: 'w-big.jpg', data: large },
    ];
    const { type, body } = formBody(parts, true);
    const { socket, ended } = openSocket(app.url);
    socket.write(
      `POST /v2/ HTTP/1.1\r\nHost: x\r\ncontent-type: ${type}\r\nConnection: close\r\nExpect: 100-Continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    const [interim] = (await once(socket, 'data')) as [Buffer];
    assert.match(interim.toString(), /^HTTP\/1\.1 100 Continue\r\n/);
    socket.write(body);
    assert.equal((await imageIn(parseReply(await ended))).format, 'jpeg');
  });

  it('says nothing of what cannot be optimized, and never answers with another type', async () => {
    const inputs = {
      text: Buffer.from('hello'),
      'a TIFF': await tiffFile(screenshot(64, 48)),
      'a cut JPEG': jpeg.subarray(0, jpeg.length / 2),
      'a cut PNG': png.subarray(0, png.length / 2),
      'the first bytes of a JPEG': jpeg.subarray(0, 3),
    };
    for (const [what, file] of Object.entries(inputs))
      assertNoSavings(await optimize(file, { lossy: '1' }), what);
    assertNoSavings(await optimize(Buffer.from('hello'), { webp: '1' }));
    assertPage(await optimize(new Uint8Array()), '{"status":"failed","message":"no file"}');
  });
});
