/** Looks at processes from outside, as an operator would; Linux only. */
import { globSync, readFileSync } from 'node:fs';

/** The live children of a process whose command line contains a word. */
export function childPids(parentPid: number, word: string): number[] {
  return globSync('/proc/[0-9]*/stat').flatMap((file) => {
    const stat = readIfThere(file);
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const pid = Number(file.split('/')[2]);
    const command = readIfThere(`/proc/${pid}/cmdline`);
    return Number(parent) === parentPid && state !== 'Z' && command.includes(word) ? [pid] : [];
  });
}

/** A process may end between being listed and being read. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
