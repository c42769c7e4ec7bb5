/**
 * Tells originals from what an earlier run wrote beside them. Optimizing a result again would lose
 * quality twice, and would multiply files each time that a folder is done.
 */
import { extname } from 'node:path';
import { type OptimizeOptions, PIXEL_FORMATS, type PixelFormat } from '../../engine/contract.ts';
import { type Destination, EXTENSIONS, OPTIMIZED, stemOf } from './placement.ts';
import type { Source } from './sources.ts';

type Wishes = Pick<OptimizeOptions, 'targets' | 'accept'>;

export interface SetApart {
  originals: Source[];
  results: { file: string; original: string }[];
}

/** Goes by names, and only by names of this run: a file whose original is not there is an original. */
export function setResultsApart(sources: Source[], destination: Destination, wishes: Wishes): SetApart {
  const byPath = new Map(sources.map((source) => [source.absolutePath, source]));
  const byStem = Map.groupBy(sources, (source) => stemOf(source.absolutePath));

  function originalOf(source: Source): Source | undefined {
    const stem = stemOf(source.absolutePath);
    if (stem.endsWith(OPTIMIZED)) {
      const unmarked = stem.slice(0, -OPTIMIZED.length);
      const alike = byPath.get(unmarked + extname(source.absolutePath));
      const original = alike ?? byPath.get(unmarked) ?? byStem.get(unmarked)?.[0];
      if (original !== undefined) return original;
    }
    if (destination.kind !== 'beside') return undefined;
    const kin = [byPath.get(stem), ...byStem.get(stem)!].filter((other) => other !== undefined);
    return kin.find((other) => isResultOf(source, other, wishes));
  }

  const apart: SetApart = { originals: [], results: [] };
  for (const source of sources) {
    const original = originalOf(source);
    if (original === undefined) apart.originals.push(source);
    else apart.results.push({ file: source.path, original: original.path });
  }
  return apart;
}

/** `photo.webp` is a result of `photo.jpg` in a run that writes WebP; `photo.png` never is, cameras and editors write both. */
function isResultOf(source: Source, other: Source, { targets, accept }: Wishes): boolean {
  const format = formatOf(source);
  if (format === null || generation(source) <= generation(other)) return false;
  const isChosen = targets.includes('auto') || (targets.includes('same') && formatOf(other) === null);
  return targets.includes(format) || (isChosen && accept.includes(format));
}

/** Files are made from files of an earlier generation: TIFF and GIF, which are only read; JPEG and PNG; WebP and AVIF. */
function generation(source: Source): number {
  const format = formatOf(source);
  if (format === null) return 0;
  return format === 'jpeg' || format === 'png' ? 1 : 2;
}

/** By the name, among the formats that are written. */
function formatOf({ path }: Source): PixelFormat | null {
  const extension = extname(path).toLowerCase();
  return PIXEL_FORMATS.find((format) => EXTENSIONS[format].includes(extension)) ?? null;
}
