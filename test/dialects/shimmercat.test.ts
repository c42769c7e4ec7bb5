/** The imgopt3 API against a whole server, spoken as the vendor's guide and SDK speak it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { createKey } from '../../src/accounts/keys.ts';
import { DEFAULT_LIMITS, DEFAULT_LOSSY_FLOOR } from '../../src/engine/contract.ts';
import { compare } from '../../src/engine/judge.ts';
import { truncations } from '../images/broken.ts';
import { jpegFile, orientedJpeg, pngFile } from '../images/files.ts';
import { logo, noise, photo } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import {
  type Answer,
  type Client,
  download,
  EXPECTING_FILE,
  formOf,
  look,
  post,
  QUEUED,
  recordOf,
  sha1,
  untilEnded,
  upload,
  uploadForm,
} from './shimmercat-client.ts';

let app: RunningApp;
let client: Client;
let seed = 0;

before(async () => {
  app = await startApp();
  client = { url: app.url, token: app.key, domain: 'example.com' };
});
after(() => app.stop());

/** A photograph that no other test has sent, and that gets smaller. */
function picture(): Promise<Uint8Array> {
  seed += 1;
  return jpegFile(photo(160, 120, seed), { quality: 95 });
}

/** One that is small already: no WebP that looks the same is smaller. */
function smallPicture(): Promise<Uint8Array> {
  seed += 1;
  return jpegFile(photo(64, 48, seed), { quality: 50 });
}

function is(answer: Answer, status: number, body: object): void {
  assert.deepEqual([answer.status, answer.type, answer.body], [status, 'application/json', body]);
}

/** @param status one or several that will do. */
function isRefused(answer: Answer, status: number, what?: string): void {
  assert.deepEqual([answer.status, answer.type], [status, 'application/json'], what);
  assert.deepEqual(Object.keys(answer.body), ['detail'], what);
}

async function creditsUsed(token = app.key): Promise<number> {
  const reply = await fetch(`${app.url}/api/v1/account`, { headers: { authorization: `Bearer ${token}` } });
  return ((await reply.json()) as { creditsUsed: number }).creditsUsed;
}

describe('the commands of the guide', () => {
  it('upload an image in JSON, see it worked on, and end in a smaller WebP that needs no token', async () => {
    const image = await picture();
    const hash = sha1(image);
    const record = {
      shimmercat_job_record: { task_thread: hash },
      image_file_hash: hash,
      relative_path: '/images/1.jpg',
      improve_image_quality: false,
      original_image_size_in_bytes: image.length,
      domains: ['example.com'],
      precursor_name: 'webp0',
      expected_optimized_image_filename: 'somewhere/data',
    };
    const file = Buffer.from(image).toString('base64');
    is(await post(client, hash, JSON.stringify({ ...record, file, force_reprocessing: true })), 201, QUEUED);
    // The guide's status check is the same command without force_reprocessing: the file may still be in it.
    const state = await post(client, hash, JSON.stringify({ ...record, file }));
    assert.ok(['processing', 'success'].includes(state.body.success_or_deny));
    const { type, bytes } = await download(await untilEnded(client, image));
    const { format, width, height } = await sharp(bytes).metadata();
    assert.deepEqual([type, format, width, height], ['image/webp', 'webp', 160, 120]);
    assert.ok(bytes.length < image.length);
    assert.equal(
      (await post(client, hash, JSON.stringify({ ...record, file }))).body.success_or_deny,
      'success',
    );
  });

  it('take the hash of md5sum as well', async () => {
    const image = await picture();
    const hash = createHash('md5').update(image).digest('hex');
    const file = Buffer.from(image).toString('base64');
    is(await post(client, hash, JSON.stringify(recordOf(hash, { file }))), 201, QUEUED);
    assert.equal((await post(client, hash, JSON.stringify(recordOf(hash)))).status, 200);
  });

  it('take the broken lines of base64 as a shell puts them between the quotes', async () => {
    const image = await picture();
    const hash = sha1(image);
    const lines = Buffer.from(image).toString('base64').replaceAll(/.{76}/g, '$&\n');
    const text = JSON.stringify(recordOf(hash, { file: '$img_base64' }), null, 4).replace(
      '$img_base64',
      lines,
    );
    assert.throws(() => JSON.parse(text));
    is(await post(client, hash, text), 201, QUEUED);
    isRefused(await post(client, hash, text.slice(0, -2)), 400);
  });
});

describe('the steps of the SDK', () => {
  it('look up, upload a form, poll and download, with named parts, nameless ones, and in either order', async () => {
    for (const parts of [
      { named: true },
      { named: false },
      { named: true, reversed: true },
      { named: false, reversed: true },
    ]) {
      const image = await picture();
      is(await look(client, image), 404, EXPECTING_FILE);
      is(await uploadForm(client, image, {}, parts), 201, QUEUED);
      assert.equal((await download(await untilEnded(client, image))).type, 'image/webp');
    }
  });

  it('work at the lux address, which makes no adjustments', async () => {
    const image = await picture();
    const lux = { module: '2020.4/lux' };
    const at = (more: object) => {
      const { type, body } = formOf(recordOf(sha1(image), more), image);
      return post(client, sha1(image), body, { ...lux, type });
    };
    const adjusted = (adjustments: object) =>
      at({ shimmercat_job_record: { task_thread: 'x', adjustments } });
    isRefused(await adjusted({ shifter: { steps: [] } }), 400);
    is(await adjusted({}), 201, QUEUED);
    is(await look(client, image), 404, EXPECTING_FILE);
    const reply = await fetch(`${app.url}/imgopt3/2020.4/light/optimized/${sha1(image)}/`, {
      method: 'POST',
    });
    assert.equal(reply.status, 404);
  });

  it('find an image under any path at once, and queue nothing twice', async () => {
    const image = await picture();
    await uploadForm(client, image);
    const ended = await untilEnded(client, image);
    const used = await creditsUsed();
    const elsewhere = await look(client, image, { relative_path: '/elsewhere.jpg' });
    assert.equal(elsewhere.body.success_or_deny, 'success');
    const again = await uploadForm(client, image);
    assert.deepEqual([again.status, again.body.success_or_deny], [200, 'success']);
    assert.equal((await download(again)).bytes.length, (await download(ended)).bytes.length);
    assert.equal(await creditsUsed(), used);
  });

  it('do the work anew when forced, for which the bytes are needed, and pay for it', async () => {
    const image = await picture();
    const force = { force_reprocessing: true };
    is(await look(client, image, force), 404, EXPECTING_FILE);
    is(await uploadForm(client, image, force), 201, QUEUED);
    await download(await untilEnded(client, image));
    const used = await creditsUsed();
    is(await look(client, image, force), 404, EXPECTING_FILE);
    is(await uploadForm(client, image, force), 201, QUEUED);
    await download(await untilEnded(client, image));
    assert.equal(await creditsUsed(), used + 1);
  });

  it('are told 201 also where the work was done under another share or precursor', async () => {
    const image = await picture();
    for (const more of [{}, { max_overhead: 1 }, { precursor_name: 'prjpg' }, { precursor_name: 'avifo0' }]) {
      is(await look(client, image, more), 404, EXPECTING_FILE);
      is(await uploadForm(client, image, more), 201, QUEUED);
    }
    for (const [precursor_name, type] of [
      ['prjpg', 'image/jpeg'],
      ['avifo0', 'image/avif'],
    ])
      assert.equal((await download(await untilEnded(client, image, { precursor_name }))).type, type);
  });
});

describe('what comes out', () => {
  it('keeps transparency, stands upright and looks the same', async () => {
    const turned = await orientedJpeg(photo(160, 120, 50), 6);
    for (const image of [await pngFile(logo(160, 120)), turned]) {
      await upload(client, image);
      const { bytes } = await download(await untilEnded(client, image));
      const { hasAlpha, width, height } = await sharp(bytes).metadata();
      assert.deepEqual([hasAlpha, width, height], [image !== turned, 160, 120]);
      const { score, visibility } = await compare(image, bytes, { limits: DEFAULT_LIMITS });
      assert.ok(score >= DEFAULT_LOSSY_FLOOR - 0.01, `${score}`);
      assert.ok(visibility.probability < 0.75, `${visibility.probability}`);
    }
  });

  it('is a deny where nothing is smaller, for as long as it is asked, and costs nothing', async () => {
    const used = await creditsUsed();
    for (const image of [await smallPicture(), await jpegFile(noise(24, 24, 9), { quality: 5 })]) {
      is(await upload(client, image), 201, QUEUED);
      for (let times = 0; times < 3; times += 1)
        is(await untilEnded(client, image), 200, { success_or_deny: 'deny' });
      is(await upload(client, image), 200, { success_or_deny: 'deny' });
    }
    assert.equal(await creditsUsed(), used);
  });

  it('may be as large as max_overhead says', async () => {
    const [small, usual] = [await smallPicture(), await picture()];
    await upload(client, small, { max_overhead: 10 });
    const { bytes } = await download(await untilEnded(client, small, { max_overhead: 10 }));
    assert.ok(bytes.length > small.length);
    await upload(client, usual, { max_overhead: 0.1 });
    is(await untilEnded(client, usual, { max_overhead: 0.1 }), 200, { success_or_deny: 'deny' });
    for (const max_overhead of [0.05, 11, -1]) isRefused(await look(client, small, { max_overhead }), 400);
  });

  it('is a deny or a refusal for what is damaged or no image, and a link that was tampered with leads nowhere', async () => {
    const cut = truncations(await picture())[7]!;
    assert.equal((await upload(client, cut)).status, 201);
    is(await untilEnded(client, cut), 200, { success_or_deny: 'deny' });
    for (const text of ['This is a letter.', '<svg xmlns="http://www.w3.org/2000/svg"/>'])
      isRefused(await upload(client, Buffer.from(text)), 400);
    const image = await picture();
    await upload(client, image);
    const { body } = await untilEnded(client, image);
    const link: string = body.presigned_url;
    const tampered = link.slice(0, -2) + (link.endsWith('AA') ? 'BB' : 'AA');
    assert.equal((await fetch(tampered)).status, 404);
  });
});

describe('what is refused', () => {
  it('is every header without a good token and its domain, in JSON', async () => {
    const image = await picture();
    for (const authorization of [
      '',
      'Token',
      `Token ${app.key}`,
      `Bearer ${app.key}`,
      'Token wrong Domain example.com',
    ]) {
      const answer = await post(client, sha1(image), JSON.stringify(recordOf(sha1(image))), {
        authorization,
      });
      isRefused(answer, 401, authorization);
    }
  });

  it('is a hash that is not that of the address or of the image', async () => {
    const [image, other] = [await picture(), await picture()];
    const file = Buffer.from(image).toString('base64');
    isRefused(await post(client, sha1(other), JSON.stringify(recordOf(sha1(image)))), 400);
    isRefused(await upload(client, other, { file }), 400);
    isRefused(await uploadForm(client, image, { image_file_hash: sha1(other) }), 400);
    isRefused(await post(client, 'x', JSON.stringify(recordOf('x'))), 400);
  });

  it('is a precursor that is not known, or that no encoder here writes', async () => {
    const image = await picture();
    isRefused(await look(client, image, { precursor_name: 'webp1' }), 400);
    const jpeg2000 = await look(client, image, { precursor_name: 'jp2o0' });
    isRefused(jpeg2000, 400);
    assert.match(jpeg2000.body.detail, /JPEG 2000/);
  });

  it('is base64 and JSON that are broken, but not a size that is wrong or missing', async () => {
    const image = await picture();
    isRefused(await upload(client, image, { file: 'no base64!' }), 400);
    isRefused(await post(client, sha1(image), '{"file": '), 400);
    for (const original_image_size_in_bytes of [undefined, 1])
      is(await look(client, image, { original_image_size_in_bytes }), 404, EXPECTING_FILE);
  });
});

describe('who sees what', () => {
  it('no key sees the images of another key, and no domain those of another domain', async () => {
    const image = await picture();
    await upload(client, image);
    await untilEnded(client, image);
    const stranger = { ...client, token: await app.makeKey(5) };
    is(await look(stranger, image), 404, EXPECTING_FILE);
    is(await look({ ...client, domain: 'example.org' }, image), 404, EXPECTING_FILE);
  });

  it('a key that is for one site speaks for that site and those below it, and for no other', async () => {
    const image = await picture();
    const wanted = { name: 'of one site', credits: 5, domains: ['example.com'] };
    const { secret: token } = await app.inDatabase((database) => createKey(database, wanted));
    for (const domain of ['example.com', 'www.example.com'])
      is(await look({ ...client, token, domain }, image), 404, EXPECTING_FILE);
    for (const domain of ['example.org', 'notexample.com', 'com'])
      isRefused(await upload({ ...client, token, domain }, image), 401, domain);
  });

  it('a key without credits is told so before its image is taken', async () => {
    isRefused(await upload({ ...client, token: await app.makeKey(0) }, await picture()), 402);
  });
});

it('200 images sent at once all end in success or deny', async () => {
  const images = await Promise.all(
    Array.from({ length: 200 }, (_, at) => jpegFile(photo(32, 24, 1000 + at), { quality: at % 2 ? 95 : 40 })),
  );
  const uploads = await Promise.all(images.map((image) => upload(client, image)));
  for (const answer of uploads) is(answer, 201, QUEUED);
  for (const image of images)
    assert.match((await untilEnded(client, image)).body.success_or_deny, /^(success|deny)$/);
});
