/**
 * The answers of studies, viewer by viewer, and whose count: viewers are judged by the checks among their trials,
 * whose right answers are known, before anything is learned from the others.
 */
import type { ExportedAnswer, ExportedPair, StudyExport } from '../../../src/studies/export.ts';
import type { CandidateFacts } from '../../../src/studies/study.ts';

/** One answer, with what it was about. */
export interface Judgment {
  study: string;
  /** Unique over all studies. */
  viewer: string;
  /** The digest of the image's file: one picture in two studies is one picture. */
  image: string;
  kind: ExportedPair['kind'];
  /** Null of checks. */
  format: string | null;
  /** The model's estimate, before any study: 0 of identical pairs, infinite of damaged ones. */
  jnd: number;
  different: boolean;
  /** Whether the part pointed at is one of the three that differ most; null without a part to judge by. */
  hit: boolean | null;
}

/** How a viewer did at the checks of one kind. */
interface Checked {
  shown: number;
  wrong: number;
}

export interface Viewer {
  viewer: string;
  /** Checks with identical pairs; wrong is 'different'. */
  identical: Checked;
  /** Checks with damaged pairs; wrong is 'same', and another part than the damaged one. */
  damaged: Checked;
  /** Why the viewer's answers do not count; null when they do. */
  dropped: string | null;
}

/** Of the checks of either kind at most this share may be answered wrong. */
export const MOST_WRONG = 0.2;
/** With fewer checks of either kind nobody can tell. */
export const LEAST_CHECKS = 4;
const MOST_DIFFERING_PARTS = 3;

/** What the model makes of a candidate's metrics. */
export type EstimateJnd = (measured: CandidateFacts) => number;

export function readJudgments(studies: StudyExport[], estimate: EstimateJnd): Judgment[] {
  return studies.flatMap((study) => {
    const images = new Map(study.images.map(({ image, sha256 }) => [image, sha256]));
    const pairs = new Map(study.pairs.map((pair) => [pair.pair, pair]));
    return study.answers.map((answer) => {
      const pair = pairs.get(answer.pair)!;
      return {
        study: study.study,
        viewer: `${study.study} ${answer.viewer}`,
        image: images.get(pair.image)!,
        kind: pair.kind,
        format: pair.measured?.format ?? null,
        jnd: pair.measured
          ? estimate(pair.measured)
          : pair.kind === 'identical'
            ? 0
            : Number.POSITIVE_INFINITY,
        different: answer.answer === 'different',
        hit: hitOf(answer, pair),
      };
    });
  });
}

function hitOf({ part }: ExportedAnswer, { measured, damagedPart }: ExportedPair): boolean | null {
  if (part === null) return null;
  if (damagedPart !== null) return part === damagedPart;
  if (!measured) return null;
  const worse = measured.parts.filter((error) => error > measured.parts[part]!).length;
  return worse < MOST_DIFFERING_PARTS;
}

/** Every viewer, in the order of appearance. */
export function checkViewers(judgments: Judgment[]): Viewer[] {
  return [...Map.groupBy(judgments, ({ viewer }) => viewer)].map(([viewer, own]) => {
    const identical = checked(own, 'identical', ({ different }) => different);
    const damaged = checked(own, 'damaged', ({ different, hit }) => !different || hit !== true);
    return { viewer, identical, damaged, dropped: faultOf(identical, damaged) };
  });
}

function checked(own: Judgment[], kind: Judgment['kind'], isWrong: (judgment: Judgment) => boolean): Checked {
  const shown = own.filter((judgment) => judgment.kind === kind);
  return { shown: shown.length, wrong: shown.filter(isWrong).length };
}

function faultOf(identical: Checked, damaged: Checked): string | null {
  if (Math.min(identical.shown, damaged.shown) < LEAST_CHECKS) return 'too few checks answered';
  if (identical.wrong > MOST_WRONG * identical.shown) return 'saw differences where there are none';
  if (damaged.wrong > MOST_WRONG * damaged.shown) return 'missed what nobody misses';
  return null;
}

/** The answers of viewers who are not dropped. */
export function keepReliable(judgments: Judgment[], viewers: Viewer[]): Judgment[] {
  const kept = new Set(viewers.filter(({ dropped }) => dropped === null).map(({ viewer }) => viewer));
  return judgments.filter(({ viewer }) => kept.has(viewer));
}
