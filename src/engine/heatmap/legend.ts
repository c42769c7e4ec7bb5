/** The legend below a heat map: what the colours mean, on a strip that grows with the image. */
import type { Rgb } from './colour-map.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyph } from './glyphs.ts';
import { colourIndexAt, paint, positionOf, TICKS } from './scale.ts';

/** Pixels to draw on: RGB, row by row. */
export interface Canvas {
  data: Uint8Array;
  width: number;
  height: number;
}

/** How a legend is laid out for an image; all in pixels. */
export interface Layout {
  /** Pixels that one unit of the measures below takes. */
  unit: number;
  /** The least width that the legend needs. */
  width: number;
  height: number;
}

const TITLE = 'LOCAL SCORE';
const ADVANCE = GLYPH_WIDTH + 1;
const MARGIN = 6;
const BAR_LEFT = MARGIN + TITLE.length * ADVANCE + MARGIN;
const BAR_RIGHT = 12;
const BAR = { top: 5, height: 8, shortest: 120, longest: 240 };
const TICK = { height: 2, gap: 1 };
const HEIGHT = BAR.top + BAR.height + TICK.height + TICK.gap + GLYPH_HEIGHT + 5;
/** An image of this width has a legend of unit 1. */
const SIDE_PER_UNIT = 320;
const INK: Rgb = [226, 226, 230];
/** The grey that the bar's colours are shown over, a middle one of a dimmed image. */
const BAR_GREY = 50;

/** @param width of the image, as its height, in pixels. */
export function legendLayout(width: number, height: number): Layout {
  const unit = Math.max(1, Math.round(Math.min(width, 2 * height) / SIDE_PER_UNIT));
  return { unit, width: unit * (BAR_LEFT + BAR.shortest + BAR_RIGHT), height: unit * HEIGHT };
}

/** Draws the legend into the strip of the canvas that begins at row `top`. */
export function drawLegend(canvas: Canvas, top: number, { unit }: Layout): void {
  const units = Math.floor(canvas.width / unit);
  const length = Math.min(BAR.longest, units - BAR_LEFT - BAR_RIGHT);
  const fill = (x: number, y: number, width: number, height: number, colour: Rgb) =>
    fillBox(canvas, x * unit, top + y * unit, width * unit, height * unit, colour);
  const write = (text: string, left: number, y: number) => {
    for (const [place, sign] of [...text].entries())
      for (const dot of glyph(sign)) fill(left + place * ADVANCE + dot.x, y + dot.y, 1, 1, INK);
  };
  write(TITLE, MARGIN, BAR.top);
  drawBar(canvas, BAR_LEFT * unit, top + BAR.top * unit, length * unit, BAR.height * unit);
  for (const tick of TICKS) {
    const x = BAR_LEFT + Math.round(positionOf(tick) * (length - 1));
    fill(x, BAR.top + BAR.height, 1, TICK.height, INK);
    const label = String(tick);
    const left = x - Math.floor((label.length * ADVANCE - 2) / 2);
    write(label, left, BAR.top + BAR.height + TICK.height + TICK.gap);
  }
}

function drawBar(canvas: Canvas, left: number, top: number, length: number, height: number): void {
  for (let x = 0; x < length; x++) {
    const colour = paint(colourIndexAt(x / (length - 1)), BAR_GREY);
    fillBox(canvas, left + x, top, 1, height, colour);
  }
}

function fillBox(
  canvas: Canvas,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: Rgb,
): void {
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++) canvas.data.set(colour, (y * canvas.width + x) * 3);
}
