import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cmykJpeg, jpegFile, jpegWith, wideGamutJpeg } from '../../../../test/images/files.ts';
import { cameraExif, restartingJpeg, sampledJpeg, tablelessJpeg } from '../../../../test/images/jpegs.ts';
import { meanDifference, photo } from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, type MetadataPolicy, TURNS, type Turn } from '../../contract.ts';
import { decode } from '../../decode.ts';
import { inspect } from '../../inspect.ts';
import { crop } from '../../transform/crop.ts';
import { transform } from '../../transform/transform.ts';
import { turningOf } from '../turning.ts';
import { digestCoefficients, readCoefficients } from './coefficients.ts';
import { APP0, insertSegments, readSegments, writeSegment } from './segments.ts';
import { isTurned, turnedSize, turnJpeg } from './turn.ts';
import { turnCoefficients } from './turned-coefficients.ts';

const PHOTO = photo(101, 67);
const THUMBNAIL = photo(64, 48);

async function turned(file: Uint8Array, turn: Turn, policy: MetadataPolicy = 'none'): Promise<Uint8Array> {
  const result = await turnJpeg(await inspect(file, DEFAULT_LIMITS), turningOf(1, turn), policy, 'fast');
  assert.ok(result);
  return result;
}

const digestOf = (file: Uint8Array) => digestCoefficients(readCoefficients(file));

function digestOfTurned(file: Uint8Array, turn: Turn): string | null {
  const coefficients = turnCoefficients(readCoefficients(file), turningOf(1, turn));
  return coefficients && digestCoefficients(coefficients);
}

describe('a JPEG turned as it is coded', () => {
  const files: Record<string, () => Uint8Array | Promise<Uint8Array>> = {
    'a JPEG with chroma at half': () => jpegFile(PHOTO),
    'a progressive JPEG': () => jpegFile(PHOTO, { progressive: true, chroma: '4:4:4' }),
    'a grey JPEG': () => jpegFile(PHOTO, { grey: true }),
    'a CMYK JPEG': () => cmykJpeg(PHOTO),
    'a JPEG with restart markers': () => restartingJpeg(photo(101, 80)),
    'a JPEG without Huffman tables': () => tablelessJpeg(PHOTO),
    'a JPEG with chroma at a quarter across': () => sampledJpeg(101, 67, ['4x1', '1x1', '1x1']),
    'a JPEG with too many blocks in a unit for one scan': () => sampledJpeg(101, 67, ['4x2', '2x2', '1x1']),
  };
  for (const [name, make] of Object.entries(files)) {
    it(`shows ${name} turned, but for an edge`, async () => {
      const file = await make();
      const whole = await decode(file, DEFAULT_LIMITS);
      for (const turn of TURNS) {
        const result = await turned(file, turn);
        assert.ok(isTurned(result, file, turningOf(1, turn)));
        const shown = await decode(result, DEFAULT_LIMITS);
        const size = turnedSize(file, turningOf(1, turn))!;
        assert.deepEqual([shown.width, shown.height], [size.width, size.height]);
        const all = await transform(whole, { turn }, DEFAULT_LIMITS);
        const [x, y] = [all.width - size.width, all.height - size.height];
        assert.ok(x < 32 && y < 32);
        const difference = meanDifference(shown, crop(all, { x, y, ...size }));
        assert.ok(difference < 2, `${turn}: ${difference}`);
      }
    });
  }

  it('is as it was after four quarter turns, and after any mirroring twice, where units fit', async () => {
    const file = await jpegFile(photo(96, 64));
    let round = file;
    for (let quarter = 0; quarter < 4; quarter++) round = await turned(round, '90');
    assert.equal(digestOf(round), digestOf(file));
    for (const turn of ['180', 'flop', 'flip', 'transpose', 'transverse'] as const)
      assert.equal(digestOf(await turned(await turned(file, turn), turn)), digestOf(file), turn);
  });

  it('is the one that jpegtran makes of it', () => {
    const golden: Record<Turn, string> = {
      '90': 'b45f1df992477b9f',
      '180': '484d60704a5c73e3',
      '270': '87ed76ab75bfa619',
      flop: '207be05d5aebb341',
      flip: 'c87537ff7ceb32fb',
      transpose: 'aa0ecd2f3dc5c737',
      transverse: '6787a7050446728d',
    };
    const file = sampledJpeg(75, 53, ['2x2', '1x2', '2x1'], 7);
    for (const turn of TURNS) assert.equal(digestOfTurned(file, turn)?.slice(0, 16), golden[turn], turn);
  });

  it('is smaller when it is packed, and may be left as it is', async () => {
    const source = await inspect(await jpegFile(photo(320, 208)), DEFAULT_LIMITS);
    const [fast, usual] = await Promise.all(
      (['fast', 'usual'] as const).map((effort) => turnJpeg(source, turningOf(1, '90'), 'none', effort)),
    );
    assert.ok(usual!.length < fast!.length);
    assert.equal(digestOf(usual!), digestOf(fast!));
  });

  it('is none when nothing would be left of it', async () => {
    const source = await inspect(await jpegFile(photo(40, 12)), DEFAULT_LIMITS);
    assert.equal(await turnJpeg(source, turningOf(1, 'flip'), 'none', 'fast'), null);
    assert.ok(await turnJpeg(source, turningOf(1, 'transpose'), 'none', 'fast'));
  });

  it('is refused where it is coded in another way, or damaged', async () => {
    const file = await jpegFile(PHOTO);
    const frame = readSegments(file).list.find(({ marker }) => marker === 0xc0)!;
    const as = (offset: number, value: number) =>
      Uint8Array.from(file).fill(value, frame.start + offset, frame.start + offset + 1);
    const reasons = {
      arithmetic: as(1, 0xc9),
      lossless: as(1, 0xc3),
      hierarchical: as(1, 0xc5),
      deep: as(4, 12),
    };
    for (const [name, damaged] of Object.entries(reasons))
      await assert.rejects(turned(damaged, '90'), { name: 'Decline', reason: 'unsupported' }, name);
    await assert.rejects(turned(file.subarray(0, file.length / 2), '90'), { reason: 'corrupt' });
    const blocks = readCoefficients(file);
    blocks.components[0]!.blocks[1] = 2000;
    const { writeCoefficients } = await import('./write-coefficients.ts');
    assert.throws(() => writeCoefficients(blocks), { reason: 'unsupported' });
  });
});

describe('metadata of a turned JPEG', () => {
  const xmp = Buffer.from(
    '<a tiff:Orientation="6" exif:PixelXDimension="101"><tiff:ImageLength>67</tiff:ImageLength></a>',
  );

  async function withCamera(thumbnail: Uint8Array) {
    const exif = cameraExif({ orientation: 6, width: 101, height: 67, thumbnail });
    const file = jpegWith(await wideGamutJpeg(PHOTO), { exif, xmp }, 'a comment');
    const source = await inspect(file, DEFAULT_LIMITS);
    const result = await turnJpeg(source, turningOf(source.orientation), 'all', 'usual');
    return { source, result: await inspect(result!, DEFAULT_LIMITS) };
  }

  it('say that it is upright, and how large it is now', async () => {
    const { source, result } = await withCamera(await jpegFile(THUMBNAIL));
    assert.deepEqual([result.orientation, result.width, result.height], [1, 64, 101]);
    const exif = Buffer.from(result.embedded.exif!);
    assert.deepEqual([exif.readUInt32LE(48), exif.readUInt16LE(60)], [64, 101]);
    assert.equal(
      String(result.embedded.xmp),
      '<a tiff:Orientation="1" exif:PixelXDimension="64"><tiff:ImageLength>101</tiff:ImageLength></a>',
    );
    assert.deepEqual(result.embedded.icc, source.embedded.icc);
    assert.ok(readSegments(result.bytes).list.some(({ payload }) => String(payload) === 'a comment'));
  });

  it('have a thumbnail that is turned too', async () => {
    const thumbnail = await jpegFile(THUMBNAIL);
    const exif = Buffer.from((await withCamera(thumbnail)).result.embedded.exif!);
    const [at, length] = [exif.readUInt32LE(78), exif.readUInt32LE(90)];
    assert.equal(at + length, exif.length);
    assert.equal(digestOf(exif.subarray(at, at + length)), digestOfTurned(thumbnail, '90'));
  });

  it('have no thumbnail where it cannot be turned', async () => {
    for (const broken of [Buffer.alloc(300, 7), (await jpegFile(THUMBNAIL)).subarray(0, 500)]) {
      const exif = Buffer.from((await withCamera(broken)).result.embedded.exif!);
      assert.equal(exif.readUInt32LE(34), 0);
      assert.equal(exif.indexOf(broken.subarray(0, 16)), -1);
    }
  });

  it('may be anything: damaged blocks do no harm', async () => {
    const whole = cameraExif({
      orientation: 6,
      width: 101,
      height: 67,
      thumbnail: await jpegFile(THUMBNAIL),
    });
    const { turnExif } = await import('./turned-exif.ts');
    const { mutations } = await import('../../../../test/images/broken.ts');
    const damaged = [
      ...mutations(whole.subarray(0, 98), 300, 3),
      ...Array.from({ length: 98 }, (_, n) => whole.subarray(0, n)),
    ];
    for (const exif of damaged)
      assert.ok(turnExif(exif, turningOf(6), { width: 64, height: 101 }).length <= exif.length);
  });

  it('have no more than the policy keeps, and the density turned', async () => {
    const file = await turned(jpegWith(await jpegFile(PHOTO), { xmp }, 'a comment'), '90');
    assert.deepEqual(readSegments(file).list.filter(({ marker }) => marker > 0xe0).length, 0);
    const jfif = Uint8Array.of(...Buffer.from('JFIF\0'), 1, 2, 1, 0, 72, 0, 144, 0, 0);
    const dense = insertSegments(await jpegFile(PHOTO), [writeSegment(APP0, jfif)]);
    const densities = async (turn: Turn) => [...(await turned(dense, turn)).subarray(13, 18)];
    assert.deepEqual(await densities('90'), [1, 0, 144, 0, 72]);
    assert.deepEqual(await densities('flip'), [1, 0, 72, 0, 144]);
  });
});

describe('jpegtran', () => {
  const corpus = fileURLToPath(new URL('../../../../../shared/corpus/', import.meta.url));
  const OPTIONS: Record<Turn, string[]> = {
    '90': ['-rotate', '90'],
    '180': ['-rotate', '180'],
    '270': ['-rotate', '270'],
    flop: ['-flip', 'horizontal'],
    flip: ['-flip', 'vertical'],
    transpose: ['-transpose'],
    transverse: ['-transverse'],
  };
  const isInstalled = spawnSync('jpegtran', ['-version']).error === undefined;
  /** Its answer counts although it does not read what follows an image. */
  const tran = (file: Uint8Array, turn: Turn) =>
    spawnSync('jpegtran', [...OPTIONS[turn], '-trim'], { input: file, maxBuffer: 1 << 28 }).stdout;

  it('makes the same of generated files', { skip: !isInstalled && 'jpegtran is not installed' }, async () => {
    const files = [
      sampledJpeg(75, 53, ['2x2', '1x2', '2x1'], 7),
      sampledJpeg(75, 53, ['2x2']),
      await restartingJpeg(photo(40, 48)),
    ];
    for (const file of files)
      for (const turn of TURNS) assert.equal(digestOfTurned(file, turn), digestOf(tran(file, turn)), turn);
  });

  const isThere = existsSync(corpus) && isInstalled;
  it('makes the same of real files', { skip: !isThere && 'jpegtran or the corpus is missing' }, () => {
    const files = globSync(['edge/*.jp*g', 'orientation/*.jpg'], { cwd: corpus }).filter(
      (name) => !name.includes('incomplete'),
    );
    assert.ok(files.length > 30);
    for (const [index, name] of files.sort().entries()) {
      const file = readFileSync(corpus + name);
      // Of large ones, which take their time, one turn each.
      const turns = file.length < 200_000 ? TURNS : [TURNS[index % TURNS.length]!];
      for (const turn of turns)
        assert.equal(digestOfTurned(file, turn), digestOf(tran(file, turn)), `${name} ${turn}`);
    }
  });
});
