/** The key that signs reports made on this machine: one file of its user, made when it is first needed. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exists } from '../../lib/exists.ts';
import { createSigner, makePrivateKey, type Signer } from '../../lib/signature.ts';
import { writeAtomically } from '../atomic-write.ts';
import { sentence } from '../sentence.ts';

/**
 * @param path of the key; when missing it is made, readable by its owner alone.
 * @throws Error that names the file when it cannot be read or made, or holds no such key.
 */
export async function loadReportSigner(path: string): Promise<Signer> {
  try {
    if (!(await exists(path))) await makeKeyFile(path);
    return createSigner(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: ${sentence(error)}`, { cause: error });
  }
}

/** Of two programs that make it at once, the first one's key stays. */
async function makeKeyFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeAtomically(path, Buffer.from(makePrivateKey()), { mode: 0o600, replace: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
