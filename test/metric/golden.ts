/** The golden pairs: images with scores computed elsewhere, in a folder beside the project where there is one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Pixels } from '../../src/engine/contract.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/metric/golden');

interface GoldenPair {
  id: string;
  /** PNG files of the reference and of the candidate, relative to the folder. */
  ref: string;
  dist: string;
  /** SSIMULACRA 2.1 in double precision with an exact blur. */
  ssimulacra2_exact: number;
  /** IW-SSIM by its authors' code; null where it is undefined. */
  iwssim: number | null;
}

/** The pairs, or null where the folder is missing. */
export function readGoldenPairs(): GoldenPair[] | null {
  const list = join(FOLDER, 'golden.json');
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')).pairs : null;
}

/** Both images of a pair, grey ones as RGB. */
async function openGoldenPair(pair: GoldenPair): Promise<[Pixels, Pixels]> {
  return [await openPixels(pair.ref), await openPixels(pair.dist)];
}

async function openPixels(file: string): Promise<Pixels> {
  const image = sharp(readFileSync(join(FOLDER, file)))
    .toColourspace('srgb')
    .raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`${file} decoded to ${channels} channels`);
  return { data, width, height, channels };
}

/**
 * The largest difference of a way to score from the golden scores, and the pair where it occurs.
 * @param expected which golden score is meant.
 */
export async function worstDifference(
  pairs: GoldenPair[],
  scoreOf: (reference: Pixels, candidate: Pixels) => number | null,
  expected: (pair: GoldenPair) => number | null = (pair) => pair.ssimulacra2_exact,
): Promise<{ difference: number; id: string }> {
  let worst = { difference: 0, id: 'none' };
  for (const pair of pairs) {
    const [reference, candidate] = await openGoldenPair(pair);
    const difference = distance(scoreOf(reference, candidate), expected(pair));
    if (difference > worst.difference) worst = { difference, id: pair.id };
  }
  return worst;
}

/** Infinite where only one of the two is undefined. */
function distance(a: number | null, b: number | null): number {
  if (a === null || b === null) return a === b ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(a - b);
}
