import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Problem } from '../../lib/problem.ts';
import type { FormPart, Request } from '../dialect.ts';
import { type Asked, type Module, readAsked, readCaller, referenceOf, toSubmission } from './request.ts';

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 300 }, (_, at) => at % 256)]);
const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');
const SHA1 = digest('sha1', JPEG);
const MD5 = digest('md5', JPEG);
const CALLER = { token: 't', domain: 'example.com' };

interface Sent {
  hash?: string;
  type?: string;
  body?: string;
  parts?: FormPart[];
  module?: Module;
}

function request({ hash = SHA1, type = 'application/json', body = '', parts = [] }: Sent): Request {
  return {
    method: 'POST',
    path: `/imgopt3/2020.1/light/optimized/${hash}/`,
    params: { hash },
    query: new URLSearchParams(),
    headers: { 'content-type': type },
    origin: 'http://localhost',
    bytes: async () => Buffer.from(body),
    form: async () => ({ fields: {}, files: [] }),
    parts: async () => parts,
    signal: new AbortController().signal,
  };
}

const read = (sent: Sent) => readAsked(request(sent), sent.module ?? 'light');
const record = (more: object = {}) => ({ image_file_hash: SHA1, precursor_name: 'webp0', ...more });
const readRecord = (more: object, sent: Sent = {}) => read({ ...sent, body: JSON.stringify(record(more)) });
const refusal = (code: string, pattern: RegExp) => (error: unknown) =>
  error instanceof Problem && error.code === code && pattern.test(error.message);
const jsonPart = (more: object = {}) => ({
  type: 'application/json',
  data: Buffer.from(JSON.stringify(record(more))),
});
const imagePart = { type: 'application/octet-stream', data: JPEG };
const MULTIPART = 'multipart/form-data; boundary=b';

describe('reading who asks', () => {
  const caller = (authorization?: string) =>
    readCaller({ ...request({}), headers: authorization === undefined ? {} : { authorization } });

  it('takes a token with its domain', () => {
    assert.deepEqual(caller('Token abc Domain Example.com'), { token: 'abc', domain: 'Example.com' });
  });

  it('refuses every header that lacks one of them', () => {
    for (const text of [
      undefined,
      '',
      'Token abc',
      'Token abc Domain',
      'Bearer abc',
      'Domain a Token b',
      'Token a b Domain c',
    ])
      assert.throws(() => caller(text), { code: 'unauthorized' }, text);
  });
});

describe('reading what is asked', () => {
  it('reads a look-up, with defaults for what it leaves out', async () => {
    assert.deepEqual(await readRecord({ domains: ['example.com'], job_name: 'x' }), {
      hash: SHA1,
      precursor: 'webp0',
      maxOverhead: 0.99,
      force: false,
      relativePath: undefined,
      image: null,
    } satisfies Asked);
  });

  it('reads an image in base64, in lines or not, whatever the type of the body says', async () => {
    const base64 = JPEG.toString('base64');
    for (const file of [base64, base64.replaceAll(/.{76}/g, '$&\n'), base64.replace(/=+$/, '')])
      for (const type of ['application/json', 'application/x-www-form-urlencoded', ''])
        assert.deepEqual((await readRecord({ file }, { type })).image, JPEG);
    for (const file of ['', null]) assert.equal((await readRecord({ file })).image, null);
  });

  it('reads a form by the types of its parts, in either order, an empty image being none', async () => {
    for (const parts of [
      [jsonPart(), imagePart],
      [imagePart, jsonPart()],
    ])
      assert.deepEqual((await read({ type: MULTIPART, parts })).image, JPEG);
    const empty = { ...imagePart, data: new Uint8Array() };
    for (const parts of [[jsonPart()], [jsonPart(), empty]])
      assert.equal((await read({ type: MULTIPART, parts })).image, null);
  });

  it('refuses a form without JSON, or with JSON that is large for no reason', async () => {
    for (const parts of [[], [imagePart], [jsonPart({ job_name: 'x'.repeat(70_000) }), imagePart]])
      await assert.rejects(read({ type: MULTIPART, parts }), refusal('malformed-body', /json/i));
  });

  it('refuses what is no JSON, or not of the right shape, naming the field', async () => {
    for (const body of ['', '{"a":', 'text'])
      await assert.rejects(read({ body }), refusal('malformed-body', /JSON/), body);
    for (const body of ['[]', 'null', '1', '[[[null]]]'])
      await assert.rejects(read({ body }), refusal('invalid-parameter', /^the JSON: /), body);
    const wrong = { image_file_hash: 1, precursor_name: null, max_overhead: '1', force_reprocessing: 'true' };
    for (const [name, value] of Object.entries(wrong))
      await assert.rejects(
        readRecord({ [name]: value }),
        refusal('invalid-parameter', new RegExp(`^${name}: `)),
      );
  });

  it('refuses base64 that is broken, and a file that is no text', async () => {
    const base64 = JPEG.toString('base64');
    for (const file of [
      `${base64.slice(0, 40)}!${base64.slice(41)}`,
      '=',
      'x',
      `data:image/jpeg;base64,${base64}`,
      5,
      {},
    ])
      await assert.rejects(readRecord({ file }), refusal('invalid-parameter', /^file: /), String(file));
  });

  it('takes SHA-1 and MD5 in either case, and refuses every other hash', async () => {
    const file = JPEG.toString('base64');
    for (const hash of [SHA1, MD5, SHA1.toUpperCase()])
      assert.equal((await readRecord({ image_file_hash: hash, file }, { hash })).hash, hash.toLowerCase());
    const others = ['', 'x', SHA1.slice(1), digest('sha256', JPEG).slice(0, 40)];
    for (const hash of others)
      await assert.rejects(
        readRecord({ image_file_hash: hash, file }, { hash }),
        refusal('invalid-parameter', /^image_file_hash: /),
        hash,
      );
    await assert.rejects(
      readRecord({}, { hash: MD5 }),
      refusal('invalid-parameter', /not the hash in the address/),
    );
  });

  it('knows the formats by their names, and says why there is no JPEG 2000', async () => {
    const target = async (precursor_name: string) =>
      toSubmission(await readRecord({ precursor_name }), JPEG, CALLER, 'r').options.targets;
    assert.deepEqual(await Promise.all(['webp0', 'prjpg', 'pngzo', 'avifo0'].map(target)), [
      ['webp'],
      ['jpeg'],
      ['png'],
      ['avif'],
    ]);
    await assert.rejects(target('jp2o0'), refusal('invalid-parameter', /JPEG 2000/));
    for (const name of ['', 'webp', 'toString'])
      await assert.rejects(
        target(name),
        refusal('invalid-parameter', /^precursor_name: must be one of webp0/),
      );
  });

  it('takes a largest share from 0.1 to 10, and the 0 that the SDK makes of 0.99', async () => {
    const overhead = async (max_overhead: unknown) => (await readRecord({ max_overhead })).maxOverhead;
    assert.deepEqual(await Promise.all([0.1, 1, 10, 0, null].map(overhead)), [0.1, 1, 10, 0.99, 0.99]);
    for (const value of [0.09, 10.1, -1])
      await assert.rejects(overhead(value), refusal('invalid-parameter', /^max_overhead: /));
  });

  it('makes no adjustments, and says so where some are asked for', async () => {
    const adjusted = (adjustments: unknown) =>
      readRecord({ shimmercat_job_record: { task_thread: SHA1, adjustments } }, { module: 'lux' });
    for (const none of [undefined, null, {}]) assert.equal((await adjusted(none)).hash, SHA1);
    await assert.rejects(adjusted({ shifter: {} }), refusal('invalid-parameter', /adjustments/));
  });

  it('refuses an image that is none by its first bytes', async () => {
    for (const text of ['hello', '<svg/>', '%PDF-1.4', 'RIFF....WAVE']) {
      const file = Buffer.from(text);
      const hash = digest('sha1', file);
      await assert.rejects(
        readRecord({ image_file_hash: hash, file: file.toString('base64') }, { hash }),
        refusal('invalid-parameter', /^file: is not an image/),
        text,
      );
    }
  });
});

describe('submitting', () => {
  it('asks for the smallest result that looks the same, charged, under the reference of the image', async () => {
    const asked = await readRecord({
      force_reprocessing: true,
      relative_path: '/a/../b.jpg',
      max_overhead: 2,
    });
    assert.deepEqual(toSubmission(asked, JPEG, CALLER, 'reference'), {
      secret: 't',
      domain: 'example.com',
      source: { bytes: JPEG, filename: '/a/../b.jpg' },
      options: { targets: ['webp'], fidelity: 'lossy', metadata: 'none' },
      accept: 'smaller',
      charge: true,
      maxOverhead: 2,
      reference: 'reference',
      refresh: true,
    });
  });

  it('tells images apart by hash, format, largest share, module and domain, and not by their paths', async () => {
    const reference = async (more: object, module: Module = 'light', domain = 'example.com', hash = SHA1) =>
      referenceOf(await readRecord({ image_file_hash: hash, ...more }, { hash }), module, domain);
    const one = await reference({ relative_path: '/attempt_0' });
    assert.equal(await reference({ relative_path: '/attempt_1' }), one);
    assert.equal(await reference({ force_reprocessing: true }, 'light', 'Example.COM'), one);
    const all = await Promise.all([
      one,
      reference({ precursor_name: 'prjpg' }),
      reference({ max_overhead: 1 }),
      reference({}, 'lux'),
      reference({}, 'light', 'example.org'),
      reference({}, 'light', 'example.com', MD5),
    ]);
    assert.equal(new Set(all).size, all.length);
  });
});
