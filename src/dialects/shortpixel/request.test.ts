import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FormFile, Request } from '../dialect.ts';
import { type Fields, readCall } from './fields.ts';
import { isKey, readKey, readPolls, readUploads, readUrl, readUrls, sourceOf } from './request.ts';

const file = (name: string, filename = `${name}.jpg`): FormFile => ({
  name,
  filename,
  data: Buffer.from('x'),
});

function request(body: string, type = '', query = ''): Request {
  return {
    ...{
      method: 'POST',
      path: '/',
      params: {},
      headers: { 'content-type': type },
      origin: 'http://localhost',
    },
    query: new URLSearchParams(query),
    bytes: async () => Buffer.from(body),
    form: async () => ({ fields: { a: '1' }, lists: { urls: ['x', 'y'] }, files: [file('file1')] }),
    parts: async () => [],
    signal: new AbortController().signal,
  };
}

describe('the fields of a call', () => {
  const fields = async (...sent: Parameters<typeof request>) => (await readCall(request(...sent))).fields;

  it('are JSON whatever it is called, or a form, over those of the query', async () => {
    for (const type of ['', 'application/json', 'application/x-www-form-urlencoded', 'text/plain'])
      assert.deepEqual(await fields('{"a":1,"b":["x"]}', type, 'a=0&key=k'), { a: 1, b: ['x'], key: 'k' });
    assert.deepEqual(await fields('a=1&u[]=x&u[]=y'), { a: '1', u: ['x', 'y'] });
    for (const nothing of ['', '[1]', '7', 'null'])
      assert.equal((await fields(nothing, '', 'key=k')).key, 'k');
  });

  it('are those of a multipart form, with its files', async () => {
    const call = await readCall(request('', 'multipart/form-data; boundary=x', 'key=k'));
    assert.deepEqual({ ...call.fields }, { key: 'k', a: '1', urls: ['x', 'y'] });
    assert.equal(call.files.length, 1);
  });
});

describe('a key', () => {
  it('has twenty characters and no spaces', () => {
    assert.equal(readKey({ key: ' abc ' }), 'abc');
    for (const key of [undefined, null, {}, '']) assert.equal(readKey({ key }), '');
    assert.ok(isKey('GOODKEY0123456789abc'));
    for (const key of ['bad', 'GOODKEY0123456789ab', 'GOODKEY 0123456789abc', 'GOODKEY0123456789abé'])
      assert.ok(!isKey(key), key);
  });
});

describe('addresses', () => {
  const urls = (fields: Fields) => {
    const asked = readUrls(fields);
    return typeof asked === 'number' ? asked : asked.map(({ url }) => url);
  };

  it('are a list, an object with gaps, a JSON text or one text', () => {
    for (const urllist of [['a', 'b'], { '0': 'a', '7': 'b' }, '["a","b"]'])
      assert.deepEqual(urls({ urllist }), ['a', 'b']);
    assert.deepEqual(urls({ urllist: 'https://a.example/x' }), ['https://a.example/x']);
    for (const urllist of [undefined, null, [], {}, '', '[]']) assert.equal(urls({ urllist }), -105);
    assert.equal(urls({ urllist: Array.from({ length: 101 }, () => 'a') }), -107);
    assert.equal((urls({ urllist: Array.from({ length: 100 }, () => 'a') }) as string[]).length, 100);
  });

  it('are decoded where they are encoded as a whole, and once', () => {
    const url = 'https://a.example/b%20c.jpg?d=%25';
    assert.equal(readUrl(encodeURIComponent(url)), url);
    for (const plain of [url, 'HTTP://a.example/%', 'https%3A%2F%2Fa.example%', 'nothing%20else'])
      assert.equal(readUrl(plain), plain);
  });

  it('lead to a source with the credentials for it, or to none', () => {
    const [asked] = readUrls({ urllist: ['http://a.example/ä b\0c'], user: 'u', pass: 'p' }) as [never];
    assert.deepEqual(sourceOf(asked), {
      url: 'http://a.example/%C3%A4%20b%00c',
      credentials: { user: 'u', password: 'p' },
    });
    for (const url of ['', 'a', 'ftp://a/b', 'http://', 'javascript:alert(1)'])
      assert.equal(sourceOf({ url, credentials: undefined }), null, url);
  });

  it('have options of their own by their place, in a list of the same length', () => {
    const asked = readUrls({ urllist: ['a', 'b'], wait: 5, paramlist: [{ wait: 9, refresh: 1 }, null] });
    if (typeof asked === 'number') throw new Error(String(asked));
    assert.deepEqual(
      asked.map(({ waitMs, refresh }) => [waitMs, refresh]),
      [
        [9000, true],
        [5000, false],
      ],
    );
    assert.equal(readUrls({ urllist: ['a', 'b'], paramlist: [{}] }), -116);
    for (const paramlist of [[], '', null, '[]'])
      assert.equal(typeof readUrls({ urllist: ['a'], paramlist }), 'object');
  });
});

describe('uploads', () => {
  it('have paths by the names of their parts', () => {
    const uploads = readUploads({ file_paths: '{"file1":"/srv/ä.png"}' }, [file('file1'), file('img', '')]);
    if (typeof uploads === 'number') throw new Error(String(uploads));
    assert.deepEqual(
      uploads.map(({ name, path, filename }) => [name, path, filename]),
      [
        ['file1', '/srv/ä.png', 'file1.jpg'],
        ['img', null, ''],
      ],
    );
  });

  it('are refused for each thing that may be missing', () => {
    const paths = { file1: '/a.jpg' };
    const cases: [Fields, FormFile[], number][] = [
      [{}, [], -109],
      [{ file_paths: '' }, [], -109],
      [{ file_paths: paths }, [], -115],
      [{ file_paths: paths }, [file('file2')], -115],
      [{}, [file('file1')], -114],
      [{ file_paths: '[]' }, [file('file1')], -117],
      [{ file_paths: 'x' }, [file('file1')], -117],
      [{ file_paths: {} }, Array.from({ length: 101 }, () => file('file1')), -107],
      [{ file_paths: paths, paramlist: [{}, {}] }, [file('file1')], -116],
    ];
    for (const [fields, files, code] of cases)
      assert.equal(readUploads(fields, files), code, JSON.stringify(fields));
  });

  it('are asked for by name, by number or alone', () => {
    const named = (file_urls: unknown) =>
      (readPolls({ file_urls }) as { name: string; url: string }[]).map(({ name, url }) => [name, url]);
    assert.deepEqual(named({ url7: 'a', x: 'b' }), [
      ['url7', 'a'],
      ['x', 'b'],
    ]);
    assert.deepEqual(named('{"url7":"a"}'), [['url7', 'a']]);
    assert.deepEqual(named(['a', 'b']), [
      ['url1', 'a'],
      ['url2', 'b'],
    ]);
    assert.deepEqual(named('http://a/u/b/c'), [['url1', 'http://a/u/b/c']]);
    for (const none of [undefined, '', null, [], {}]) assert.deepEqual(named(none), []);
    assert.equal(readPolls({ file_urls: Array.from({ length: 101 }, () => 'a') }), -107);
  });
});
