/**
 * The scale of all heat maps, one and the same, so that two can be compared: the score that an image would have
 * in which every pixel erred like this one, from 100 to 40.
 */
import { scoreOf } from '../metric/score.ts';
import { colourMap, type Rgb } from './colour-map.ts';

/** The best score has the first colour; the worst, and everything below it, the last. */
export const BEST = 100;
export const WORST = 40;
/** What the legend names, the best first. */
export const TICKS = [100, 90, 80, 70, 60, 50, 40];

const COLOURS = colourMap(256);
/** Share of the scale over which colours fade in: what is hardly an error should leave the image visible. */
const FADE = 0.3;
/** How much of the image a colour hides once it has faded in, and at the end of the scale: enough to be read against the legend. */
const COVER = { mild: 0.72, worst: 0.92 };
/** Steps of error in which the colours are looked up, up to the error at which a pixel's score is the worst. */
const STEPS = 8192;
const MAX_ERROR = errorOf(WORST);
const INDEX = Uint8Array.from({ length: STEPS + 1 }, (_, step) =>
  Math.round(255 * positionOf(scoreOf((step * MAX_ERROR) / STEPS))),
);
/** How much of the image each colour hides, 0 to 1. */
const COVERS = COLOURS.map((_, index) => {
  const position = index / 255;
  return Math.min(1, position / FADE) * (COVER.mild + (COVER.worst - COVER.mild) * position);
});

/** Which of the 256 colours shows an error of the metric's map. */
export function colourIndex(error: number): number {
  return INDEX[Math.min(STEPS, Math.round((STEPS * error) / MAX_ERROR))]!;
}

/** @param position 0 for the best, 1 for the worst. */
export function colourIndexAt(position: number): number {
  return Math.round(255 * position);
}

/** Where a score lies on the scale: 0 for the best, 1 for the worst and below. */
export function positionOf(score: number): number {
  return Math.min(1, Math.max(0, (BEST - score) / (BEST - WORST)));
}

/** A colour over a grey of the dimmed image, 0 to 255. */
export function paint(index: number, grey: number): Rgb {
  const cover = COVERS[index]!;
  const [red, green, blue] = COLOURS[index]!;
  const over = (part: number) => Math.round(part * cover + grey * (1 - cover));
  return [over(red), over(green), over(blue)];
}

/** The error that has this score: the metric's curve falls steadily, so halving finds it. */
function errorOf(score: number): number {
  let [low, high] = [0, 1000];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (scoreOf(middle) > score) low = middle;
    else high = middle;
  }
  return high;
}
