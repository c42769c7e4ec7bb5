/**
 * What makes two submissions the same work: source, options, engine, key, and the terms on which it is done.
 * Everything that could change the answer is in it, so a result is never handed to the wrong question.
 */
import { createHash } from 'node:crypto';
import type { OptimizeOptions } from '../engine/contract.ts';
import { canonicalJson } from '../lib/canonical-json.ts';

export interface Work {
  /** The digest of the source, or what else tells it from all others. */
  source: string;
  options: OptimizeOptions;
  engineVersion: string;
  keyId: string;
  terms: { charge: boolean; freeUpTo: number | null; keepSource: boolean };
}

/** @returns 32 bytes. */
export function fingerprint(work: Work): Buffer {
  const text = canonicalJson({ ...work, options: normalized(work.options) });
  return createHash('sha256').update(text).digest();
}

/** What cannot change the result does not tell jobs apart: the order of choices, and the floor of a lossless job. */
function normalized(options: OptimizeOptions): OptimizeOptions {
  return {
    ...options,
    accept: [...options.accept].sort(),
    floor: options.fidelity === 'lossless' ? 0 : options.floor,
  };
}
