/** From pooled sums to scores: norms, weighted sum, polynomial and power, for the whole image and for tiles. */
import type { Judgement, Tile } from '../contract.ts';
import { type Plan, planFor, sideAt, weightAt } from './plan.ts';
import { CHANNELS, CURVE, MAPS } from './weights.ts';

/** Side of a pooling cell at full size, in pixels; a tile is two by two cells. */
const CELL = 128;

/** A half-open range of cells in one direction. */
interface Range {
  from: number;
  to: number;
}

/** Cells that cover `side` pixels. */
export function cellCount(side: number): number {
  return Math.ceil(side / CELL);
}

/** The last two steps of the metric: weighted sum of the numbers to score, 100 = no difference. */
export function scoreOf(weightedSum: number): number {
  const e = CURVE.scale * weightedSum;
  const polynomial = CURVE.a * e + CURVE.b * e ** 2 + CURVE.c * e ** 3;
  return polynomial <= 0 ? 100 : 100 - CURVE.factor * polynomial ** CURVE.power;
}

/**
 * Scores the image and its worst tile, which is judged by as many scales as the image has.
 * @param sums float64 [scale][channel][map][cell][sum of d, sum of d^4], cells row by row.
 */
export function judge(plan: Plan, sums: Float64Array): Judgement {
  const across = cellCount(plan.width);
  const down = cellCount(plan.height);
  const score = scoreCells(plan, sums, { from: 0, to: across }, { from: 0, to: down });
  let worstTile: Tile | undefined;
  for (const rows of tileRanges(down)) {
    for (const columns of tileRanges(across)) {
      const tile = { ...place(plan, columns, rows), score: scoreCells(plan, sums, columns, rows) };
      if (worstTile === undefined || tile.score < worstTile.score) worstTile = tile;
    }
  }
  return { score, worstTile: worstTile! };
}

/** The score of every cell by itself, row by row: where in the image it looks worse than elsewhere. */
export function scoreEachCell(plan: Plan, sums: Float64Array): Tile[] {
  const cells: Tile[] = [];
  for (let row = 0; row < cellCount(plan.height); row++) {
    for (let column = 0; column < cellCount(plan.width); column++) {
      const [columns, rows] = [column, row].map((from) => ({ from, to: from + 1 })) as [Range, Range];
      cells.push({ ...place(plan, columns, rows), score: scoreCells(plan, sums, columns, rows) });
    }
  }
  return cells;
}

/** The judgement of an image that is its reference: what `judge` makes of no error anywhere. */
export function flawless(width: number, height: number): Judgement {
  const plan = planFor(width, height);
  const cells = cellCount(width) * cellCount(height);
  return judge(plan, new Float64Array(plan.depth * CHANNELS * MAPS * cells * 2));
}

/** Two cells to a tile, one cell apart; a lone cell is a tile. The last tile ends with the image, 129 to 256 px long. */
function tileRanges(cells: number): Range[] {
  const count = Math.max(1, cells - 1);
  return Array.from({ length: count }, (_, from) => ({ from, to: Math.min(from + 2, cells) }));
}

function place(plan: Plan, columns: Range, rows: Range): Omit<Tile, 'score'> {
  const x = columns.from * CELL;
  const y = rows.from * CELL;
  return {
    x,
    y,
    width: Math.min(columns.to * CELL, plan.width) - x,
    height: Math.min(rows.to * CELL, plan.height) - y,
  };
}

function scoreCells(plan: Plan, sums: Float64Array, columns: Range, rows: Range): number {
  let weighted = 0;
  for (let channel = 0; channel < CHANNELS; channel++) {
    for (let scale = 0; scale < plan.depth; scale++) {
      for (let map = 0; map < MAPS; map++) {
        if (!((plan.masks[scale * CHANNELS + channel]! >> map) & 1)) continue;
        const [mean, fourth] = normsOf(plan, sums, { channel, scale, map }, columns, rows);
        weighted += weightAt(plan.scales, channel, scale, 0, map) * mean;
        weighted += weightAt(plan.scales, channel, scale, 1, map) * fourth;
      }
    }
  }
  return scoreOf(weighted);
}

/** Mean and 4-norm of one map over some cells; all of them by default. */
export function normsOf(
  plan: Plan,
  sums: Float64Array,
  { channel, scale, map }: { channel: number; scale: number; map: number },
  columns: Range = { from: 0, to: cellCount(plan.width) },
  rows: Range = { from: 0, to: cellCount(plan.height) },
): [number, number] {
  const pixels = extent(plan.width, scale, columns) * extent(plan.height, scale, rows);
  const [sum, fourth] = addCells(plan, sums, (scale * CHANNELS + channel) * MAPS + map, columns, rows);
  return [sum / pixels, (fourth / pixels) ** 0.25];
}

/** Pixels of a range of cells at a scale, in one direction. */
function extent(side: number, scale: number, cells: Range): number {
  const cell = CELL >> scale;
  return Math.min(cells.to * cell, sideAt(side, scale)) - cells.from * cell;
}

function addCells(
  plan: Plan,
  sums: Float64Array,
  map: number,
  columns: Range,
  rows: Range,
): [number, number] {
  const across = cellCount(plan.width);
  const first = map * across * cellCount(plan.height);
  let sum = 0;
  let fourth = 0;
  for (let row = rows.from; row < rows.to; row++) {
    for (let column = columns.from; column < columns.to; column++) {
      const at = 2 * (first + row * across + column);
      sum += sums[at]!;
      fourth += sums[at + 1]!;
    }
  }
  return [sum, fourth];
}
