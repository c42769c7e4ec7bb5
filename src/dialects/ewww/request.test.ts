import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Form } from '../dialect.ts';
import { readOptimize } from './request.ts';

const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

function form(fields: Record<string, string> = {}, data: Uint8Array = JPEG): Form {
  return { fields: { api_key: 'k', ...fields }, files: [{ name: 'file', filename: 'a.jpg', data }] };
}

const options = (fields: Record<string, string>) => readOptimize(form(fields))?.submission.options;

describe('reading compress forms', () => {
  it('is lossless, without metadata and charged unless told otherwise', () => {
    assert.deepEqual(readOptimize(form()), {
      submission: {
        secret: 'k',
        source: { bytes: JPEG, filename: 'a.jpg' },
        options: { targets: ['same'], fidelity: 'lossless', metadata: 'none', upright: true },
        accept: 'smaller',
        charge: true,
      },
      conversion: null,
    });
  });

  it('reads lossy, metadata and effort, and lets fields pass that it does not know', () => {
    const expected = { targets: ['same'], fidelity: 'lossy', metadata: 'all', upright: true };
    const fields = { lossy: '1', metadata: '1', quality: '82', submitHandler: 'Upload', backup: '' };
    assert.deepEqual(options(fields), expected);
    assert.deepEqual(options({ ...fields, lossy_fast: '1' }), { ...expected, effort: 'fast' });
    assert.equal(options({ lossy_fast: '1' })?.effort, undefined);
    assert.equal(options({ compress: '1' })?.effort, 'thorough');
  });

  it('loses nothing of a GIF', () => {
    const gif = readOptimize(form({ lossy: '1' }, Buffer.from('GIF89a')));
    assert.equal(gif?.submission.options.fidelity, 'lossless');
  });

  it('reads how many dots an inch the images of a PDF should have, and of nothing else', () => {
    const dpi = (start: string, sent: string) =>
      readOptimize(form({ image_dpi: sent }, Buffer.from(start, 'latin1')))?.submission.options.imageDpi;
    assert.deepEqual([dpi('%PDF-1.4', '150'), dpi('%PDF-1.4', '0')], [150, undefined]);
    assert.equal(dpi('\xff\xd8\xff', '150'), undefined);
  });

  it('converts JPG to PNG, PNG to JPG and GIF to PNG, and nothing else', () => {
    const conversion = (start: string, fields: Record<string, string> = {}) =>
      readOptimize(form({ convert: '1', ...fields }, Buffer.from(start, 'latin1')))?.conversion?.options;
    assert.deepEqual(conversion('\xff\xd8\xff')?.targets, ['png']);
    assert.deepEqual(conversion('GIF89a')?.targets, ['png']);
    const png = '\x89PNG\r\n\x1a\n';
    assert.deepEqual(conversion(png), {
      targets: ['jpeg'],
      fidelity: 'glossy',
      metadata: 'none',
      background: undefined,
    });
    assert.equal(conversion(png, { lossy: '1', jpg_fill: '#FF8800' })?.background, '#ff8800');
    assert.equal(conversion(png, { jpg_fill: 'white' })?.background, undefined);
    assert.equal(conversion(png, { convert: '0' }), undefined);
    for (const start of ['%PDF-1.4', '<svg/>', 'RIFF\0\0\0\0WEBPVP8 '])
      assert.equal(conversion(start), undefined, start);
  });

  it('makes a WebP of quality 82, free and even if larger, in exclusion of lossless and convert', () => {
    const { submission, conversion } = readOptimize(form({ webp: '1', lossy: '0', convert: '1' }))!;
    assert.deepEqual(
      [submission.accept, submission.charge, submission.options, conversion],
      ['any', false, { targets: ['webp'], fidelity: 'lossy', metadata: 'none', quality: 82 }, null],
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
      gravity: 'centre',
    });
    const gravity = (crop_x: string, crop_y: string) =>
      resize({ width: '300', height: '200', crop: '1', crop_x, crop_y })?.gravity;
    assert.deepEqual(
      [gravity('left', 'center'), gravity('center', 'top'), gravity('right', 'bottom'), gravity('', 'up')],
      ['left', 'top', 'bottom-right', 'centre'],
    );
    assert.deepEqual(resize({ width: '300', crop: '1' }), { width: 300, height: undefined, fit: 'inside' });
    assert.equal(resize({ width: '0', height: '' }), undefined);
    assert.equal(resize({ width: '999999' }), undefined);
    assert.equal(options({ width: '300' })?.resize, undefined);
  });

  it('has nothing to submit for files of other kinds, unless a WebP is asked for', () => {
    for (const text of ['hello', 'RIFF    WAVE', 'x', 'II*\0', 'BM', '<html><p>svg</p>'])
      assert.equal(readOptimize(form({}, Buffer.from(text))), null, text);
    assert.ok(readOptimize(form({ webp: '1' }, Buffer.from('II*\0'))));
    for (const text of [
      'GIF89a',
      '%PDF-1.4',
      '<svg/>',
      '<?xml version="1.0"?>\n<!-- a drawing -->\n<svg xmlns="">',
      'RIFF\0\0\0\0WEBPVP8 ',
      '\x89PNG\r\n\x1a\n',
    ])
      assert.ok(readOptimize(form({}, Buffer.from(text, 'latin1'))), text);
  });
});
