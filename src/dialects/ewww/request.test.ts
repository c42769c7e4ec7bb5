import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Form } from '../dialect.ts';
import { readKey, readOptimize } from './request.ts';

const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

function form(fields: Record<string, string> = {}, data: Uint8Array = JPEG): Form {
  return { fields: { api_key: 'k', ...fields }, files: [{ name: 'file', filename: 'a.jpg', data }] };
}

const options = (fields: Record<string, string>) => readOptimize(form(fields))?.options;

describe('reading compress forms', () => {
  it('is lossless, without metadata and charged unless told otherwise', () => {
    assert.deepEqual(readOptimize(form()), {
      secret: 'k',
      source: { bytes: JPEG, filename: 'a.jpg' },
      options: { targets: ['same'], fidelity: 'lossless', metadata: 'none' },
      accept: 'smaller',
      charge: true,
    });
  });

  it('reads lossy and metadata, and lets every other field pass', () => {
    const fields = {
      lossy: '1',
      metadata: '1',
      lossy_fast: '1',
      compress: '1',
      convert: '1',
      jpg_fill: '#fff',
    };
    const expected = { targets: ['same'], fidelity: 'lossy', metadata: 'all' };
    assert.deepEqual(options({ ...fields, quality: '82', submitHandler: 'Upload', backup: '' }), expected);
  });

  it('logs the client path and never uses it', () => {
    assert.equal(readOptimize(form({ filename: '/var/www/../ü.jpg' }))?.source.filename, '/var/www/../ü.jpg');
  });

  it('makes a WebP of quality 82, free and even if larger, in exclusion of lossless and convert', () => {
    const submission = readOptimize(form({ webp: '1', lossy: '0', convert: '1' }));
    assert.deepEqual(
      [submission?.accept, submission?.charge, submission?.options],
      ['any', false, { targets: ['webp'], fidelity: 'lossy', metadata: 'none', quality: 82 }],
    );
  });

  it('takes quality from 1 to 100 and the default for anything else', () => {
    const quality = (value: string) => options({ webp: '1', quality: value })?.quality;
    assert.deepEqual(
      ['1', '60', '100', '0', '101', '', 'high', '-5', '5.5'].map(quality),
      [1, 60, 100, 82, 82, 82, 82, 82, 82],
    );
  });

  it('fits a WebP within the box and crops only when asked and both sides are known', () => {
    const resize = (fields: Record<string, string>) => options({ webp: '1', ...fields })?.resize;
    assert.deepEqual(resize({ width: '300', height: '200' }), { width: 300, height: 200, fit: 'inside' });
    assert.deepEqual(resize({ width: '300', height: '200', crop: '1' }), {
      width: 300,
      height: 200,
      fit: 'cover',
    });
    assert.deepEqual(resize({ width: '300', crop: '1' }), { width: 300, height: undefined, fit: 'inside' });
    assert.equal(resize({ width: '0', height: '' }), undefined);
    assert.equal(resize({ width: '999999' }), undefined);
    assert.equal(options({ width: '300' })?.resize, undefined);
  });

  it('has nothing to submit for files of other kinds, unless a WebP is asked for', () => {
    for (const text of ['hello', 'GIF89a', '%PDF-1.4', '<svg/>', 'RIFF    WAVE', 'x'])
      assert.equal(readOptimize(form({}, Buffer.from(text))), null, text);
    assert.ok(readOptimize(form({ webp: '1' }, Buffer.from('GIF89a'))));
    assert.ok(readOptimize(form({}, Buffer.from('RIFF\0\0\0\0WEBPVP8 '))));
    assert.ok(readOptimize(form({}, Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))));
  });

  it('refuses a form without a key or without a file', () => {
    assert.throws(() => readKey({ fields: {}, files: [] }), { code: 'unauthorized' });
    assert.throws(() => readOptimize(form({ api_key: ' ' })), { code: 'unauthorized' });
    assert.throws(() => readOptimize({ fields: { api_key: 'k' }, files: [] }), { code: 'empty-body' });
    assert.throws(() => readOptimize(form({}, new Uint8Array())), { code: 'empty-body' });
  });
});
