import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../lib/problem.ts';
import { readMultipart, readParts } from './multipart.ts';

const BOUNDARY = 'SHnWdk46fYJl7JQYafIWsKfP';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** Bytes that hold everything a careless parser trips over. */
const IMAGE = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0, 13, 10, 45, 45]),
  Buffer.from(`\r\n--${BOUNDARY.slice(0, -1)}\r\n`),
  Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 131) % 256)),
  Buffer.from([13, 10, 13]),
]);

const field = (name: string, value: string) =>
  Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
const fileHead = (disposition: string, type = 'image/jpeg') =>
  Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n`,
  );
const CLOSED = Buffer.from(`--${BOUNDARY}--\r\n`);
const end = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);

/** Hands the body over in pieces of `size` bytes, as a socket might. */
async function* pieces(body: Buffer, size = body.length): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

const malformed = (error: unknown) => error instanceof Problem && error.code === 'malformed-body';

describe('reading multipart forms', () => {
  it('gives the exact file where no line end follows the last boundary, however it arrives', async () => {
    const body = Buffer.concat([
      field('api_key', 'k'),
      fileHead('name="file"; filename="w-photo.jpg"'),
      IMAGE,
      Buffer.from(
        `\r\n--${BOUNDARY}Content-Disposition: form-data; name="submitHandler"\r\n\r\nUpload\r\n--${BOUNDARY}--`,
      ),
    ]);
    for (const size of [1, 7, 64, 1460, body.length]) {
      const form = await readMultipart(pieces(body, size), TYPE);
      assert.equal(form.files.length, 1);
      assert.ok(Buffer.from(form.files[0]!.data).equals(IMAGE), `pieces of ${size}`);
      assert.deepEqual({ ...form.fields }, { api_key: 'k' });
    }
  });

  it('refuses a form that is cut anywhere rather than giving half a file', async () => {
    const body = Buffer.concat([field('a', '1'), fileHead('name="file"; filename="x"'), IMAGE, end]);
    for (let cut = 0; cut < body.length - 3; cut += 97) {
      await assert.rejects(readMultipart(pieces(body.subarray(0, cut)), TYPE), malformed, `cut at ${cut}`);
    }
  });

  it('keeps every value of fields whose name says that they are repeated', async () => {
    const body = Buffer.concat([field('urls[]', 'a'), field('url', 'x'), field('urls[]', 'b'), CLOSED]);
    const { fields, lists } = await readMultipart(pieces(body), TYPE);
    assert.deepEqual([{ ...lists }, { ...fields }], [{ urls: ['a', 'b'] }, { 'urls[]': 'b', url: 'x' }]);
  });

  it('keeps the last of repeated fields and every file in order', async () => {
    const body = Buffer.concat([
      field('a', '1'),
      field('a', '2'),
      fileHead('name="file"; filename="C:\\\\photos\\\\ü.jpg"'),
      Buffer.from('one'),
      Buffer.from('\r\n'),
      fileHead('name="file2"; filename="../../etc/passwd"'),
      Buffer.from('two'),
      end,
    ]);
    const form = await readMultipart(pieces(body), TYPE);
    assert.equal(form.fields.a, '2');
    assert.deepEqual(
      form.files.map(({ name, filename, data }) => [name, filename, Buffer.from(data).toString()]),
      [
        ['file', 'C:\\photos\\ü.jpg', 'one'],
        ['file2', '../../etc/passwd', 'two'],
      ],
    );
  });

  it('is not confused by names of object properties, empty names, empty files and parts without a name', async () => {
    const body = Buffer.concat([
      field('__proto__', 'x'),
      field('constructor', 'y'),
      Buffer.from(`--${BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nnameless\r\n`),
      fileHead('name="file"; filename=""', 'application/octet-stream'),
      end,
    ]);
    const form = await readMultipart(pieces(body), TYPE);
    assert.deepEqual(Object.entries(form.fields).sort(), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    assert.deepEqual(
      form.files.map(({ filename, data }) => [filename, data.length]),
      [['', 0]],
    );
  });

  it('reads multipart/mixed and quoted boundaries like form-data', async () => {
    const body = Buffer.concat([fileHead('name="file"; filename="x"'), IMAGE, end]);
    const form = await readMultipart(pieces(body), `Multipart/Mixed; boundary="${BOUNDARY}"`);
    assert.ok(Buffer.from(form.files[0]!.data).equals(IMAGE));
  });

  it('accepts a form without parts', async () => {
    const form = await readMultipart(pieces(Buffer.from(`--${BOUNDARY}--\r\n`)), TYPE);
    assert.deepEqual([Object.keys(form.fields), form.files], [[], []]);
  });

  it('refuses a missing boundary, ten thousand parts, a huge field and broken part headers', async () => {
    const many = Buffer.concat([...Array.from({ length: 10_000 }, (_, at) => field(`f${at}`, 'x')), end]);
    const files = Array.from({ length: 300 }, () =>
      Buffer.concat([fileHead('name="f"; filename="x"'), Buffer.from('\r\n')]),
    );
    const broken = Buffer.from(`--${BOUNDARY}\r\nno colon here\r\n\r\nx\r\n--${BOUNDARY}--\r\n`);
    await assert.rejects(readMultipart(pieces(many), 'multipart/form-data'), malformed);
    await assert.rejects(readMultipart(pieces(many, 1460), TYPE), malformed);
    await assert.rejects(readMultipart(pieces(Buffer.concat([...files, end])), TYPE), malformed);
    await assert.rejects(
      readMultipart(pieces(Buffer.concat([field('a', 'x'.repeat(1 << 20)), end])), TYPE),
      malformed,
    );
    await assert.rejects(readMultipart(pieces(broken), TYPE), malformed);
  });

  it('lets the refusal of a body that is too large through', async () => {
    async function* tooMuch(): AsyncGenerator<Buffer> {
      yield fileHead('name="file"; filename="x"');
      throw new Problem('body-too-large', 'Too much.');
    }
    await assert.rejects(readMultipart(tooMuch(), TYPE), { code: 'body-too-large' });
  });
});

describe('reading the parts of a form alike', () => {
  const nameless = (type: string) => Buffer.from(`--${BOUNDARY}\r\nContent-Type: ${type}\r\n\r\n`);
  const seen = (parts: Awaited<ReturnType<typeof readParts>>) =>
    parts.map(({ type, data }) => [type, Buffer.from(data).toString('latin1')]);

  it('gives exact bytes and types in order, without names or with them, however they arrive', async () => {
    const body = Buffer.concat([
      nameless('application/json; charset=utf-8'),
      Buffer.from('{"ü": 1}\r\n'),
      nameless('application/octet-stream'),
      IMAGE,
      Buffer.from('\r\n'),
      fileHead('name="section-1"', 'Image/JPEG'),
      IMAGE,
      Buffer.from(`\r\n--${BOUNDARY}\r\n\r\nno headers`),
      end,
    ]);
    const image = IMAGE.toString('latin1');
    for (const size of [1, 7, 29, 64, 1460, body.length]) {
      assert.deepEqual(
        seen(await readParts(pieces(body, size), `multipart/form-data; charset=x; boundary="${BOUNDARY}"`)),
        [
          ['application/json', Buffer.from('{"ü": 1}').toString('latin1')],
          ['application/octet-stream', image],
          ['image/jpeg', image],
          ['text/plain', 'no headers'],
        ],
        `pieces of ${size}`,
      );
    }
  });

  it('leaves alone what only looks like a boundary', async () => {
    const data = `--${BOUNDARY}\r\nContent-Type: x/y\r\n\r\n\r\n--${BOUNDARY.slice(1)}\r\n`;
    const body = Buffer.concat([nameless('a/b'), Buffer.from(`x${data}`), end]);
    assert.deepEqual(seen(await readParts(pieces(body), TYPE)), [['a/b', `x${data}`]]);
  });

  it('refuses what is cut, has no boundary or is no multipart form', async () => {
    const body = Buffer.concat([nameless('a/b'), IMAGE, end]);
    await assert.rejects(readParts(pieces(body.subarray(0, -30)), TYPE), malformed);
    await assert.rejects(readParts(pieces(body), 'multipart/form-data'), malformed);
    for (const type of ['', 'application/json', 'application/x-www-form-urlencoded'])
      await assert.rejects(readParts(pieces(body), type), malformed, type);
    const many = Buffer.concat([...Array.from({ length: 300 }, () => field('a', 'x')), end]);
    await assert.rejects(readParts(pieces(many), TYPE), malformed);
  });
});
