/**
 * A study whose viewers are simulated: what they can see is known, so that it can be tried whether training finds it
 * out. For tests, and for the table of how many answers are needed.
 */
import { visibleProbability } from '../../../src/engine/metric/jnd.ts';
import {
  EXPORT_TYPE,
  type ExportedAnswer,
  type ExportedPair,
  type StudyExport,
} from '../../../src/studies/export.ts';
import type { CandidateFacts } from '../../../src/studies/study.ts';
import { type Pair, planTrials } from '../../../src/studies/viewing-plan.ts';
import { createRandom, type Random } from '../random.ts';
import type { EstimateJnd } from './judgments.ts';

export interface Simulation {
  images: number;
  formats: ('jpeg' | 'webp' | 'avif')[];
  /** Estimates of the candidates, in JND as the model was trained. */
  levels: number[];
  viewers: number;
  trials: number;
  /** The estimate at which half of the viewers see the difference: 1 where the model is right. */
  threshold: number;
  /** Thresholds of single formats, where they differ. */
  thresholds?: Record<string, number>;
  /** How viewers differ: standard deviation of the log of their own thresholds. */
  viewerSpread: number;
  /** How images differ from what the model makes of them, likewise. */
  imageSpread: number;
  guess: number;
  lapse: number;
  /** Viewers beside the others who answer without looking. */
  clickers: number;
  seed: number;
  /** The study's name; other answers for another. */
  study?: string;
}

/** As `keeneye study create` makes them, with people as they are on the whole. */
export const USUAL: Simulation = {
  images: 12,
  formats: ['jpeg', 'webp', 'avif'],
  levels: [0.3, 0.6, 0.9, 1.3, 1.8, 2.5],
  viewers: 10,
  trials: 60,
  threshold: 1,
  viewerSpread: 0.25,
  imageSpread: 0.2,
  guess: 0.04,
  lapse: 0.03,
  clickers: 0,
  seed: 1,
};

/** @param metricsFor metrics that make the model estimate so many JND. */
export function simulateStudy(wish: Simulation, metricsFor: (jnd: number) => CandidateFacts): StudyExport {
  const random = createRandom(wish.seed);
  const name = wish.study ?? `simulated ${wish.seed}`;
  const pairs = makePairs(wish, metricsFor, random);
  const shift = new Map(
    Array.from({ length: wish.images }, (_, at) => [at + 1, Math.exp(wish.imageSpread * normal(random))]),
  );
  const answers = Array.from({ length: wish.viewers + wish.clickers }, (_, viewer) => {
    const isClicker = viewer >= wish.viewers;
    const own = Math.exp(wish.viewerSpread * normal(random));
    return planOf(pairs, name, viewer, wish.trials).map((pair) =>
      isClicker
        ? click(viewer, pair, random)
        : look(viewer, pair, own * shift.get(pair.image)!, wish, random),
    );
  });
  return {
    type: EXPORT_TYPE,
    study: name,
    name,
    createdAt: new Date(0).toISOString(),
    design: { formats: wish.formats, levels: wish.levels, side: 600, engine: 'simulated' },
    images: [...shift.keys()].map((image) => ({
      ...{ image, name: `${image}`, sha256: `${name} ${image}` },
      area: { x: 0, y: 0, width: 600, height: 600 },
    })),
    pairs,
    viewers: answers.map((_, at) => ({
      viewer: at + 1,
      joinedAt: new Date(0).toISOString(),
      display: DISPLAY,
    })),
    answers: answers.flat(),
  };
}

const DISPLAY = { devicePixelRatio: 1, screenWidth: 1, screenHeight: 1, windowWidth: 1, windowHeight: 1 };

function makePairs(
  { images, formats, levels }: Simulation,
  metricsFor: (jnd: number) => CandidateFacts,
  random: Random,
): ExportedPair[] {
  const kinds = Array.from({ length: images }, (_, at) => at + 1).flatMap((image) => [
    ...formats.flatMap((format) =>
      levels.map((level) => {
        const parts = Array.from({ length: 9 }, () => random.next());
        const measured = { ...metricsFor(level * (0.95 + 0.1 * random.next())), format, parts };
        return { image, kind: 'candidate' as const, measured, damagedPart: null };
      }),
    ),
    { image, kind: 'identical' as const, measured: null, damagedPart: null },
    { image, kind: 'damaged' as const, measured: null, damagedPart: random.below(9) },
  ]);
  return kinds.map((pair, at) => ({ pair: at + 1, ...pair }));
}

/** What the server would show, practice aside. */
function planOf(pairs: ExportedPair[], study: string, viewer: number, trials: number): ExportedPair[] {
  const known: Pair[] = pairs.map(({ pair, image, kind }) => ({
    id: String(pair),
    imageId: String(image),
    kind,
  }));
  return planTrials(known, study, viewer, trials)
    .filter(({ practice }) => !practice)
    .map(({ pairId }) => pairs[Number(pairId) - 1]!);
}

/** @param factor of the differences that this viewer sees in this image. */
function look(
  viewer: number,
  pair: ExportedPair,
  factor: number,
  { threshold, thresholds, guess, lapse }: Simulation,
  random: Random,
): ExportedAnswer {
  const { kind, measured, damagedPart } = pair;
  const own = thresholds?.[measured?.format ?? ''] ?? threshold;
  const jnd = measured ? (measured.visibility.jnd * factor) / own : 0;
  const seen = kind === 'damaged' ? 1 : visibleProbability(jnd);
  const sees = random.next() < seen;
  const different = sees ? random.next() >= lapse : random.next() < guess;
  const worst = measured ? measured.parts.indexOf(Math.max(...measured.parts)) : damagedPart;
  const part = sees && worst !== null ? worst : random.below(9);
  return answerOf(viewer, pair, different ? part : null);
}

function click(viewer: number, pair: ExportedPair, random: Random): ExportedAnswer {
  return answerOf(viewer, pair, random.next() < 0.5 ? random.below(9) : null);
}

function answerOf(viewer: number, { pair }: ExportedPair, part: number | null): ExportedAnswer {
  const answer = part === null ? 'same' : 'different';
  return { viewer: viewer + 1, pair, answer, part, tookMs: 3000, answeredAt: new Date(0).toISOString() };
}

/** By Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** The metrics of a pair without any colour damage, for which `estimate` says so many JND. */
export function metricsBy(estimate: EstimateJnd): (jnd: number) => CandidateFacts {
  return (wanted) => {
    let [worse, better] = [0, 1];
    for (let step = 0; step < 60; step++) {
      const middle = (worse + better) / 2;
      if (estimate(factsOf(middle, 0)) > wanted) worse = middle;
      else better = middle;
    }
    return factsOf(better, wanted);
  };
}

function factsOf(iwssim: number, jnd: number): CandidateFacts {
  return {
    ...{ format: 'jpeg', encoder: 'simulated', quality: 50, bytes: 1, score: 100, parts: [] },
    worstTile: { x: 0, y: 0, width: 256, height: 256, score: 100 },
    visibility: { jnd, spread: 0.3, probability: visibleProbability(jnd), iwssim },
  };
}
