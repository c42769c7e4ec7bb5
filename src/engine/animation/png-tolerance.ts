/** Frames as a lossy animated PNG shows them: in the colours of one palette or on fewer levels, and what hardly changes not at all. */
import { wordsOf } from '../codecs/bytes.ts';
import { coarsen, STEPS } from '../codecs/near-lossless.ts';
import { placesIn } from '../codecs/png/nearest-palette.ts';
import type { Pixels } from '../contract.ts';
import { isNear } from './changes.ts';
import type { Take } from './recorder.ts';

/** How far a pixel that stays may be off, in steps of 1/255 of RGB, for each point of quality below 100. */
const RADIUS_A_POINT = 0.4;
/** From which quality on no level is left out, and by how much it falls for each step of `STEPS`, from fine to coarse. */
const ALL_LEVELS_FROM = 95;
const QUALITY_A_STEP = 8;

export interface Simplifier {
  /** Red, green, blue and alpha of all colours that there are; null for any. */
  palette: Uint8Array | null;
  /** @returns the whole canvas as it should look, RGBA. */
  simplify(take: Take, quality: number, afresh: boolean): Uint8Array;
}

/** @param palette of at most 256 colours, transparency among them; null for all colours, on fewer levels. */
export function createSimplifier(
  shape: Pick<Pixels, 'width' | 'height'>,
  palette: Uint8Array | null,
): Simplifier {
  // The same frame is tried at several qualities, and others come between before its memory is used again.
  let known: { frame: Uint8Array; step: number; coarse: Uint8Array } | null = null;

  function coarseOf(frame: Uint8Array, step: number): Uint8Array {
    if (known?.frame === frame && known.step === step) return known.coarse;
    const pixels: Pixels = { ...shape, data: frame, channels: 4 };
    const coarse = palette ? inColours(palette, pixels) : step > 0 ? coarsen(pixels, step).data : frame;
    known = { frame, step, coarse };
    return coarse;
  }

  return {
    palette,
    simplify({ frame, canvas }, quality, afresh) {
      const coarse = coarseOf(frame, palette ? 0 : stepAt(quality));
      if (afresh) return coarse;
      const most = ((100 - quality) * RADIUS_A_POINT) ** 2;
      const [to, from] = [Uint32Array.from(wordsOf(coarse)), wordsOf(canvas)];
      for (let at = 0; at < to.length; at++) if (isNear(frame, canvas, at * 4, most)) to[at] = from[at]!;
      return new Uint8Array(to.buffer);
    },
  };
}

function inColours(palette: Uint8Array, pixels: Pixels): Uint8Array {
  const colours = wordsOf(palette);
  const words = Uint32Array.from(placesIn(palette, pixels), (place) => colours[place]!);
  return new Uint8Array(words.buffer);
}

function stepAt(quality: number): number {
  const fine = STEPS.toReversed();
  const at = Math.floor((ALL_LEVELS_FROM - quality) / QUALITY_A_STEP);
  return at < 0 ? 0 : fine[Math.min(at, fine.length - 1)]!;
}
