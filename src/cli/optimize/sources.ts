/**
 * Turns what the user named (files, folders, patterns) into the list of files to optimize: in a
 * fixed order, each file once, loops of links ended. Reads folders, never an image.
 */
import type { Dirent, Stats } from 'node:fs';
import { glob, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, parse, relative } from 'node:path';
import { sentence } from '../sentence.ts';

/** What a folder or a pattern contributes; a file that is named itself is always taken. */
export const IMAGE_EXTENSIONS = [
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.avif',
  '.gif',
  '.tif',
  '.tiff',
  '.bmp',
  '.ico',
  '.heic',
  '.heif',
  '.svg',
  '.svgz',
  '.pdf',
];

export interface Source {
  /** As the user would write it. */
  path: string;
  /** Where it belongs under an output folder: below the folder or pattern that it was found by. */
  relative: string;
  /** Absolute, the links of its folder resolved, but not the file itself when that is a link. */
  absolutePath: string;
  /** Absolute, all links resolved. */
  realPath: string;
}

/** Something that was named or found, and cannot be looked into. */
interface Fault {
  path: string;
  detail: string;
}

export interface SearchRules {
  /** Whether links that are found inside a folder are followed; named ones always are. */
  followLinks: boolean;
  /** Folders (absolute, links resolved) that no search enters: where we put our own results. */
  skipFolders: string[];
}

export interface Found {
  sources: Source[];
  faults: Fault[];
  /** Folders that were named and hold no image. */
  empty: string[];
}

/**
 * @param named paths and patterns, in the order given.
 * @param signal ends the search early, with what was found so far.
 * @returns never rejects: what cannot be read becomes a fault.
 */
export async function findSources(named: string[], rules: SearchRules, signal: AbortSignal): Promise<Found> {
  const search = new Search(rules, signal);
  for (const path of named) await search.addNamed(path);
  return search;
}

class Search implements Found {
  readonly sources: Source[] = [];
  readonly faults: Fault[] = [];
  readonly empty: string[] = [];
  readonly #rules: SearchRules;
  readonly #signal: AbortSignal;
  /** Real paths of every file taken and folder entered. */
  readonly #seen = new Set<string>();
  /** How often an image was met, or a folder that had been searched before. */
  #met = 0;

  constructor(rules: SearchRules, signal: AbortSignal) {
    this.#rules = rules;
    this.#signal = signal;
  }

  /** A path that exists is taken literally, even when it reads like a pattern. */
  async addNamed(path: string): Promise<void> {
    await this.#noting(path, async () => {
      const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' && isPattern(path)) return null;
        throw error;
      });
      if (facts === null) await this.#addMatches(path);
      else if (facts.isDirectory()) await this.#addFolder(path);
      else if (facts.isFile()) await this.#addFile(path, dirname(path));
      else throw new Error('is neither a file nor a folder');
    });
  }

  async #addMatches(pattern: string): Promise<void> {
    const matches: string[] = [];
    for await (const path of glob(pattern)) {
      if (this.#signal.aborted) return;
      matches.push(path);
    }
    const base = fixedPart(pattern);
    const before = this.#met;
    for (const path of matches.sort()) {
      await this.#noting(path, async () => {
        const facts = await stat(path);
        if (facts.isDirectory()) await this.#walk(path, base);
        else if (facts.isFile() && isImageName(path)) await this.#addFile(path, base);
      });
    }
    if (matches.length === 0) throw new Error('matches nothing');
    if (this.#met === before) this.empty.push(pattern);
  }

  async #addFolder(folder: string): Promise<void> {
    const before = this.#met;
    await this.#walk(folder, folder);
    if (this.#met === before) this.empty.push(folder);
  }

  async #addFile(path: string, base: string): Promise<void> {
    const realPath = await realpath(path);
    if (!this.#meets(realPath)) return;
    const absolutePath = join(await realpath(dirname(path)), basename(path));
    this.sources.push({ path, relative: pathBelow(base, path), absolutePath, realPath });
  }

  async #walk(folder: string, base: string): Promise<void> {
    if (!this.#meets(await realpath(folder), 0)) return;
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries.filter(({ name }) => !name.startsWith('.'))) {
      const path = join(folder, entry.name);
      await this.#noting(path, () => this.#addEntry(path, entry, base));
    }
  }

  async #addEntry(path: string, entry: Dirent, base: string): Promise<void> {
    const kind = entry.isSymbolicLink() ? await this.#follow(path) : entry;
    if (kind === null) return;
    if (kind.isDirectory()) {
      if (!this.#rules.skipFolders.includes(await realpath(path))) await this.#walk(path, base);
    } else if (kind.isFile() && isImageName(path)) {
      await this.#addFile(path, base);
    }
  }

  /** A link that leads nowhere matters only when it should have been an image. */
  async #follow(path: string): Promise<Stats | null> {
    if (!this.#rules.followLinks) return null;
    return stat(path).catch((error) => {
      if (isImageName(path)) throw error;
      return null;
    });
  }

  /** @returns whether this is the first time. */
  #meets(realPath: string, weight = 1): boolean {
    const isNew = !this.#seen.has(realPath);
    this.#seen.add(realPath);
    this.#met += isNew ? weight : 1;
    return isNew;
  }

  /** Runs one step of the search; what it cannot read becomes a fault, and the search goes on. */
  async #noting(path: string, step: () => Promise<void>): Promise<void> {
    try {
      if (!this.#signal.aborted) await step();
    } catch (error) {
      this.#met += 1;
      this.faults.push({ path, detail: sentence(error) });
    }
  }
}

function isImageName(path: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(path).toLowerCase());
}

function isPattern(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}

/** What lies outside of its base, by a pattern with `..` behind a wildcard, keeps only its name. */
function pathBelow(base: string, path: string): string {
  const below = relative(base, path);
  return /^\.\.(\/|$)/.test(below) ? basename(path) : below;
}

/** The folder in front of a pattern's first wildcard: `images` of `images/*.jpg`. */
function fixedPart(pattern: string): string {
  const { root } = parse(pattern);
  const segments = pattern.slice(root.length).split('/');
  const fixed = segments.slice(0, segments.findIndex(isPattern));
  return root + (fixed.join('/') || (root ? '' : '.'));
}
