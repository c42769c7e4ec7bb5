import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Form } from '../dialect.ts';
import { readReducePng, readResize, readRotate } from './edit-request.ts';

const JPEG = Buffer.from('\xff\xd8\xff\xe0', 'latin1');
const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const GIF = Buffer.from('GIF89a');

function form(fields: Record<string, string>, data: Uint8Array): Form {
  return { fields: { api_key: 'k', ...fields }, files: [{ name: 'file', filename: 'a', data }] };
}

describe('reading forms of images to be made anew', () => {
  it('turns JPEGs upright without loss, with all that goes along, for nothing', () => {
    assert.deepEqual(readRotate(form({}, JPEG)), {
      secret: 'k',
      source: { bytes: JPEG, filename: 'a' },
      options: { targets: ['same'], fidelity: 'lossless', metadata: 'all', upright: true, effort: 'fast' },
      accept: 'any',
      charge: false,
    });
    for (const other of [PNG, GIF, Buffer.from('x')]) assert.equal(readRotate(form({}, other)), null);
  });

  const box = {
    dst_x: '0',
    dst_y: '0',
    src_x: '5',
    src_y: '6',
    dst_w: '10',
    dst_h: '7',
    src_w: '20',
    src_h: '30',
  };

  it('scales a part of an image to a size', () => {
    const { options, accept } = readResize(form(box, JPEG))!;
    assert.deepEqual(options.crop, { x: 5, y: 6, width: 20, height: 30 });
    assert.deepEqual(options.resize, { width: 10, height: 7, fit: 'fill' });
    assert.deepEqual([options.targets, accept], [['same'], 'any']);
    const fidelity = (data: Uint8Array) => readResize(form(box, data))?.options.fidelity;
    assert.deepEqual([JPEG, PNG, GIF, Buffer.from('%PDF-')].map(fidelity), [
      'glossy',
      'lossless',
      'lossy',
      undefined,
    ]);
  });

  it('scales nothing to or from where there are no pixels', () => {
    for (const fault of [
      { dst_x: '1' },
      { dst_y: '-1' },
      { dst_w: '0' },
      { dst_h: '' },
      { src_w: '65536' },
      { src_h: '1.5' },
      { src_x: '-3' },
      { src_y: 'top' },
    ])
      assert.throws(() => readResize(form({ ...box, ...fault } as Record<string, string>, JPEG)), {
        code: 'invalid-parameter',
      });
    const { src_w: _missing, ...rest } = box;
    assert.throws(() => readResize(form(rest, JPEG)), { code: 'invalid-parameter' });
  });

  it('reduces PNGs to 2 to 256 colours', () => {
    const { options, accept, charge } = readReducePng(form({ colors: '16' }, PNG))!;
    assert.deepEqual([options.targets, options.colours, accept, charge], [['png'], 16, 'any', true]);
    assert.equal(readReducePng(form({ colors: '16' }, JPEG)), null);
    for (const colors of ['1', '257', '', 'many'])
      assert.throws(() => readReducePng(form({ colors }, PNG)), { code: 'invalid-parameter' });
  });
});
