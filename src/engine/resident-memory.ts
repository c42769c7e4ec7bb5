/** How much memory another process holds right now; Linux only, elsewhere unknown and reported as 0. */
import { existsSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** Resident set of a process in bytes; 0 when it has gone or the system does not tell. */
export function residentBytes(pid: number | undefined): number {
  const file = `/proc/${pid}/statm`;
  if (!pid || !existsSync(file)) return 0;
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1] ?? 0) * PAGE_BYTES;
  } catch {
    return 0; // it ended between the two calls
  }
}
