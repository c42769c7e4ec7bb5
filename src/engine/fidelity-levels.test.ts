import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bmpFile } from '../../test/images/bitmaps.ts';
import { jpegFile, pngFile } from '../../test/images/files.ts';
import { gradient, logo, noise, photo, screenshot } from '../../test/images/pixels.ts';
import { FIDELITY_LEVELS, type FidelityLevel } from '../lib/fidelity-levels.ts';
import { DEFAULT_OPTIONS, type Pixels } from './contract.ts';
import { gatedScore } from './gate.ts';
import { optimize } from './optimize.ts';

const PICTURES: Record<string, Pixels> = {
  photo: photo(320, 240),
  screenshot: screenshot(320, 240),
  logo: logo(200, 160),
  gradient: gradient(256, 200),
  ramps: ramps(127, 64),
  'text on colour': textOnColour(),
  noise: noise(160, 120),
};

/** Red, green, blue and grey from dark to light, each in a band of its own: next to nothing where nothing is lost. */
function ramps(width: number, height: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const band = Math.floor((4 * Math.floor(pixel / width)) / height);
    return band === 3 || band === at % 3 ? 2 * (pixel % width) : 0;
  });
  return { data, width, height, channels: 3 };
}

/** Small red strokes on blue: what loses most when chroma is halved. */
function textOnColour(): Pixels {
  const page = screenshot(280, 210);
  const data = page.data.map((level, at) => (at % 3 === 0 ? 255 - level : at % 3 === 1 ? 30 : level >> 1));
  return { ...page, data };
}

/** What a caller ends up with: the result, or the source where nothing smaller passes. */
async function delivered(
  source: Uint8Array,
  level: FidelityLevel,
): Promise<{ bytes: number; score: number }> {
  const outcome = await optimize(source, { ...DEFAULT_OPTIONS, ...level });
  if (outcome.status === 'declined') return { bytes: source.length, score: 100 };
  const [output] = outcome.outputs;
  return { bytes: output!.data.length, score: gatedScore(output!) };
}

for (const [name, pixels] of Object.entries(PICTURES)) {
  for (const [format, write] of Object.entries({ png: pngFile, bmp: bmpFile, jpeg: jpegFileOf })) {
    if (format !== 'png' && pixels.channels === 4) continue;
    test(`levels are in the order of their names, in bytes and in score: ${name} as ${format}`, async () => {
      const source = await write(pixels);
      const results = [];
      for (const level of Object.values(FIDELITY_LEVELS)) results.push(await delivered(source, level));
      for (const [at, { bytes, score }] of results.entries()) {
        const next = results[at + 1];
        const seen = JSON.stringify(results);
        if (next) assert.ok(bytes <= next.bytes && score <= next.score, seen);
      }
      assert.equal(results.at(-1)!.score, 100);
    });
  }
}

function jpegFileOf(pixels: Pixels): Promise<Uint8Array> {
  return jpegFile(pixels, { quality: 97, chroma: '4:4:4' });
}
