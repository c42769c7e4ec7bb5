/**
 * The judge of drawings: one drawing against another, rendered at two sizes, of which the worse counts. What is rendered is
 * `render.ts`'s to make, what the difference is worth the metric's to say.
 */
import { formatOfFile } from '../codecs/sniff.ts';
import {
  type Comparison,
  Decline,
  type Judgement,
  type Pixels,
  type Tile,
  type Visibility,
} from '../contract.ts';
import { gatedScore } from '../gate.ts';
import { flawless } from '../metric/score.ts';
import { prepareReference, type Reference } from '../metric/ssimulacra2.ts';
import { invisible, measureVisibility } from '../visibility.ts';
import type { Drawing } from './drawing.ts';
import { affordablePixels, render } from './render.ts';
import { inPixels, type Size, sameShape, scaled } from './size.ts';

/** Longest sides, in pixels, at which drawings are looked at: as they are within these bounds, */
const AS_THEY_ARE = { least: 64, most: 2048 };
/** and twice as large within those. */
const ENLARGED = { least: 512, most: 2560 };

export interface DrawingJudge {
  /**
   * Of the size at which it scores less; tiles are in pixels of the drawing's own size. The visibility is the larger of both.
   * @param file the candidate's bytes.
   * @throws Decline where the candidate cannot be drawn.
   */
  judge(candidate: Drawing, file: Uint8Array): Promise<JudgedDrawing>;
  /** Whether every sample is the same, at both sizes. @throws Decline where the candidate cannot be drawn. */
  sees(candidate: Drawing): Promise<boolean>;
  evaluations(): number;
  release(): void;
}

export interface JudgedDrawing extends Judgement {
  visibility: Visibility;
}

/** The two sizes in which a drawing is looked at, in whole pixels. */
export function viewingSizes(drawing: Drawing): [Size, Size] {
  const first = withLongest(drawing, longest(drawing.viewport), AS_THEY_ARE);
  return [first, withLongest(drawing, 2 * longest(first), ENLARGED)];
}

function withLongest(
  drawing: Drawing,
  wanted: number,
  { least, most }: { least: number; most: number },
): Size {
  const side = Math.min(most, Math.max(least, wanted));
  const size = scaled(drawing.viewport, side / longest(drawing.viewport));
  const affordable = Math.min(1, Math.sqrt(affordablePixels(drawing) / (size.width * size.height)));
  return inPixels(scaled(size, affordable));
}

function longest({ width, height }: Size): number {
  return Math.max(width, height);
}

interface View {
  size: Size;
  pixels: Pixels;
  reference: Reference | null;
}

/** @throws Decline where the reference cannot be drawn. */
export async function createDrawingJudge(drawing: Drawing): Promise<DrawingJudge> {
  const views: View[] = [];
  for (const size of viewingSizes(drawing)) {
    views.push({ size, pixels: await render(drawing, size), reference: null });
  }
  let evaluations = 0;
  let latest: { candidate: Drawing; shown: Pixels[] } | null = null;
  async function show(candidate: Drawing): Promise<Pixels[]> {
    if (latest?.candidate === candidate) return latest.shown;
    const shown: Pixels[] = [];
    for (const { size } of views) shown.push(await render(candidate, size));
    latest = { candidate, shown };
    return shown;
  }
  async function sees(candidate: Drawing): Promise<boolean> {
    const shown = await show(candidate);
    return views.every(({ pixels }, at) => Buffer.compare(pixels.data, shown[at]!.data) === 0);
  }
  return {
    sees,
    async judge(candidate, file) {
      if (await sees(candidate)) {
        const { width, height } = inPixels(drawing.viewport);
        return { ...flawless(width, height), visibility: invisible(width, height) };
      }
      const shown = await show(candidate);
      evaluations++;
      const judged = views.map((view, at) => judgeView(view, shown[at]!, file));
      const { size, judgement } = judged.reduce((worst, next) =>
        gatedScore(next.judgement) < gatedScore(worst.judgement) ? next : worst,
      );
      const { visibility } = judged.reduce((worst, next) =>
        next.visibility.jnd > worst.visibility.jnd ? next : worst,
      );
      return { ...inNaturalSize(judgement, size, drawing), visibility };
    },
    evaluations: () => evaluations,
    release: () => {
      for (const { reference } of views) reference?.release();
    },
  };
}

function judgeView(view: View, shown: Pixels, file: Uint8Array) {
  view.reference ??= prepareReference(view.pixels);
  const judgement = view.reference.compare(shown);
  return {
    size: view.size,
    judgement,
    visibility: measureVisibility(view.pixels, shown, judgement.score, formatOfFile(file)),
  };
}

/** The place of a tile in pixels of the drawing's own size. */
function inNaturalSize({ score, worstTile }: Judgement, size: Size, { viewport }: Drawing): Judgement {
  const natural = inPixels(viewport);
  const factor = natural.width / size.width;
  const place = (start: number, length: number, most: number) => {
    const from = Math.min(most - 1, Math.floor(start * factor));
    return [from, Math.max(1, Math.min(most - from, Math.ceil(length * factor)))] as const;
  };
  const [x, width] = place(worstTile.x, worstTile.width, natural.width);
  const [y, height] = place(worstTile.y, worstTile.height, natural.height);
  const tile: Tile = { x, y, width, height, score: worstTile.score };
  return { score, worstTile: tile };
}

/** Whether a drawing takes the place of another wherever that stands: its own size, and whether it scales. */
export function fitsInstead(a: Drawing, b: Drawing): boolean {
  const [one, other] = [inPixels(a.viewport), inPixels(b.viewport)];
  const hasSameSize = one.width === other.width && one.height === other.height;
  return hasSameSize && (a.viewport.viewBox === null) === (b.viewport.viewBox === null);
}

/** One drawing against another. @throws Decline('unsupported') where their shapes differ. */
export async function compareDrawings(
  reference: Drawing,
  candidate: Drawing,
  file: Uint8Array,
): Promise<Comparison> {
  if (!sameShape(reference.viewport, candidate.viewport))
    throw new Decline('unsupported', 'The drawings differ in shape.');
  const judge = await createDrawingJudge(reference);
  try {
    const { score, worstTile, visibility } = await judge.judge(candidate, file);
    return {
      score,
      worstTile,
      visibility,
      ...inPixels(reference.viewport),
      frames: 1,
      worstFrame: 1,
      pace: null,
    };
  } finally {
    judge.release();
  }
}
