/** From the neutral options of a submission to the engine's: what was left out gets the server's default. */
import type { Submission, SubmissionOptions } from '../dialects/dialect.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, GLOSSY_FLOOR, type OptimizeOptions } from '../engine/contract.ts';

export interface ServerDefaults {
  /** Lowest score of a lossy result whose submission names none. */
  floor: number;
  maxPixels: number;
}

export function resolveOptions(
  { options, accept }: Pick<Submission, 'options' | 'accept'>,
  defaults: ServerDefaults,
): OptimizeOptions {
  const fidelity = options.fidelity ?? DEFAULT_OPTIONS.fidelity;
  return {
    targets: [...new Set(options.targets ?? DEFAULT_OPTIONS.targets)],
    accept: [...new Set(options.formats ?? DEFAULT_OPTIONS.accept)],
    fidelity,
    floor: options.floor ?? (fidelity === 'glossy' ? GLOSSY_FLOOR : defaults.floor),
    metadata: options.metadata ?? DEFAULT_OPTIONS.metadata,
    ...(options.resize && { resize: options.resize }),
    ...(options.quality !== undefined && { quality: options.quality }),
    gate: accept,
    maxOverhead: DEFAULT_OPTIONS.maxOverhead,
    limits: { ...DEFAULT_LIMITS, maxPixels: defaults.maxPixels },
  };
}

/** The way back, for whoever asks what a job was to do. */
export function describeOptions(options: OptimizeOptions): SubmissionOptions {
  const { targets, accept, fidelity, floor, metadata, resize, quality } = options;
  return { targets, formats: accept, fidelity, floor, metadata, resize, quality };
}
