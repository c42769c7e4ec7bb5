import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../../lib/problem.ts';
import type { Form, Request } from '../dialect.ts';
import { jobParameters } from './parameters.ts';
import { readKey, readOptimize, readParameters } from './request.ts';

const IMAGE = new Uint8Array([1, 2, 3]);

interface Sent {
  query?: string;
  headers?: Record<string, string>;
  form?: Form;
}

function request({ query = '', headers = {}, form }: Sent): Request {
  const type: Record<string, string> = form ? { 'content-type': 'multipart/form-data; boundary=x' } : {};
  return {
    method: 'POST',
    path: '/api/v1/optimize',
    params: {},
    query: new URLSearchParams(query),
    headers: { ...type, ...headers },
    origin: 'http://localhost',
    bytes: async () => IMAGE,
    form: async () => form ?? { fields: {}, files: [] },
    parts: async () => [],
    signal: new AbortController().signal,
  };
}

const file = { name: 'file', filename: 'a.png', data: IMAGE };
const asked = async (sent: Sent) => readOptimize(request(sent));
const options = async (sent: Sent) => (await asked(sent)).submission.options;
const refusal =
  (parameter: string, pattern = /./) =>
  (error: unknown) =>
    error instanceof Problem &&
    error.code === 'invalid-parameter' &&
    error.parameter === parameter &&
    pattern.test(error.message);

describe('reading native requests', () => {
  it('takes the key from a bearer header only', () => {
    assert.equal(readKey(request({ headers: { authorization: 'Bearer  kee_123 ' } })), 'kee_123');
    assert.equal(readKey(request({ headers: { authorization: 'bearer x' } })), 'x');
    for (const authorization of ['', 'Bearer', 'Bearer a b', 'Basic eDp5'])
      assert.throws(() => readKey(request({ headers: { authorization } })), { code: 'unauthorized' });
    assert.throws(() => readKey(request({ query: 'key=x' })), { code: 'unauthorized' });
  });

  it('leaves what was not said to the defaults', async () => {
    const { submission, waitMs, image } = await asked({});
    assert.deepEqual(submission, {
      source: { bytes: IMAGE },
      options: {
        targets: ['same'],
        formats: undefined,
        fidelity: 'lossy',
        metadata: 'none',
        effort: 'usual',
        cmyk: 'convert',
        upright: false,
        sanitize: false,
        frames: 'all',
        crop: undefined,
        resize: undefined,
        background: undefined,
      },
      accept: 'smaller',
      charge: true,
    });
    assert.deepEqual([waitMs, image], [30_000, false]);
  });

  it('reads every parameter', async () => {
    const query =
      'fidelity=glossy&format=auto,jpg&accept=webp,jpg&floor=72.5&metadata=all&wait=0.5&respond=image' +
      '&gate=any&effort=fast&cmyk=keep&upright&sanitize=1&frames=first&crop=1,2,30,40&turn=90' +
      '&width=800&height=600&fit=cover&gravity=smart&background=FF8800';
    const { submission, waitMs, image } = await asked({ query });
    assert.deepEqual(submission.options, {
      targets: ['auto', 'jpeg'],
      formats: ['webp', 'jpeg'],
      fidelity: 'glossy',
      floor: 72.5,
      metadata: 'all',
      effort: 'fast',
      cmyk: 'keep',
      upright: true,
      sanitize: true,
      frames: 'first',
      crop: { x: 1, y: 2, width: 30, height: 40 },
      resize: { width: 800, height: 600, fit: 'cover', gravity: 'smart' },
      turn: '90',
      background: '#ff8800',
    });
    assert.equal(submission.accept, 'any');
    assert.deepEqual([waitMs, image], [500, true]);
  });

  it('takes a repeated format as a list, once each', async () => {
    assert.deepEqual((await options({ query: 'format=webp&format=avif&format=webp' })).targets, [
      'webp',
      'avif',
    ]);
  });

  it('refuses unknown values, naming the parameter', async () => {
    const faults = {
      fidelity: ['lossi', '', 'lossy,lossless'],
      format: ['bmp', '', 'jpeg,,png', 'JPEG'],
      accept: ['auto', ''],
      floor: ['49.9', '95.1', 'high', '', 'NaN', 'Infinity', '85abc', '0x50', '8e1', ' 85', '9'.repeat(999)],
      metadata: ['some', '1'],
      respond: ['xml'],
      wait: ['121', '-1', 'forever', ''],
      gate: ['none'],
      effort: ['max'],
      cmyk: ['0'],
      width: ['0', '65536', '12.5', '-1', 'auto', ''],
      fit: ['fit', 'cover', 'fill'],
      gravity: ['smart', 'north'],
      crop: ['1,2,3', '1,2,0,4', '-1,0,5,5', 'a,b,c,d', ''],
      turn: ['45', '90deg'],
      upright: ['maybe'],
      background: ['white', '#fff', '12345g'],
      frames: ['2'],
    };
    for (const [parameter, values] of Object.entries(faults)) {
      for (const value of values) {
        await assert.rejects(
          asked({ query: `${parameter}=${value}` }),
          refusal(parameter),
          `${parameter}=${value}`,
        );
      }
    }
  });

  it('refuses unknown parameters, naming them and those that are known', async () => {
    await assert.rejects(asked({ query: 'qualty=80' }), refusal('qualty', /Known: fidelity, format/));
    assert.throws(() => readParameters(jobParameters, { wait: '1', x: '' }), refusal('x', /Known: wait/));
    for (const name of ['__proto__', 'constructor', 'toString'])
      await assert.rejects(asked({ query: `${name}=x` }), refusal(name));
  });

  it('judges the query before it reads the body', async () => {
    const unread = (query: string) => ({
      ...request({ query }),
      bytes: () => assert.fail('the body was read'),
    });
    await assert.rejects(readOptimize(unread('floor=1')), refusal('floor'));
    await assert.rejects(readOptimize(unread('fit=cover')), refusal('fit'));
  });

  it('reads a form, whose fields count like query parameters, which win', async () => {
    const form = { fields: { fidelity: 'lossless', floor: '60' }, files: [file] };
    const { submission } = await asked({ form, query: 'floor=70' });
    assert.deepEqual(submission.source, { bytes: IMAGE, filename: 'a.png' });
    assert.deepEqual([submission.options.fidelity, submission.options.floor], ['lossless', 70]);
    await assert.rejects(asked({ form: { fields: { flor: '1' }, files: [file] } }), refusal('flor'));
  });

  it('refuses a form without exactly one file named file', async () => {
    const other = { ...file, name: 'image' };
    for (const files of [[], [other], [file, file], [file, other]])
      await assert.rejects(asked({ form: { fields: {}, files } }), refusal('file'));
  });

  it('takes any other content type as the image itself', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'image/png',
      'text/plain',
      'multipart/mixed; boundary=x',
    ])
      assert.deepEqual((await asked({ headers: { 'content-type': type } })).submission.source, {
        bytes: IMAGE,
      });
  });

  it('follows an Accept header that lists image types, unless the parameters say otherwise', async () => {
    const headers = { accept: 'image/webp,image/jpeg' };
    const listed = await asked({ headers });
    assert.equal(listed.image, true);
    assert.deepEqual(
      [listed.submission.options.targets, listed.submission.options.formats],
      [['auto'], ['jpeg', 'webp']],
    );
    assert.deepEqual((await options({ headers, query: 'format=png' })).targets, ['png']);
    assert.deepEqual((await options({ headers, query: 'accept=avif' })).formats, ['avif']);
    const json = await asked({ headers, query: 'respond=json' });
    assert.deepEqual([json.image, json.submission.options.targets], [false, ['same']]);
    const any = await asked({ headers: { accept: 'image/*' } });
    assert.deepEqual([any.image, any.submission.options.targets], [true, ['same']]);
  });
});
