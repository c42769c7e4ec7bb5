/** The compress API against a whole server, spoken as its real clients speak it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { animatedGif, gifFile, jpegFile, orientedJpeg, pngFile, tiffFile } from '../images/files.ts';
import { pdfFile } from '../images/pdf.ts';
import { logo, meanDifference, photo, screenshot } from '../images/pixels.ts';
import { exchangeRaw, formBody, openSocket, type Part, parseReply, type RawReply } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';

let app: RunningApp;
let jpeg: Uint8Array;
let png: Uint8Array;

before(async () => {
  jpeg = await jpegFile(photo(320, 240), { quality: 95 });
  png = await pngFile(logo(200, 150));
  app = await startApp();
});
after(() => app.stop());

/** An optimization as an official client sends it: HTTP/1.1, every field, the careless end. */
async function optimize(
  file: Uint8Array,
  fields: Record<string, string> = {},
  { path = '/v2/', version = '1.1', key = app.key, keyLast = false } = {},
): Promise<RawReply> {
  const sent: Part[] = Object.entries(fields).map(([name, data]) => ({ name, data }));
  const keyPart: Part = { name: 'api_key', data: key };
  const filePart: Part = { name: 'file', filename: 'w-photo.jpg', data: file };
  const { type, body } = formBody(
    keyLast ? [...sent, filePart, keyPart] : [keyPart, ...sent, filePart],
    !keyLast,
  );
  const head = `POST ${path} HTTP/${version}\r\nHost: 127.0.0.1\r\nUser-Agent: EWWWIO PHP/1.1\r\nAccept: */*\r\ncontent-type: ${type}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
  return exchangeRaw(app.url, head, body);
}

async function ask(path: string, fields: Record<string, string> | FormData): Promise<[number, string]> {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const reply = await fetch(app.url + path, { method: 'POST', body });
  assert.match(reply.headers.get('content-type') ?? '', /^text\/html; charset=UTF-8$/);
  return [reply.status, await reply.text()];
}

/** The image in a reply that must hold one, as clients recognise it. */
async function imageIn(reply: RawReply) {
  assert.equal(reply.status, 200, reply.body.toString());
  assert.equal(reply.headers['content-type'], 'application/octet-stream');
  assert.equal(reply.headers['content-length'], String(reply.body.length));
  return sharp(reply.body).metadata();
}

function assertNoSavings(reply: RawReply, what?: string): void {
  assert.deepEqual([reply.status, reply.headers['content-length'], reply.body.length], [200, '0', 0], what);
}

async function pixelsOf(file: Uint8Array) {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height, channels: 4 as const };
}

describe('/verify/ and /quota/', () => {
  it('know a good key, urlencoded or multipart, and the trial key', async () => {
    const form = new FormData();
    form.set('api_key', app.key);
    for (const fields of [{ api_key: app.key }, form, { api_key: 'abc123' }])
      assert.deepEqual(await ask('/verify/', fields), [200, '{"status":"great"}']);
    assert.match((await ask('/quota/', form))[1], /^0 \d+ 30$/);
    assert.match((await ask('/quota/', { api_key: 'abc123' }))[1], /^\d+ -?\d+ \d+$/);
  });

  it('know an exhausted key, a prepaid one and an unknown one', async () => {
    const [prepaid, exhausted] = [await app.makeKey(3000), await app.makeKey(0)];
    assert.deepEqual(await ask('/verify/', { api_key: exhausted }), [200, '{"status":"exceeded"}']);
    assert.deepEqual(await ask('/quota/', { api_key: exhausted }), [200, '0 0 0']);
    assert.deepEqual(await ask('/quota/', { api_key: prepaid }), [200, '0 -3000 0']);
    for (const fields of [{ api_key: 'unknown' }, { api_key: '' }, {}] as Record<string, string>[]) {
      assert.deepEqual(await ask('/verify/', fields), [200, '{"status":"invalid","error":"invalid"}']);
      assert.deepEqual(await ask('/quota/', fields), [200, '']);
    }
  });

  it('answer POST only', async () => {
    for (const path of ['/verify/', '/quota/', '/v2/']) {
      const reply = await fetch(app.url + path);
      assert.deepEqual([reply.status, reply.headers.get('allow')], [405, 'POST']);
      assert.doesNotMatch(await reply.text(), /great|invalid|exceeded/);
    }
  });
});

describe('optimizing', () => {
  it('makes a JPEG smaller that looks the same, at /v2/ and at /', async () => {
    for (const path of ['/v2/', '/']) {
      const reply = await optimize(jpeg, { lossy: '1', quality: '82', metadata: '0', webp: '0' }, { path });
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

  it('keeps metadata only when asked', async () => {
    const file = await sharp(jpeg)
      .withExif({ IFD0: { Copyright: 'somebody' } })
      .jpeg({ quality: 97 })
      .toBuffer();
    const kept = await imageIn(await optimize(file, { metadata: '1' }));
    const dropped = await imageIn(await optimize(file, { metadata: '0' }));
    assert.deepEqual([kept.exif?.includes('somebody'), dropped.exif], [true, undefined]);
  });

  it('converts only what gets smaller by it, and no transparency without a colour to fill', async () => {
    const format = async (file: Uint8Array, fields: Record<string, string>) =>
      (await imageIn(await optimize(file, { convert: '1', ...fields }))).format;
    const photograph = await pngFile(photo(320, 240));
    assert.equal(await format(photograph, { lossy: '1' }), 'jpeg');
    assert.equal(await format(photograph, { lossy: '1', convert: '0' }), 'png');
    assert.equal(await format(png, { lossy: '1' }), 'png');
    assert.equal(await format(await jpegFile(screenshot(320, 240), { quality: 100 }), { lossy: '1' }), 'png');
  });

  it('charges one credit for an image and its conversion together', async () => {
    const key = await app.makeKey(5);
    await imageIn(await optimize(await pngFile(photo(320, 240, 8)), { lossy: '1', convert: '1' }, { key }));
    assert.deepEqual(await ask('/quota/', { api_key: key }), [200, '0 -4 0']);
  });

  it('takes GIF, animated too, and SVG and PDF, and answers them as what they are', async () => {
    const gif = await gifFile(screenshot(240, 160));
    assert.equal((await imageIn(await optimize(gif, { convert: '1' }))).format, 'png');
    const moving = await animatedGif([0, 1, 2].map((shift) => photo(64, 48, shift)));
    const webp = await imageIn(await optimize(moving, { webp: '1' }));
    assert.deepEqual([webp.format, webp.pages], ['webp', 3]);
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><!-- a -->   <rect width="40"
      height="30" fill="#ff0000" fill-opacity="1"/>   <metadata>made by hand</metadata></svg>`;
    const svg = await optimize(Buffer.from(drawing), {});
    assert.match(svg.body.toString(), /^<svg/);
    assert.ok(svg.body.length < drawing.length);
    const pdf = await optimize(await pdfFile(), { lossy: '1' });
    assert.match(pdf.body.toString('latin1'), /^%PDF-/);
  });

  it('turns a JPEG upright without loss', async () => {
    const file = await orientedJpeg(photo(320, 240), 6);
    const { width, height, orientation } = await imageIn(await optimize(file, { lossy: '0' }));
    assert.deepEqual([width, height, orientation ?? 1], [320, 240, 1]);
  });

  it('makes a WebP on demand, larger ones too, by quality and without a credit', async () => {
    const key = await app.makeKey(1);
    const webp = async (file: Uint8Array, fields: Record<string, string> = {}) => {
      const reply = await optimize(file, { webp: '1', ...fields }, { key });
      assert.equal((await imageIn(reply)).format, 'webp');
      return reply.body;
    };
    const drawn = await pngFile(screenshot(240, 160), { compressionLevel: 9 });
    assert.ok((await webp(drawn, { quality: '100', convert: '1' })).length > drawn.length);
    assert.ok((await webp(png, { quality: '10' })).length < (await webp(png, { quality: '90' })).length);
    assert.deepEqual(await ask('/quota/', { api_key: key }), [200, '0 -1 0']);
  });

  it('fits a WebP into a box and crops it to one', async () => {
    const size = async (fields: Record<string, string>) => {
      const { width, height } = await imageIn(await optimize(jpeg, { webp: '1', ...fields }));
      return [width, height];
    };
    assert.deepEqual(await size({ width: '160', height: '160' }), [160, 120]);
    assert.deepEqual(await size({ height: '60' }), [80, 60]);
    assert.deepEqual(await size({ width: '100', height: '100', crop: '1' }), [100, 100]);
    assert.deepEqual(await size({ width: '9000' }), [320, 240]);
  });

  it('crops to no more pixels than it would read', async () => {
    const side = (pixels: number) => ({ webp: '1', width: `${pixels}`, height: `${pixels}`, crop: '1' });
    assertNoSavings(await optimize(jpeg, side(16_383)));
    assert.equal((await imageIn(await optimize(jpeg, side(60_000)))).width, 320);
  });

  it('takes the key after the file', async () => {
    await imageIn(await optimize(jpeg, { lossy: '1' }, { keyLast: true }));
  });

  it('speaks HTTP/1.0 with a length and without chunks', async () => {
    const reply = await optimize(jpeg, { lossy: '1' }, { version: '1.0' });
    await imageIn(reply);
    assert.equal(reply.headers['transfer-encoding'], undefined);
  });

  it('asks for a body that is announced, then takes it', async () => {
    const { type, body } = formBody(
      [
        { name: 'api_key', data: app.key },
        { name: 'lossy', data: '1' },
        { name: 'file', filename: 'w-big.jpg', data: jpeg },
      ],
      true,
    );
    const { socket, ended } = openSocket(app.url);
    socket.write(
      `POST /v2/ HTTP/1.1\r\nHost: x\r\ncontent-type: ${type}\r\nConnection: close\r\nExpect: 100-Continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    const [interim] = (await once(socket, 'data')) as [Buffer];
    assert.match(interim.toString(), /^HTTP\/1\.1 100 Continue\r\n/);
    socket.write(body);
    assert.equal((await imageIn(parseReply(await ended))).format, 'jpeg');
  });

  it('refuses keys in words that clients search for', async () => {
    const exhausted = await app.makeKey(0);
    for (const [key, body] of [
      ['unknown', '{"error":"invalid","t":"exceeded"}'],
      ['abc123', '{"error":"invalid","t":"exceeded"}'],
      ['', '{"error":"invalid","t":"exceeded"}'],
      [exhausted, '{"error":"exceeded"}'],
    ] as const) {
      const reply = await optimize(jpeg, { lossy: '1', quality: key.slice(0, 4) }, { key });
      assert.deepEqual(
        [reply.status, reply.headers['content-type'], reply.body.toString()],
        [200, 'text/html; charset=UTF-8', body],
      );
    }
  });

  it('answers what it cannot optimize with an empty body, never with another type', async () => {
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
    assert.equal(
      (await optimize(new Uint8Array())).body.toString(),
      '{"status":"failed","message":"no file"}',
    );
  });
});
