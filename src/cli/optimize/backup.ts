/** Keeps originals: puts one under its backup name, never over something else, before it is replaced. */
import { link, mkdir, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exists } from '../../lib/exists.ts';
import { writeAtomically } from '../atomic-write.ts';
import { shownPath } from '../format.ts';
import { sentence } from '../sentence.ts';
import { holds } from './keep.ts';

/** Errors after which a copy does what a link could not: other disks, file systems without links, other owners. */
const NEEDS_COPY = ['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Whether the backup name is free for this original, or holds it already (a run was cut short).
 * @throws Error when the backup would be the original itself.
 */
export async function canBackUp(original: string, bytes: Uint8Array, backup: string): Promise<boolean> {
  if (!(await exists(backup))) return true;
  if ((await realpath(backup)) === original)
    throw new Error('the backup folder is the folder of the image itself');
  return holds(backup, bytes);
}

/**
 * @param mode permission bits, when it has to be a copy.
 * @returns whether there is a new backup; false when it was kept there before.
 */
export async function backUp(
  original: string,
  bytes: Uint8Array,
  backup: string,
  mode: number,
): Promise<boolean> {
  if (await exists(backup)) return false;
  try {
    await mkdir(dirname(backup), { recursive: true });
    await linkOrCopy(original, bytes, backup, mode);
    return true;
  } catch (error) {
    throw new Error(`cannot keep ${shownPath(backup)}: ${sentence(error)}`, { cause: error });
  }
}

async function linkOrCopy(original: string, bytes: Uint8Array, backup: string, mode: number): Promise<void> {
  try {
    await link(original, backup);
  } catch (error) {
    if (!NEEDS_COPY.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writeAtomically(backup, bytes, { mode, replace: false });
  }
}
