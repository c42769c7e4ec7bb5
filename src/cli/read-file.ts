/** Reads a file that the user named, and names it again when that fails. */
import { readFile } from 'node:fs/promises';
import { sentence } from './sentence.ts';

/** @throws Error that begins with the path. */
export async function readNamedFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${path}: ${sentence(error)}`, { cause: error });
  }
}
