/** Whether something is there. */
import { access } from 'node:fs/promises';

/** @throws the system's error when that cannot be told, for want of permission say. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
