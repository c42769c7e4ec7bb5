/** From the neutral options of a submission to the engine's: what was left out gets the server's default. */
import type { Submission, SubmissionOptions } from '../dialects/dialect.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  GLOSSY_FLOOR,
  type OptimizeOptions,
  type PixelFormat,
  type Target,
  transformsOf,
} from '../engine/contract.ts';
import { Problem } from '../lib/problem.ts';

/** What a key's owner may have of it, whatever is asked for; null: anything. */
export interface KeyPolicy {
  floor: number | null;
  formats: PixelFormat[] | null;
}

export interface ServerDefaults {
  /** Lowest score of a lossy result whose submission names none. */
  floor: number;
  maxPixels: number;
  jobTimeMs: number;
}

export function resolveOptions(
  { options, accept, maxOverhead }: Pick<Submission, 'options' | 'accept' | 'maxOverhead'>,
  defaults: ServerDefaults,
  policy: KeyPolicy = { floor: null, formats: null },
): OptimizeOptions {
  const fidelity = options.fidelity ?? DEFAULT_OPTIONS.fidelity;
  const floor = options.floor ?? (fidelity === 'glossy' ? GLOSSY_FLOOR : defaults.floor);
  return {
    targets: allowedTargets(options.targets ?? DEFAULT_OPTIONS.targets, policy),
    accept: allowedFormats(options.formats ?? DEFAULT_OPTIONS.accept, policy),
    fidelity,
    floor: Math.max(floor, policy.floor ?? 0),
    metadata: options.metadata ?? DEFAULT_OPTIONS.metadata,
    cmyk: options.cmyk ?? DEFAULT_OPTIONS.cmyk,
    effort: options.effort ?? DEFAULT_OPTIONS.effort,
    upright: options.upright ?? DEFAULT_OPTIONS.upright,
    sanitize: options.sanitize ?? DEFAULT_OPTIONS.sanitize,
    ...withoutGaps(transformsOf(options)),
    ...(options.quality !== undefined && { quality: options.quality }),
    ...(options.colours !== undefined && { colours: options.colours }),
    gate: accept,
    maxOverhead: maxOverhead ?? DEFAULT_OPTIONS.maxOverhead,
    limits: { ...DEFAULT_LIMITS, maxPixels: defaults.maxPixels, jobTimeMs: defaults.jobTimeMs },
  };
}

/** `same` stays: what a source is, its owner has already. @throws Problem `invalid-parameter` when nothing is left */
function allowedTargets(targets: Target[], policy: KeyPolicy): Target[] {
  const { formats } = policy;
  const allowed = [...new Set(targets)].filter(
    (target) => target === 'same' || target === 'auto' || formats === null || formats.includes(target),
  );
  if (allowed.length > 0) return allowed;
  const sentence = `This API key may have ${formats?.join(', ')}.`;
  throw new Problem('invalid-parameter', sentence, { parameter: 'targets' });
}

function allowedFormats(accept: PixelFormat[], { formats }: KeyPolicy): PixelFormat[] {
  return [...new Set(accept)].filter((format) => formats === null || formats.includes(format));
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
