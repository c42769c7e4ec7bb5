/**
 * Finds the dialects: every sub-folder is one, and nothing else names them. A folder that is not a
 * dialect stops the start-up with its name and the reason, because a vendor silently missing is worse.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Dialect, Route } from './dialect.ts';

/** As written, and as built. */
const ENTRY_FILES = ['index.ts', 'index.js'];
const METHODS: Route['method'][] = ['GET', 'POST', 'PUT', 'DELETE'];

/**
 * @param folder where to look; default: beside this file.
 * @returns the dialects in the order of their folders' names.
 * @throws Error that lists every folder that is not a dialect, each with its reason.
 */
export async function loadDialects(folder: string | URL = new URL('.', import.meta.url)): Promise<Dialect[]> {
  const root = folder instanceof URL ? fileURLToPath(folder) : folder;
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = await Promise.all(names.sort().map((name) => loadOne(root, name)));
  const rejected = found.filter((result) => typeof result === 'string');
  if (rejected.length > 0) throw new Error(`Not every dialect could be loaded:\n${rejected.join('\n')}`);
  return found.filter((result) => typeof result !== 'string');
}

/** The dialect, or the sentence that says why the folder is none. */
async function loadOne(root: string, name: string): Promise<Dialect | string> {
  const file = ENTRY_FILES.map((entry) => join(root, name, entry)).find((path) => existsSync(path));
  if (!file) return `  ${name}: it has neither ${ENTRY_FILES.join(' nor ')}`;
  try {
    const { dialect } = (await import(pathToFileURL(file).href)) as { dialect?: Dialect };
    const fault = faultOf(dialect, name);
    return fault === null ? (dialect as Dialect) : `  ${name}: ${fault}`;
  } catch (error) {
    return `  ${name}: ${error instanceof Error ? error.message : error}`;
  }
}

function faultOf(dialect: Partial<Dialect> | undefined, folder: string): string | null {
  if (typeof dialect !== 'object' || dialect === null) return 'it does not export `dialect`';
  if (dialect.name !== folder) return `its name is ${JSON.stringify(dialect.name)}, not that of its folder`;
  if (typeof dialect.refuse !== 'function') return 'it has no `refuse`';
  if (!Array.isArray(dialect.routes) || dialect.routes.length === 0) return 'it has no routes';
  const faulty = dialect.routes.findIndex((route) => !isRoute(route));
  return faulty < 0
    ? null
    : `route ${faulty + 1} needs a method (${METHODS.join(', ')}), a path and a handler`;
}

function isRoute(route: Partial<Route>): boolean {
  const known = METHODS.some((method) => method === route.method);
  return (
    known && typeof route.path === 'string' && /^\//.test(route.path) && typeof route.handle === 'function'
  );
}
