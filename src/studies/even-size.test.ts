import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pngFile } from '../../test/images/files.ts';
import { flat, photo } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS } from '../engine/contract.ts';
import { decode } from '../engine/decode.ts';
import { padPng } from './even-size.ts';

test('two PNGs are made equally large, whole and of the pixels that they were', async () => {
  const [plain, rich] = [flat(40, 30, [10, 20, 30]), photo(40, 30)];
  const [small, large] = [await pngFile(plain), await pngFile(rich)];
  const [one, other] = [small, large].map((png, side) => padPng(png, large.length, `side ${side}`));
  assert.equal(one!.length, other!.length);
  const samplesOf = async (png: Uint8Array) => Buffer.from((await decode(png, DEFAULT_LIMITS)).data);
  assert.ok((await samplesOf(one!)).equals(plain.data));
  assert.ok((await samplesOf(other!)).equals(rich.data));
});

test('the same PNG becomes other bytes for another secret, and the same for the same', async () => {
  const png = await pngFile(photo(20, 20));
  assert.deepEqual(padPng(png, png.length, 'a'), padPng(png, png.length, 'a'));
  assert.notDeepEqual(padPng(png, png.length, 'a'), padPng(png, png.length, 'b'));
});
