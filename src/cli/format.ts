/** Numbers and paths as people read them. */
import { relative } from 'node:path';
import type { Tile } from '../engine/contract.ts';

const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** Three significant digits, decimal units: `512 B`, `34.5 kB`, `1.21 MB`. */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1000) return `${bytes} B`;
  let [value, unit] = [bytes / 1000, 0];
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${threeDigits(value)} ${UNITS[unit]}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/** How much smaller `after` is: `-71.4 %`. */
export function formatChange(before: number, after: number): string {
  const percent = (100 * (after - before)) / before;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}

/** Rounded down, so that no score below a floor is ever shown as if it reached it. */
export function formatScore(score: number): string {
  return (Math.floor(score * 100) / 100).toFixed(2);
}

/** Below the current folder as a relative path, otherwise in full. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return /^\.\.(\/|$)/.test(below) ? path : below;
}

/** Where a tile is: `256 x 256 at 0,128`, and of a document `of object 12 on page 3`. */
export function describePlace({ x, y, width, height, image }: Tile): string {
  const tile = `${width} x ${height} at ${x},${y}`;
  if (!image) return tile;
  return `${tile} of object ${image.object}${image.page === null ? '' : ` on page ${image.page}`}`;
}
