/**
 * Pairs of pictures whose difference a person sees and luma-only, averaging IW-SSIM does not: what the gate must
 * refuse all the same. Each says over which backdrop and where to look.
 */
import type { Pixels } from '../../src/engine/contract.ts';
import { type Area, blocked, blurred, edited, lumaOf, paled, posterized, within } from './damage.ts';
import { flat, photo, randomNumbers, screenshot } from './pixels.ts';

export interface Pair {
  reference: Pixels;
  damaged: Pixels;
}

/** A photograph whose colours fade by two fifths, each pixel keeping its luma. */
export function fadedColour(): Pair {
  const reference = photo(512, 384, 5);
  return { reference, damaged: paled(reference, 0.4) };
}

/** A large photograph of which one square of 48 x 48 has lost all detail to flat blocks of 8 x 8. */
export function oneDamagedTile(): Pair {
  const reference = photo(1024, 768, 5);
  return { reference, damaged: blocked(reference, 1, { x: 704, y: 448, width: 48, height: 48 }) };
}

/** Above the horizon a soft sky, each shade one level from the next; in the damaged one they are four levels apart. */
export const HORIZON = 192;
export function bandedSky(): Pair {
  const sky = { x: 0, y: 0, width: 1024, height: HORIZON };
  const shade = (_colour: number[], _x: number, y: number) =>
    [120, 160, 210].map((level, channel) => Math.round(level + ([16, 11, 6][channel]! * y) / HORIZON));
  const reference = edited(photo(sky.width, 768, 5), shade, sky);
  return { reference, damaged: posterized(reference, 4, sky) };
}

/** A page of coloured words on a grey of their luma, of which one paragraph has lost its colour and with it its words. */
export function lostText(): Pair {
  const [paper, ink] = [
    [128, 128, 128],
    [200, 94, 116],
  ];
  const text = ink!.map((level) => level + lumaOf(paper!) - lumaOf(ink!));
  const page = edited(flat(512, 512, paper!), (colour, x, y) => (isInk(x, y) ? text : colour));
  return { reference: page, damaged: edited(page, () => paper!, { x: 196, y: 196, width: 112, height: 84 }) };
}

/** A page of dark strokes on white, of which one word is smeared. */
export function smearedWord(): Pair {
  const reference = screenshot(640, 480);
  const word = { x: 300, y: 212, width: 42, height: 10 };
  return { reference, damaged: within(reference, blurred(reference, 0.7), word) };
}

/** Strokes the size of 7-pixel letters, five to a word, in lines of 14 pixels. */
function isInk(x: number, y: number): boolean {
  const [column, row] = [Math.floor(x / 7), Math.floor(y / 14)];
  const [left, top] = [x % 7, y % 14];
  if (column % 6 === 5 || left > 4 || top < 3 || top > 9) return false;
  const glyph = randomNumbers(column + 97 * row)();
  return left === 0 || top === 3 + Math.floor(7 * glyph) || (left === 4 && glyph > 0.5);
}

/** A busy sticker with an edge two to three pixels soft, a stretch of which is hard and jagged in the damaged one. */
export function jaggedEdge(): Pair {
  const colours = photo(640, 480, 5);
  const reference: Pixels = { ...colours, data: new Uint8Array(640 * 480 * 4), channels: 4 };
  for (let y = 0; y < 480; y++)
    for (let x = 0; x < 640; x++) {
      const at = y * 640 + x;
      const cover = Math.min(1, Math.max(0, insideSticker(x, y) / 2.5 + 0.5));
      reference.data.set(colours.data.subarray(3 * at, 3 * at + 3), 4 * at);
      reference.data[4 * at + 3] = Math.round(255 * cover);
    }
  const damaged = { ...reference, data: reference.data.slice() };
  for (let at = 3; at < 640 * 120 * 4; at += 4) damaged.data[at] = reference.data[at]! > 127 ? 255 : 0;
  return { reference, damaged };
}

/** Pixels from the edge of a sticker with seven lobes, positive inside. */
function insideSticker(x: number, y: number): number {
  const [across, down] = [(x - 320) / 1.25, y - 240];
  return 190 - Math.hypot(across, down) - 12 * Math.sin(7 * Math.atan2(down, across));
}

/** A badge with a glow of the grey that one backdrop has: where the glow is lost, only the other backdrop shows it. */
export function lostGlow(grey: number): Pair {
  const glow = (share: number): Pixels => {
    const data = new Uint8ClampedArray(300 * 300 * 4);
    for (let at = 0; at < 300 * 300; at++) {
      const radius = Math.hypot((at % 300) - 150, Math.floor(at / 300) - 150);
      const shine = Math.max(0, 200 - 4 * (radius - 60));
      data.set(radius < 60 ? [200, 90, 40, 255] : [grey, grey, grey, share * shine], 4 * at);
    }
    return { data: new Uint8Array(data.buffer), width: 300, height: 300, channels: 4 };
  };
  return { reference: glow(1), damaged: glow(0.8) };
}

/** A long low banner, too low for all of the metric's scales, with one blemish. */
export function blemishedBanner(): Pair {
  const reference = photo(1500, 90, 3);
  const blemish: Area = { x: 300, y: 40, width: 12, height: 12 };
  const damaged = edited(reference, (colour) => colour.map((level) => level + 14), blemish);
  return { reference, damaged };
}

/** Pages and a photograph that have taken on a colour, and single dots that have come; `least` is how many pixels differ visibly. */
export function castsAndDots(): { name: string; pair: Pair; least: number }[] {
  const page = (paper: number[], ink: (x: number, y: number) => number[]): Pair => {
    const reference = flat(512, 512, paper);
    return { reference, damaged: edited(reference, (_, x, y) => ink(x, y)) };
  };
  const dot = (paper: number[], ink: number[], side: number): Pair =>
    page(paper, (x, y) => (x >= 203 && x < 203 + side && y >= 307 && y < 307 + side ? ink : paper));
  const picture = photo(512, 384, 5);
  const warm = edited(picture, ([r, g, b]) => [r! + 8, g!, b! - 8]);
  const [white, grey, red] = [
    [255, 255, 255],
    [128, 128, 128],
    [220, 30, 30],
  ];
  return [
    { name: 'white that turns cream', pair: page(white!, () => [255, 250, 235]), least: 512 * 512 },
    { name: 'grey that turns warm', pair: page(grey!, () => [136, 128, 120]), least: 512 * 512 },
    { name: 'a photograph that turns warm', pair: { reference: picture, damaged: warm }, least: 100_000 },
    { name: 'a red dot on grey', pair: dot(grey!, red!, 2), least: 4 },
    { name: 'a larger red dot on grey', pair: dot(grey!, red!, 3), least: 9 },
    { name: 'a yellow dot on white', pair: dot(white!, [255, 240, 60], 2), least: 4 },
    { name: 'a pixel of red on light blue', pair: dot([150, 190, 240], red!, 1), least: 1 },
  ];
}
