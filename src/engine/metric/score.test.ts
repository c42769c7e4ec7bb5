import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked, noisy, scene } from '../../../test/metric/scenes.ts';
import { allMaps, numbers, straightScore } from '../../../test/metric/straight.ts';
import type { Pixels } from '../contract.ts';
import { prepareReference } from './ssimulacra2.ts';

function worstTileOf(reference: Pixels, candidate: Pixels) {
  const prepared = prepareReference(reference);
  const judgement = prepared.compare(candidate);
  prepared.release();
  return judgement;
}

test('an image of at most 256 x 256 is its own and only tile', () => {
  const pixels = scene(256, 200);
  const { score, worstTile } = worstTileOf(pixels, noisy(pixels, 5));
  assert.deepEqual(worstTile, { x: 0, y: 0, width: 256, height: 200, score });
});

test('the worst tile is where the damage is, and worse than the whole', () => {
  const pixels = scene(700, 520);
  const { score, worstTile } = worstTileOf(pixels, marked(pixels, 304, 176, 160));
  assert.deepEqual([worstTile.x, worstTile.y, worstTile.width, worstTile.height], [256, 128, 256, 256]);
  assert.ok(worstTile.score < score - 5, `${worstTile.score} against ${score}`);
});

test('damage in a last thin column is found in a tile of more than 128 pixels', () => {
  const pixels = scene(517, 300);
  const { worstTile } = worstTileOf(pixels, marked(pixels, 509, 270, 30));
  assert.deepEqual([worstTile.x, worstTile.y, worstTile.width, worstTile.height], [384, 128, 133, 172]);
});

test('a tile scores what the maps of the image, pooled over its pixels, give', () => {
  const pixels = scene(300, 333);
  const damaged = marked(noisy(pixels, 2), 200, 250, 50);
  const { worstTile } = worstTileOf(pixels, damaged);
  const expected = straightScore(numbers(allMaps(pixels, damaged, 0.5), worstTile));
  assert.deepEqual([worstTile.x, worstTile.y, worstTile.width, worstTile.height], [128, 128, 172, 205]);
  assert.ok(Math.abs(worstTile.score - expected) < 0.002, `${worstTile.score} is not ${expected}`);
});

test('an image too low for six scales has tiles along its length, judged like itself', () => {
  const pixels = scene(700, 90);
  const damaged = marked(pixels, 500, 30, 30);
  const { score, worstTile } = worstTileOf(pixels, damaged);
  assert.deepEqual([worstTile.x, worstTile.y, worstTile.width, worstTile.height], [384, 0, 256, 90]);
  assert.ok(worstTile.score < score - 5, `${worstTile.score} against ${score}`);
  const expected = straightScore(numbers(allMaps(pixels, damaged, 0.5), worstTile));
  assert.ok(Math.abs(worstTile.score - expected) < 0.002, `${worstTile.score} is not ${expected}`);
});
