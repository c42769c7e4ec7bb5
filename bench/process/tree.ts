/** Processes as Linux tells of them. */
import { globSync, readFileSync } from 'node:fs';

/** A process and all that are under it. */
export function processTree(root: number): number[] {
  const parents = globSync('/proc/[0-9]*/stat').map((file) => {
    const stat = readProcess(file);
    return [Number(file.split('/')[2]), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const;
  });
  const below = (pid: number): number[] => [
    pid,
    ...parents.filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ];
  return below(root);
}

/** A file under /proc; empty when its process has ended between being listed and being read. */
export function readProcess(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
