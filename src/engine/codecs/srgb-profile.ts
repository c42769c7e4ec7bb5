/** Answers whether a colour profile says anything that its absence would not say too. */
import { encodePngSamples } from './png/carrier.ts';
import { openImage } from './sharp.ts';

/** Steps of 1/255 by which colours may move and still count as unchanged: rounding, and tables of few entries. */
const SAME_COLOUR_STEPS = 2;

/**
 * Whether samples mean the same colours with the profile as without it (that is, in sRGB), found by
 * converting a grid of colours. A profile that cannot be used, or is for another kind of samples,
 * counts as the same: viewers ignore it.
 */
export async function isSrgbProfile(icc: Uint8Array, colour: 'rgb' | 'grey'): Promise<boolean> {
  const channels = colour === 'rgb' ? 3 : 1;
  const grid = colour === 'rgb' ? rgbGrid() : Uint8Array.from({ length: 256 }, (_, level) => level);
  const carrier = await encodePngSamples(grid, grid.length / channels, 1, channels, { icc });
  const shown = await openImage(carrier, { maxPixels: grid.length }).toColourspace('srgb').raw().toBuffer();
  const sameAs = (at: number) => grid[channels === 3 ? at : Math.floor(at / 3)]!;
  return shown.every((level, at) => Math.abs(level - sameAs(at)) <= SAME_COLOUR_STEPS);
}

/** Nine levels of each channel, in every combination. */
function rgbGrid(): Uint8Array {
  const level = (index: number) => Math.round((255 * index) / 8);
  return Uint8Array.from({ length: 9 ** 3 * 3 }, (_, at) => {
    const colour = Math.floor(at / 3);
    return level(Math.floor(colour / 9 ** (2 - (at % 3))) % 9);
  });
}
