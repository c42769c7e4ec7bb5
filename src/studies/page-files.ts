/** The files of the page that viewers see: what they say is theirs, where they lie and what they are is said here. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PageFile {
  type: string;
  bytes: Uint8Array;
}

const FOLDER = join(import.meta.dirname, 'page');
const TYPES: Record<string, string> = {
  'study.html': 'text/html; charset=utf-8',
  'eye.svg': 'image/svg+xml',
  'study.css': 'text/css; charset=utf-8',
  'study.js': 'text/javascript; charset=utf-8',
  'flicker.js': 'text/javascript; charset=utf-8',
  'parts.js': 'text/javascript; charset=utf-8',
  'server.js': 'text/javascript; charset=utf-8',
};

/** Only what was read whole: a fault of the disk must not stay until the next start. */
const read = new Map<string, PageFile>();

/** @returns null for a name that is none of the page's files. */
export async function readPageFile(name: string): Promise<PageFile | null> {
  const type = Object.hasOwn(TYPES, name) ? TYPES[name]! : null;
  if (type === null) return null;
  const known = read.get(name);
  if (known) return known;
  const file = { type, bytes: await readFile(join(FOLDER, name)) };
  read.set(name, file);
  return file;
}
