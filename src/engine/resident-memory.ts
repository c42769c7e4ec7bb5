/** How much memory another process holds right now; Linux only, elsewhere unknown and reported as 0. */
import { readFileSync } from 'node:fs';

/** Resident set of a process in bytes; 0 when it has gone or the system does not tell. */
export function residentBytes(pid: number | undefined): number {
  if (!pid) return 0;
  try {
    // In kB whatever the size of a page, unlike statm.
    const [, kilobytes = '0'] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    // Whatever the reason, an unknown number must not end the watch: the time limit is still there.
    return 0;
  }
}
