/** From the neutral options of a submission to the engine's: what was left out gets the server's default. */
import type { Submission, SubmissionOptions } from '../dialects/dialect.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  GLOSSY_FLOOR,
  type OptimizeOptions,
  transformsOf,
} from '../engine/contract.ts';

export interface ServerDefaults {
  /** Lowest score of a lossy result whose submission names none. */
  floor: number;
  maxPixels: number;
}

export function resolveOptions(
  { options, accept, maxOverhead }: Pick<Submission, 'options' | 'accept' | 'maxOverhead'>,
  defaults: ServerDefaults,
): OptimizeOptions {
  const fidelity = options.fidelity ?? DEFAULT_OPTIONS.fidelity;
  return {
    targets: [...new Set(options.targets ?? DEFAULT_OPTIONS.targets)],
    accept: [...new Set(options.formats ?? DEFAULT_OPTIONS.accept)],
    fidelity,
    floor: options.floor ?? (fidelity === 'glossy' ? GLOSSY_FLOOR : defaults.floor),
    metadata: options.metadata ?? DEFAULT_OPTIONS.metadata,
    cmyk: options.cmyk ?? DEFAULT_OPTIONS.cmyk,
    effort: options.effort ?? DEFAULT_OPTIONS.effort,
    upright: options.upright ?? DEFAULT_OPTIONS.upright,
    sanitize: options.sanitize ?? DEFAULT_OPTIONS.sanitize,
    ...withoutGaps(transformsOf(options)),
    ...(options.quality !== undefined && { quality: options.quality }),
    gate: accept,
    maxOverhead: maxOverhead ?? DEFAULT_OPTIONS.maxOverhead,
    limits: { ...DEFAULT_LIMITS, maxPixels: defaults.maxPixels },
  };
}

/** The way back, for whoever asks what a job was to do. */
export function describeOptions(options: OptimizeOptions): SubmissionOptions {
  const { accept, gate: _gate, maxOverhead: _maxOverhead, limits: _limits, ...asked } = options;
  return { ...asked, formats: accept };
}

/** Without the members that are undefined, which JSON would lose. */
function withoutGaps<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
