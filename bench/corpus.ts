/** The photographs that measurements run on: real ones from a folder beside the project, or one named on the command line. */
import { existsSync, readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface CorpusFile {
  name: string;
  bytes: Uint8Array;
}

const CORPUS = join(import.meta.dirname, '../../shared/corpus');

/**
 * @param pattern glob below the corpus folder, e.g. `kodak/*.png`.
 * @throws Error saying where the corpus was looked for.
 */
export async function readCorpus(pattern: string, folder = CORPUS): Promise<CorpusFile[]> {
  if (!existsSync(folder)) throw new Error(`no corpus at ${folder}; name its folder with --corpus DIR`);
  const files = (await Array.fromAsync(glob(pattern, { cwd: folder }))).sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return files.map((file) => ({ name: basename(file), bytes: readFileSync(join(folder, file)) }));
}

/** The value after a flag such as `--corpus`. */
export function flag(args: string[], name: string): string | undefined {
  const index = args.indexOf(name);
  return index < 0 ? undefined : args[index + 1];
}
