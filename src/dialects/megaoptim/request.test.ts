import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Form, FormFile, Request, SubmissionOptions } from '../dialect.ts';
import { readKey, readOptimize, readTimeoutMs } from './request.ts';

const JPEG = Buffer.from('\xff\xd8\xff\xe0 and so on', 'latin1');
const file = (name: string, filename = `${name}.jpg`, data: Uint8Array = JPEG): FormFile => ({
  name,
  filename,
  data,
});

function request(
  fields: Record<string, string>,
  files: FormFile[] = [],
  over: Partial<Request> = {},
): Request {
  const form: Form = { fields, files };
  return {
    method: 'POST',
    path: '/v1/optimize',
    params: {},
    query: new URLSearchParams(),
    headers: {},
    origin: 'http://here',
    bytes: async () => new Uint8Array(),
    form: async () => form,
    parts: async () => [],
    signal: new AbortController().signal,
    ...over,
  };
}

const readFile = (fields: Record<string, string> = {}, sent = [file('file')]) =>
  readOptimize(request({ type: 'file', ...fields }, sent));
const optionsOf = async (fields: Record<string, string>): Promise<SubmissionOptions> =>
  (await readFile(fields)).submissions[0]!.options;
const refused = { code: 'invalid-parameter' };

describe('reading a form', () => {
  it('takes intelligent compression, no metadata and RGB when nothing is said', async () => {
    assert.deepEqual(await readFile(), {
      submissions: [
        {
          source: { bytes: JPEG, filename: 'file.jpg' },
          options: { fidelity: 'lossy', floor: 85, targets: ['same'], metadata: 'none', cmyk: 'convert' },
          accept: 'smaller',
          charge: true,
          freeUpTo: 0.05,
          keepSource: true,
        },
      ],
    });
  });

  it('knows three compressions and no fourth', async () => {
    const level = async (compression: string) => {
      const { fidelity, floor } = await optionsOf({ compression });
      return [fidelity, floor];
    };
    assert.deepEqual(await level('ultra'), ['lossy', 75]);
    assert.deepEqual(await level('intelligent'), ['lossy', 85]);
    assert.deepEqual(await level('lossless'), ['lossless', undefined]);
    assert.deepEqual(await level(''), ['lossy', 85]);
    await assert.rejects(readFile({ compression: 'lossy' }), { ...refused, parameter: 'compression' });
  });

  it('reads flags as all clients write them', async () => {
    for (const yes of ['1', 'true', 'True']) {
      const { targets, metadata, cmyk } = await optionsOf({ webp: yes, keep_exif: yes, cmyktorgb: yes });
      assert.deepEqual([targets, metadata, cmyk], [['same', 'webp'], 'all', 'convert']);
    }
    for (const no of ['0', 'false', 'False', '']) {
      const { targets, metadata, cmyk } = await optionsOf({ webp: no, keep_exif: no, cmyktorgb: no });
      assert.deepEqual([targets, metadata, cmyk], [['same'], 'none', 'keep']);
    }
    for (const name of ['webp', 'keep_exif', 'cmyktorgb'])
      await assert.rejects(readFile({ [name]: '2' }), { ...refused, parameter: name });
  });

  it('limits the side with the larger number, both where they are equal, and none at 0', async () => {
    const resize = async (max_width: string, max_height: string) =>
      (await optionsOf({ max_width, max_height })).resize;
    assert.deepEqual(await resize('800', '0'), { width: 800, fit: 'inside' });
    assert.deepEqual(await resize('', '600'), { height: 600, fit: 'inside' });
    assert.deepEqual(await resize('800', '600'), { width: 800, fit: 'inside' });
    assert.deepEqual(await resize('600', '800'), { height: 800, fit: 'inside' });
    assert.deepEqual(await resize('800', '800'), { width: 800, height: 800, fit: 'inside' });
    assert.deepEqual(await resize('9999999', '0'), { width: 65_535, fit: 'inside' });
    assert.equal(await resize('0', '0'), undefined);
    for (const wrong of ['-1', '1.5', 'wide'])
      await assert.rejects(resize(wrong, '0'), { ...refused, parameter: 'max_width' });
  });

  it('lets fields pass that it does not know', async () => {
    assert.equal((await readFile({ wait: '0', keep_everything: 'yes' })).submissions.length, 1);
  });

  it('has the callback named under the origin of the request', async () => {
    const { callback } = await readFile({ callback_url: 'https://shop.example/hook?a=b' });
    assert.deepEqual(callback, { url: 'https://shop.example/hook?a=b', origin: 'http://here' });
    await assert.rejects(readFile({ callback_url: 'shop.example' }), {
      ...refused,
      parameter: 'callback_url',
    });
  });

  it('refuses JSON before it reads any of it', async () => {
    const unread = async () => assert.fail('the body was read');
    const sent = request({}, [], {
      headers: { 'content-type': 'application/json; charset=utf-8' },
      form: unread,
    });
    await assert.rejects(readOptimize(sent), { code: 'malformed-body', message: /JSON/ });
  });
});

describe('reading what is to be optimized', () => {
  const filenames = async (fields: Record<string, string>, files: FormFile[] = []) =>
    (await readOptimize(request(fields, files))).submissions.map(({ source }) => source.filename);

  it('takes one to five numbered files by their numbers, named by the last part of their paths', async () => {
    const files = [
      file('file10', 'ten.jpg'),
      file('file2', 'C:\\pictures\\b.jpg'),
      file('file1', '/var/www/a b.jpg'),
    ];
    assert.deepEqual(await filenames({ type: 'files' }, files.slice(1)), ['a b.jpg', 'b.jpg']);
    await assert.rejects(filenames({ type: 'files' }, files), { ...refused, parameter: 'file10' });
    assert.deepEqual(await filenames({ type: 'files' }, [file('file1', '')]), ['file1']);
  });

  it('refuses what is missing, empty or no JPEG, PNG or GIF', async () => {
    const required = { file: 'file', files: 'file1', url: 'url', urls: 'url1' };
    for (const [type, name] of Object.entries(required))
      await assert.rejects(filenames({ type }), { ...refused, parameter: name });
    await assert.rejects(filenames({}), { ...refused, parameter: 'type' });
    await assert.rejects(filenames({ type: 'image' }), { ...refused, parameter: 'type' });
    for (const start of ['', 'hello', '%PDF-1.4', '<svg/>', 'RIFF\0\0\0\0WEBP'])
      await assert.rejects(readFile({}, [file('file', 'a.jpg', Buffer.from(start))]), refused, start);
    for (const start of ['\xff\xd8\xff\xdb', '\x89PNG\r\n\x1a\n', 'GIF87a', 'GIF89a'])
      assert.ok(await readFile({}, [file('file', 'a', Buffer.from(start, 'latin1'))]), start);
  });

  it('takes addresses, named by the last part of their paths, with the credentials for them', async () => {
    const urls = { url1: 'https://a.example/p/one%20two.jpg?x=/y', url2: 'http://b.example/', url6: '' };
    const named = { type: 'urls', ...urls, http_user: 'u', http_pass: 'p' };
    await assert.rejects(filenames(named), { ...refused, parameter: 'url6' });
    const { url6: _, ...two } = named;
    assert.deepEqual(await filenames(two), ['one%20two.jpg', 'b.example']);
    const { submissions } = await readOptimize(request(two));
    assert.deepEqual(submissions[1]!.source, {
      url: 'http://b.example/',
      filename: 'b.example',
      credentials: { user: 'u', password: 'p' },
    });
  });

  it('refuses what is no address on the web, such as paths of the client', async () => {
    for (const url of ['/pictures/photo.jpg', 'ftp://a.example/a.jpg', 'http://', 'javascript:1', 'a.jpg'])
      await assert.rejects(filenames({ type: 'url', url }), { ...refused, parameter: 'url' }, url);
  });
});

describe('reading the rest', () => {
  it('finds the key in its header', () => {
    assert.equal(readKey(request({}, [], { headers: { 'x-api-key': ' k ' } })), 'k');
    assert.throws(() => readKey(request({})), { code: 'unauthorized' });
  });

  it('waits as long as the query says, else the body, else two minutes, never more than five', async () => {
    const ms = (query: string, fields: Record<string, string> = {}) =>
      readTimeoutMs(request(fields, [], { query: new URLSearchParams(query) }));
    assert.deepEqual(
      await Promise.all([ms('timeout=1', { timeout: '9' }), ms('', { timeout: '9' }), ms('timeout300')]),
      [1000, 9000, 120_000],
    );
    assert.deepEqual(
      await Promise.all([ms(''), ms('timeout='), ms('timeout=0'), ms('timeout=0.5'), ms('timeout=9000')]),
      [120_000, 120_000, 0, 500, 300_000],
    );
    for (const wrong of ['timeout=abc', 'timeout=-1', 'timeout=1e9'])
      await assert.rejects(ms(wrong), { ...refused, parameter: 'timeout' });
  });
});
