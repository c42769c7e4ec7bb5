import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FIDELITY_LEVELS } from '../../lib/fidelity-levels.ts';
import { readRefresh, readWaitMs, readWish, type Wish } from './options.ts';

function wish(fields: object): Wish {
  const read = readWish({ ...fields });
  if ('code' in read) throw new Error(`refused with ${read.code}`);
  return read;
}
const options = (fields: object) => wish(fields).options;

describe('options of an image', () => {
  it('have defaults, which empty values do not change', () => {
    const defaults = wish({});
    assert.deepEqual(defaults, {
      options: {
        targets: ['same'],
        formats: ['jpeg', 'png'],
        fidelity: 'lossy',
        floor: 85,
        metadata: 'none',
        cmyk: 'convert',
      },
      charge: true,
    });
    const names = [
      'lossy',
      'resize',
      'resize_width',
      'keep_exif',
      'cmyk2rgb',
      'convertto',
      'bg_remove',
      'upscale',
    ];
    for (const empty of ['', null, undefined, 'nonsense'])
      for (const name of names.filter((name) => empty !== 'nonsense' || name !== 'bg_remove'))
        assert.deepEqual(wish({ [name]: empty }), defaults, name);
  });

  it('take numbers as numbers, texts and booleans', () => {
    for (const lossy of [0, '0', ' 0 ', '0.0']) assert.equal(options({ lossy }).fidelity, 'lossless');
    for (const lossy of [2, '2']) assert.equal(options({ lossy }).fidelity, 'glossy');
    for (const lossy of [1, '1', true, 3, -1, {}]) assert.equal(options({ lossy }).fidelity, 'lossy');
    for (const keep_exif of [1, '1', true, 2, 3]) assert.equal(options({ keep_exif }).metadata, 'all');
    for (const cmyk2rgb of [0, '0']) assert.equal(options({ cmyk2rgb }).cmyk, 'keep');
  });

  it('ask for more the less may be lost: lossy, glossy, lossless', () => {
    assert.deepEqual(
      [1, 2, 0].map((lossy) => {
        const { fidelity, floor } = options({ lossy });
        return { fidelity, floor };
      }),
      [FIDELITY_LEVELS.balanced, FIDELITY_LEVELS.careful, { ...FIDELITY_LEVELS.lossless, floor: undefined }],
    );
  });

  it('know companions, with the image or without, and conversions of it, in every spelling', () => {
    const cases: [convertto: unknown, targets: string[], charge: boolean][] = [
      ['+webp', ['same', 'webp'], true],
      ['+webp|+avif', ['same', 'webp', 'avif'], true],
      ['%2Bwebp|%2Bavif', ['same', 'webp', 'avif'], true],
      ['%2Bavif%7C%2Bwebp', ['same', 'webp', 'avif'], true],
      [' avif', ['same', 'avif'], true],
      ['+webp+avif', ['same', 'webp', 'avif'], true],
      [' webp avif', ['same', 'webp', 'avif'], true],
      [['+webp', '+avif'], ['same', 'webp', 'avif'], true],
      ['webp', ['webp'], false],
      ['webp|avif', ['webp', 'avif'], false],
      ['jpg', ['jpeg'], true],
      ['JPEG', ['jpeg'], true],
      ['png|+webp', ['png', 'webp'], true],
      ['gif', ['gif'], true],
      ['jp2', ['same'], true],
      ['%', ['same'], true],
    ];
    for (const [convertto, targets, charge] of cases) {
      const { options, charge: charged } = wish({ convertto });
      assert.deepEqual([options.targets, charged], [targets, charge], String(convertto));
    }
  });

  it('ask for almost no loss where a JPEG is to be made without any', () => {
    const { fidelity, floor } = options({ lossy: 0, convertto: 'jpg' });
    assert.deepEqual([fidelity, floor], ['glossy', 95]);
    assert.equal(options({ lossy: 0, convertto: 'png' }).fidelity, 'lossless');
  });

  it('fit, cover and fill boxes, which may lack a side', () => {
    const resized = (resize: unknown, resize_width: unknown, resize_height: unknown) =>
      options({ resize, resize_width, resize_height }).resize;
    assert.deepEqual(resized(1, 8, '6'), { width: 8, height: 6, fit: 'outside' });
    assert.deepEqual(resized('3', '8px', ''), { width: 8, fit: 'inside' });
    assert.deepEqual(resized(4, 8, 6), { width: 8, height: 6, fit: 'cover', gravity: 'smart' });
    assert.deepEqual(resized(4, 8, 0), { width: 8, fit: 'inside' });
    assert.deepEqual(resized(1, 9e8, 1), { width: 65_535, height: 1, fit: 'outside' });
    for (const side of ['', 0, '0', null, undefined, -5, 'x'])
      assert.equal(resized(1, side, side), undefined);
    for (const resize of [0, 2, 5, '', null]) assert.equal(resized(resize, 8, 6), undefined);
  });

  it('let a result be larger where another format or size was asked for', () => {
    for (const fields of [{ convertto: 'png' }, { resize: 3, resize_width: 8 }])
      assert.ok(wish(fields).maxOverhead! > 1);
    for (const fields of [{}, { convertto: '+webp' }, { convertto: 'webp' }])
      assert.equal(wish(fields).maxOverhead, undefined);
  });

  it('are refused where a background is to be removed or an image to be enlarged', () => {
    for (const bg_remove of [1, '1', true, '#ff000080', 'https://example.com/b.jpg'])
      assert.deepEqual(readWish({ bg_remove }), { code: -207 });
    for (const upscale of [2, '4']) assert.equal((readWish({ upscale }) as { code: number }).code, -112);
    for (const bg_remove of [0, '0', false, 'false']) assert.ok('options' in readWish({ bg_remove }));
  });
});

describe('options of a call', () => {
  it('wait from 0 to 30 seconds', () => {
    const waits = [undefined, '', 'x', -1, 0, '5', 5.5, 30, 35, '1e9'].map((wait) => readWaitMs({ wait }));
    assert.deepEqual(waits, [0, 0, 0, 0, 0, 5000, 5000, 30_000, 30_000, 1000]);
  });

  it('refresh when told so', () => {
    for (const refresh of [1, '1', true, 'true']) assert.ok(readRefresh({ refresh }));
    for (const refresh of [0, '0', false, 'false', '', null, undefined]) assert.ok(!readRefresh({ refresh }));
  });
});
