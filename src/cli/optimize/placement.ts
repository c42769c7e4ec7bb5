/**
 * Decides the name of every output, so that no two sources ask for the same one and nothing is
 * replaced that the user did not offer. Only names; whether they are free is found by `keep.ts`.
 */
import { dirname, extname, join } from 'node:path';
import type { InputFormat, OutputFormat } from '../../engine/contract.ts';
import type { Source } from './sources.ts';

/** Folders are absolute, links resolved. */
export type Destination =
  | { kind: 'beside' }
  | { kind: 'out'; folder: string }
  /** Without a folder, each original is kept beside its replacement. */
  | { kind: 'in-place'; backupFolder: string | null };

export interface Place {
  path: string;
  /** Whether a file of that name may be replaced: it is ours, or the user said so. */
  replace: boolean;
}

export interface Placement {
  /** Why this source can have no output at all; null when it can. */
  conflict(source: Source): string | null;
  /** Names to try in this order; the first that is free, or may be replaced, is taken. */
  places(source: Source, from: InputFormat, to: OutputFormat): Place[];
  /** Where the original goes; null when it stays where it is. */
  backup(source: Source): string | null;
}

/** How each format's files are called. The first is given to new names; all are kept where the user wrote them. */
export const EXTENSIONS: Record<OutputFormat, [string, ...string[]]> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif', '.jif'],
  png: ['.png'],
  webp: ['.webp'],
  avif: ['.avif'],
  svg: ['.svg', '.svgz'],
  pdf: ['.pdf'],
  gif: ['.gif'],
};

/** Marks results that lie beside their originals. */
export const OPTIMIZED = '.optimized';
const BACKUP = '.orig';

/** @param sources all of one run: names depend on the set, never on which job ends first. */
export function planPlacement(sources: Source[], destination: Destination): Placement {
  const slots = new Map(sources.map((source) => [source, slotOf(source, destination)]));
  const owners = new Map<string, Source>();
  const stems = new Map<string, number>();
  for (const [source, { path }] of slots) {
    if (!owners.has(path)) owners.set(path, source);
    const stem = stemOf(path).toLowerCase();
    stems.set(stem, (stems.get(stem) ?? 0) + 1);
  }
  const isShared = (path: string) => stems.get(stemOf(path).toLowerCase())! > 1;

  return {
    conflict(source) {
      const owner = owners.get(slots.get(source)!.path)!;
      return owner === source
        ? null
        : `would get the same name as ${owner.path}; name a folder above both instead`;
    },
    places(source, from, to) {
      const { path, manner } = slots.get(source)!;
      return placesIn(path, manner, { from, to, isShared: isShared(path) });
    },
    backup(source) {
      if (destination.kind !== 'in-place') return null;
      if (destination.backupFolder === null) return source.realPath + BACKUP;
      return join(destination.backupFolder, source.relative);
    },
  };
}

/** The name that an output of the source's own format would have, and how it may be used. */
function slotOf(source: Source, destination: Destination): { path: string; manner: Destination['kind'] } {
  if (destination.kind === 'in-place') return { path: source.realPath, manner: 'in-place' };
  if (destination.kind === 'beside') return { path: source.absolutePath, manner: 'beside' };
  const path = join(destination.folder, source.relative);
  return { path, manner: dirname(path) === dirname(source.absolutePath) ? 'beside' : 'out' };
}

function placesIn(
  path: string,
  manner: Destination['kind'],
  { from, to, isShared }: { from: InputFormat; to: OutputFormat; isShared: boolean },
): Place[] {
  const fits = EXTENSIONS[to].includes(extname(path).toLowerCase());
  const keepsName = fits || (manner === 'in-place' && from === to);
  const extension = keepsName ? extname(path) : EXTENSIONS[to][0];
  // photo.jpg and photo.png cannot both become photo.webp.
  const stem = isShared && !keepsName ? path : stemOf(path);
  const plain = stem + extension;
  const marked = stem + OPTIMIZED + extension;
  if (manner === 'out') return [{ path: plain, replace: true }];
  if (manner === 'in-place') return [{ path: plain, replace: keepsName }];
  if (keepsName || from === to) return [{ path: marked, replace: true }];
  return [
    { path: plain, replace: false },
    { path: marked, replace: true },
  ];
}

/** The path without its extension. */
export function stemOf(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}
