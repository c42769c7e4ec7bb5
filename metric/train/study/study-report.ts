/** What training on studies found, in Markdown: who took part, whose answers count, before and after, and the verdict. */
import { visibleProbability } from '../../../src/engine/metric/jnd.ts';
import { recalibrate } from '../../../src/engine/metric/jnd-network.ts';
import { percent, table } from '../markdown.ts';
import { type Interval, mean } from '../statistics.ts';
import type { Comparison } from './hold-out.ts';
import { type Judgment, LEAST_CHECKS, MOST_WRONG, type Viewer } from './judgments.ts';
import { type Curve, probability, thresholdOf } from './psychometric.ts';
import { countsIn, type Recalibrating, thresholdInterval } from './recalibration.ts';

const BANDS = [0, 0.45, 0.75, 1.1, 1.5, 2, Number.POSITIVE_INFINITY];

/** @param seed of the interval that is drawn for the threshold. */
export function reportOnStudies(outcome: Recalibrating, seed: number): string {
  const { fit, judgments, viewers } = outcome;
  return [
    '## First-hand answers',
    `${outcome.studies.length} ${outcome.studies.length === 1 ? 'study' : 'studies'}: ${describeCounts(outcome)}.`,
    describeViewers(viewers),
    ...(fit ? fitted(outcome, thresholdInterval(judgments, seed)) : []),
    verdict(outcome),
  ].join('\n\n');
}

function describeCounts({ judgments, viewers }: Recalibrating): string {
  const { images, answers, viewers: kept } = countsIn(judgments);
  return `${answers} answers about candidates by ${kept} viewers on ${images} images count; ${viewers.length - kept} of ${viewers.length} viewers were dropped`;
}

function describeViewers(viewers: Viewer[]): string {
  const rule = `A viewer is dropped who answers more than ${Math.round(100 * MOST_WRONG)} % of the identical or of the damaged pairs wrong, or fewer than ${LEAST_CHECKS} of either.`;
  const dropped = viewers.filter((viewer) => viewer.dropped !== null);
  if (dropped.length === 0) return rule;
  const rows = dropped.map(({ viewer, identical, damaged, dropped: why }) => [
    viewer,
    `${identical.wrong} of ${identical.shown}`,
    `${damaged.wrong} of ${damaged.shown}`,
    why!,
  ]);
  return `${rule}\n\n${table(['dropped viewer', 'identical, wrong', 'damaged, wrong', 'why'], rows)}`;
}

function fitted(
  { fit, judgments, comparisons, againstShipped }: Recalibrating,
  interval: Interval,
): string[] {
  const { curve, habits } = fit!;
  const factors = Object.entries(curve.formats).map(([format, factor]) => `${format} ${factor.toFixed(2)}`);
  return [
    [
      `Recalibrated, an estimate of x JND is ${curve.scale.toFixed(2)} x^${curve.power.toFixed(2)} JND`,
      factors.length > 0 ? `, times ${factors.join(', ')}` : '',
      `. Half of the viewers saw the difference at an estimate, as trained, of ${thresholdOf(curve).toFixed(2)} [${interval.map(two).join(', ')}]`,
      ' (1 where the model as trained is right for these images, viewers and screens).',
      ` They said 'different' of ${percent(habits.guess)} of what does not differ, and missed ${percent(habits.lapse)} of what is plain.`,
    ].join(''),
    pointing(judgments),
    'Log likelihood of an answer that was held out, with the middle 80 % of the gain over resampled images or viewers:',
    table(
      ['held out by', 'compared with', 'before', 'after', 'gain'],
      [
        ...comparisons.map((each) => comparisonRow(each, 'as trained')),
        ...againstShipped.map((each) => comparisonRow(each, 'as shipped now')),
      ],
    ),
    "Share of 'different', as answered and as foreseen by the model as trained and recalibrated (guesses and lapses included):",
    bands(judgments, { curve, habits }),
  ];
}

function comparisonRow({ split, before, after, gain, interval }: Comparison, rival: string): string[] {
  const shown = `${signed(gain)} [${interval.map(signed).join(', ')}]`;
  return [split, rival, before.toFixed(4), after.toFixed(4), shown];
}

/** Whether people point where the metric sees the most: by chance one in three does. */
function pointing(judgments: Judgment[]): string {
  const pointed = judgments.filter(({ kind, hit }) => kind === 'candidate' && hit !== null);
  const share = mean(pointed.map(({ hit }) => Number(hit)));
  return `Of ${pointed.length} who saw a difference, ${percent(share)} pointed to one of the three parts of nine in which the metric has the largest error (33.3 % by chance).`;
}

function bands(
  judgments: Judgment[],
  { curve, habits }: { curve: Curve; habits: { guess: number; lapse: number } },
): string {
  const candidates = judgments.filter(({ kind }) => kind === 'candidate');
  const rows = BANDS.slice(1).flatMap((to, at) => {
    const inside = candidates.filter(({ jnd }) => jnd >= BANDS[at]! && jnd < to);
    if (inside.length === 0) return [];
    const asTrained = (jnd: number) =>
      habits.guess + (1 - habits.guess - habits.lapse) * visibleProbability(jnd);
    return [
      [
        to === Number.POSITIVE_INFINITY ? `${BANDS[at]} and more` : `${BANDS[at]} to ${to}`,
        String(inside.length),
        percent(mean(inside.map(({ different }) => Number(different)))),
        percent(mean(inside.map(({ jnd }) => asTrained(jnd)))),
        percent(mean(inside.map((judgment) => probability(judgment, curve, habits)))),
        mean(inside.map(({ jnd, format }) => recalibrate(jnd, curve, format))).toFixed(2),
      ],
    ];
  });
  return table(
    [
      'estimate as trained',
      'answers',
      'said different',
      'as trained',
      'recalibrated',
      'mean JND, recalibrated',
    ],
    rows,
  );
}

function verdict({ refusals }: Recalibrating): string {
  if (refusals.length === 0)
    return '**Shipped**: answers that were held out are predicted better, by image and by viewer.';
  return ['**Not shipped:**', ...refusals.map((refusal) => `- ${refusal}`)].join('\n');
}

function two(value: number): string {
  return value.toFixed(2);
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(4)}`;
}
