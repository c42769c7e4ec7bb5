/** `keeneye compare` as a process. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { gifAnimation, overlapping } from '../images/animated-gif.ts';
import { jpegFile, orientedJpeg, pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { folderWith, jsonLines, keeneye, remove } from './program.test-support.ts';

const picture = photo(300, 200);
const good = await jpegFile(picture, { quality: 96, chroma: '4:4:4' });
const folder = folderWith({
  'original.png': await pngFile(picture),
  'good.jpg': good,
  'bad.jpg': await jpegFile(picture, { quality: 8 }),
  'turned.jpg': await orientedJpeg(picture, 6),
  'other-size.png': await pngFile(photo(200, 300)),
  'cut.jpg': good.subarray(0, good.length >> 1),
  'text.png': 'no image',
  'empty.png': '',
});
after(() => remove(folder));

const compare = (...args: string[]) => keeneye(['compare', ...args], folder);

test('an image is identical to itself', async () => {
  const run = await compare('original.png', 'original.png', '--json');
  assert.equal(run.code, 0);
  assert.equal(jsonLines(run)[0].ssimulacra2, 100);
});

test('a faithful candidate passes, a bad one fails with exit code 1', async () => {
  const pass = await compare('original.png', 'good.jpg');
  assert.equal(pass.code, 0);
  assert.match(
    pass.stdout,
    /^SSIMULACRA 2\.1 {2}\d+\.\d\d\nworst tile .*\nvisible {9}to \d+ % of careful viewers \(\d\.\d\d JND\)\nverdict {9}pass, floor 85\n$/,
  );
  const fail = await compare('original.png', 'bad.jpg');
  assert.equal(fail.code, 1);
  assert.match(fail.stdout, /verdict {9}fail, floor 85\n$/);
});

test('the floor decides', async () => {
  assert.equal((await compare('original.png', 'bad.jpg', '--floor', '-500')).code, 0);
  assert.equal((await compare('original.png', 'good.jpg', '--floor', '99.9')).code, 1);
});

test('the worst tile alone is enough to fail', async () => {
  const [{ ssimulacra2, worstTile }] = jsonLines(await compare('original.png', 'good.jpg', '--json'));
  assert.ok(worstTile.score < ssimulacra2);
  const between = String((worstTile.score + ssimulacra2) / 2);
  assert.equal((await compare('original.png', 'good.jpg', '--floor', between)).code, 1);
});

test('JSON is one line at full precision', async () => {
  const run = await compare('original.png', 'good.jpg', '--json');
  assert.equal(run.stdout.trimEnd().split('\n').length, 1);
  const [answer] = jsonLines(run);
  assert.deepEqual(Object.keys(answer), [
    'ssimulacra2',
    'worstTile',
    'visibility',
    'verdict',
    'floor',
    'width',
    'height',
    'frames',
    'worstFrame',
    'pace',
  ]);
  assert.deepEqual(Object.keys(answer.worstTile).sort(), ['height', 'score', 'width', 'x', 'y']);
  assert.deepEqual(Object.keys(answer.visibility).sort(), ['iwssim', 'jnd', 'probability', 'spread']);
  assert.deepEqual([answer.verdict, answer.floor, answer.width, answer.height], ['pass', 85, 300, 200]);
  assert.ok(String(answer.ssimulacra2).length > 8);
});

test('images are compared as they are shown, upright', async () => {
  const run = await compare('original.png', 'turned.jpg', '--json');
  assert.ok(jsonLines(run)[0].ssimulacra2 > 80, run.stdout);
});

test('a heat map is written where it was asked for, whatever the verdict', async () => {
  for (const candidate of ['good.jpg', 'bad.jpg']) {
    const { code, stderr } = await compare('original.png', candidate, '--heatmap', 'maps/heat.png');
    assert.deepEqual([code, stderr], [candidate === 'good.jpg' ? 0 : 1, '']);
    const { format, width, height } = await sharp(readFileSync(join(folder, 'maps/heat.png'))).metadata();
    assert.ok(format === 'png' && width === 300 && height! > 200);
  }
});

test('a heat map never takes the place of what it was drawn from', async () => {
  for (const out of ['original.png', './good.jpg']) {
    const before = readFileSync(join(folder, out));
    const { code, stderr } = await compare('original.png', 'good.jpg', '--heatmap', out);
    assert.deepEqual([code, readFileSync(join(folder, out))], [2, before]);
    assert.match(stderr, /--heatmap names one of the images/);
  }
});

test('what cannot be compared ends with 2 and one sentence', async () => {
  const wrong = [
    ['original.png', 'other-size.png'],
    ['original.png', 'cut.jpg'],
    ['original.png', 'text.png'],
    ['empty.png', 'original.png'],
    ['original.png', 'missing.png'],
    ['.', 'original.png'],
    ['original.png'],
    ['original.png', 'good.jpg', 'bad.jpg'],
    ['original.png', 'good.jpg', '--floor', 'much'],
    ['original.png', 'good.jpg', '--heatmap', 'text.png/heat.png'],
  ];
  for (const args of wrong) {
    const { code, stdout, stderr } = await compare(...args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^keeneye: [^\n]+\n$/, args.join(' '));
  }
});

test('a file that cannot be read is named', async () => {
  assert.match((await compare('original.png', 'missing.png')).stderr, /missing\.png: no such file or folder/);
  assert.match((await compare('original.png', 'text.png')).stderr, /^keeneye: The candidate: /);
  assert.match((await compare('empty.png', 'text.png')).stderr, /^keeneye: The reference: /);
});

test('an animation that moves otherwise fails, whatever its pictures look like', async () => {
  const shape = overlapping([1]);
  const place = folderWith({ 'a.gif': gifAnimation(shape), 'b.gif': gifAnimation({ ...shape, repeats: 1 }) });
  const same = await keeneye(['compare', 'a.gif', 'a.gif'], place);
  assert.match(same.stdout, /^pace {12}as the reference\nverdict {9}pass/m);
  const other = await keeneye(['compare', 'a.gif', 'b.gif'], place);
  assert.equal(other.code, 1);
  assert.match(other.stdout, /^pace {12}It plays 2 times instead of for ever\nverdict {9}fail/m);
  remove(place);
});
