/** The engine for the verbs that need no server: the same forked children, with limits for one person's machine. */
import { totalmem } from 'node:os';
import { createPool, type Pool } from '../engine/pool.ts';

/** The slowest honest job seen, lossless PNG of 100 megapixels, takes a few minutes. */
const JOB_TIMEOUT_MS = 15 * 60_000;
const JOBS_PER_CHILD = 200;
/** Of the machine's memory, for all children together. */
const MEMORY_SHARE = 0.8;
/** Also on a small machine with many cores a child gets what a photo of 12 megapixels needs. */
const LEAST_MEMORY_BYTES = 1 << 30;

/** @param size children at most. The caller closes the pool. */
export function openPool(size: number): Pool {
  return createPool({
    size,
    jobTimeoutMs: JOB_TIMEOUT_MS,
    memoryBytes: Math.max(LEAST_MEMORY_BYTES, Math.floor((memoryOfMachine() * MEMORY_SHARE) / size)),
    jobsPerChild: JOBS_PER_CHILD,
  });
}

/** In bytes; a container's limit where there is one (node answers an absurdly large number where there is none). */
function memoryOfMachine(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}
