/** One palette for all frames of an animation, made of a sample of their pixels: it takes as much memory however long they play. */
import { pngQuantize } from '@napi-rs/image';
import { wordsOf } from '../codecs/bytes.ts';
import { encodePngSamples } from '../codecs/png/carrier.ts';
import { paletteIn } from '../codecs/png/indexed.ts';
import { toNearest } from '../codecs/png/nearest-palette.ts';
import type { Pixels } from '../contract.ts';
import type { Shown } from './play.ts';
import type { Survey } from './survey.ts';

const SAMPLE_WIDTH = 512;
const MOST_SAMPLED = 2 ** 19;

/** Beside transparency. */
const MOST_COLOURS = 255;

/**
 * @param frames all of them, to be played once; not played where the survey knows all colours and they are few enough.
 * @returns red, green, blue and alpha of each, transparency first.
 */
export async function sharedPalette(frames: AsyncIterable<Shown>, found: Survey): Promise<Uint8Array> {
  const colours = hasFewColours(found)
    ? [...found.counts.keys()]
    : wordsOf(await quantize(await sampleOf(frames, found)));
  return new Uint8Array(Uint32Array.from(new Set([0, ...colours])).buffer);
}

/** Whether one palette holds all colours as they are. */
export function hasFewColours({ counts, isComplete }: Survey): boolean {
  return isComplete && counts.size <= MOST_COLOURS;
}

async function quantize(sample: Pixels): Promise<Uint8Array> {
  const { data, width, height, channels } = sample;
  const png = await encodePngSamples(data, width, height, channels);
  const start = await pngQuantize(png, { colors: MOST_COLOURS, minQuality: 0, speed: 8 });
  return toNearest(sample, await paletteIn(start)).palette;
}

/** Pixels at even distances, from the first frame to the last. */
async function sampleOf(
  frames: AsyncIterable<Shown>,
  { width, height, frames: count }: Survey,
): Promise<Pixels> {
  const all = width * height * count;
  const size = Math.min(all, MOST_SAMPLED);
  const sample = new Uint8Array(Math.ceil(size / SAMPLE_WIDTH) * SAMPLE_WIDTH * 4);
  let [passed, taken] = [0, 0];
  for await (const { pixels } of frames) {
    for (;;) {
      const at = Math.floor((taken * all) / size) - passed;
      if (taken === size || at >= width * height) break;
      sample.set(pixels.data.subarray(at * 4, at * 4 + 4), taken++ * 4);
    }
    passed += width * height;
  }
  // The last row is filled up with what is there already.
  sample.copyWithin(taken * 4, 0, sample.length - taken * 4);
  return { data: sample, width: SAMPLE_WIDTH, height: sample.length / 4 / SAMPLE_WIDTH, channels: 4 };
}
