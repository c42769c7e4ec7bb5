/** Puts bytes under a name in one step: whoever reads that name sees all of them or what was there before. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists } from '../lib/exists.ts';
import { syncFolder } from '../store/sync-folder.ts';

export interface WriteOptions {
  /** Permission bits of the new file. */
  mode: number;
  /** Whether a file of that name may be replaced. */
  replace: boolean;
  /** User and group to hand it to; only root can. */
  owner?: { uid: number; gid: number };
}

/** Errors of file systems that know no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Writes to a hidden file in the same folder (made when missing), brings it to the disk, then renames.
 * @throws the system's error; `EEXIST` when the name is taken and `replace` is not set. Leaves no half file.
 */
export async function writeAtomically(path: string, bytes: Uint8Array, options: WriteOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.keeneye-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeThrough(draft, bytes, options);
    if (options.replace) await rename(draft, path);
    else await moveIfFree(draft, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeThrough(path: string, bytes: Uint8Array, { mode, owner }: WriteOptions): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    if (owner) await file.chown(owner.uid, owner.gid);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** `rename` would replace; a link refuses to. */
async function moveIfFree(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if (await exists(to)) throw Object.assign(new Error(`${to} exists`), { code: 'EEXIST', path: to });
    await rename(from, to);
  }
}
