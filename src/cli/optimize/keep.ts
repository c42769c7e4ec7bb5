/**
 * Puts outputs on the disk under names that are free. It knows every name of the run, so it refuses
 * what would overwrite an original, or the output of another source.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists } from '../../lib/exists.ts';
import { type WriteOptions, writeAtomically } from '../atomic-write.ts';
import { shownPath } from '../format.ts';
import { sentence } from '../sentence.ts';
import type { Place } from './placement.ts';
import type { Source } from './sources.ts';

export interface KeepOptions {
  mode: number;
  owner?: { uid: number; gid: number };
  /** Whether the source's own name may be written, because the original is safe elsewhere. */
  replacesSource: boolean;
}

export interface Keeper {
  /**
   * Writes to the first of the places that may be taken.
   * @returns its path.
   * @throws Error that names the obstacle when no place is left; the system's errors.
   */
  keep(source: Source, places: Place[], bytes: Uint8Array, options: KeepOptions): Promise<string>;
}

/** @param dryRun chooses the same names, and writes nothing. */
export function createKeeper(sources: Source[], dryRun: boolean): Keeper {
  const owners = new Map(sources.map((source) => [source.realPath, source]));

  /** @returns why the place cannot be had; null once the bytes are there. */
  async function tryPlace(source: Source, place: Place, bytes: Uint8Array, options: KeepOptions) {
    const name = await trueName(place.path);
    const owner = owners.get(name) ?? source;
    if (owner !== source || (name === source.realPath && !options.replacesSource)) {
      return `${shownPath(place.path)} ${name === owner.realPath ? 'is an original' : `is the output of ${owner.path}`}`;
    }
    owners.set(name, source);
    if (!place.replace && (await exists(name))) {
      return (await holds(name, bytes)) ? null : `${shownPath(place.path)} exists already`;
    }
    if (!dryRun) await write(name, bytes, { ...options, replace: place.replace });
    return null;
  }

  return {
    async keep(source, places, bytes, options) {
      const obstacles: string[] = [];
      for (const place of places) {
        const obstacle = await tryPlace(source, place, bytes, options);
        if (obstacle === null) return place.path;
        obstacles.push(obstacle);
      }
      throw new Error(obstacles.join('; '));
    },
  };
}

/** A system error speaks of the file that was read unless it is told which one was written. */
async function write(path: string, bytes: Uint8Array, options: WriteOptions): Promise<void> {
  try {
    await writeAtomically(path, bytes, options);
  } catch (error) {
    throw new Error(`cannot write ${shownPath(path)}: ${sentence(error)}`, { cause: error });
  }
}

/** The path with the links of its folder resolved, so that one file has one name. */
async function trueName(path: string): Promise<string> {
  const folder = dirname(path);
  return (await exists(folder)) ? join(await realpath(folder), basename(path)) : path;
}

/** Whether the file at `path` has exactly these bytes. */
export async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const facts = await stat(path);
  return facts.isFile() && facts.size === bytes.length && (await readFile(path)).equals(bytes);
}
