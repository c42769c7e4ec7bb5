/**
 * What makes two submissions the same work: source, options, engine, key, and whether it is charged.
 * Everything that could change the answer is in it, so a result is never handed to the wrong question.
 */
import { createHash } from 'node:crypto';
import type { OptimizeOptions } from '../engine/contract.ts';
import { canonicalJson } from '../lib/canonical-json.ts';

/** @returns 32 bytes. */
export function fingerprint(
  sourceSha256: string,
  options: OptimizeOptions,
  engineVersion: string,
  keyId: string,
  charge: boolean,
): Buffer {
  const work = { sourceSha256, options: normalized(options), engineVersion, keyId, charge };
  return createHash('sha256').update(canonicalJson(work)).digest();
}

/** What cannot change the result does not tell jobs apart: the order of choices, and the floor of a lossless job. */
function normalized(options: OptimizeOptions): OptimizeOptions {
  return {
    ...options,
    accept: [...options.accept].sort(),
    floor: options.fidelity === 'lossless' ? 0 : options.floor,
  };
}
