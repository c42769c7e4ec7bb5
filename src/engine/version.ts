/**
 * The engine's version: everything that may change an output's bytes or what is said of it. It is part of every fingerprint
 * and report, so a result is never reused across builds that would have answered differently.
 */
import { DEPENDENCIES, KEENEYE_VERSION } from '../lib/version.ts';
import { JND_MODEL } from './metric/jnd-weights.ts';

/**
 * Raised whenever `visibility.ts` says something else of a pair, so that older reports can be told from wrong ones; a test
 * knows its numbers. 2: casts of colour and dots count.
 */
const VISIBILITY = 'visibility 2';
/** What reports did not name before there was another. */
const FIRST_VISIBILITY = 'visibility 1';

const parts = ['sharp', '@napi-rs/image', 'svgo'].map((name) => `${name} ${DEPENDENCIES[name]}`);
/** Studies that its estimates of visibility were recalibrated by, with their numbers of answers. */
const studies = JND_MODEL.recalibration?.studies.map(({ study, answers }) => `${study}:${answers}`) ?? [];
const recalibrated = studies.length > 0 ? [`recalibrated by ${studies.join(' ')}`] : [];

/** E.g. `keeneye 0.1.0 (sharp 0.35.5, @napi-rs/image 1.15.0, ssimulacra 2.1, visibility 2)`. */
export const ENGINE_VERSION = `keeneye ${KEENEYE_VERSION} (${[...parts, 'ssimulacra 2.1', VISIBILITY, ...recalibrated].join(', ')})`;

/** How an engine measures visibility, by its version: revision and recalibration. Where it differs, so may its numbers. */
export function visibilityOf(engine: string): string {
  const named = /\((.*)\)$/.exec(engine)?.[1]?.split(', ') ?? [];
  const revision = named.find((part) => part.startsWith('visibility ')) ?? FIRST_VISIBILITY;
  return [revision, ...named.filter((part) => part.startsWith('recalibrated by '))].join(', ');
}
