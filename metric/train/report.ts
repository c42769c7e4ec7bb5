/** The training report: what was compared, what won, how far to trust it. Markdown, the same for the same training. */

import { visibleProbability } from '../../src/engine/metric/jnd.ts';
import type { JndModel } from '../../src/engine/metric/jnd-network.ts';
import type { Sample } from './aic4.ts';
import { codecFacts } from './codecs.ts';
import { coverage, fitErrorModel } from './error-model.ts';
import type { Standing } from './evaluate.ts';
import type { HeldOut } from './folds.ts';
import { MEMBERS } from './lab.ts';
import { percent, table } from './markdown.ts';
import { scoreAlone, structureAlone, toldTheCodec, veto } from './models.ts';
import { type Interval, mean } from './statistics.ts';
import { standingOf, type Training } from './train.ts';

/** Figures known before, for the same table and the same split: see the model card. */
const ANCHORS = {
  'IW-SSIM alone, five tanh networks': { srocc: 0.946, plcc: 0.947, rmse: 0.3 },
  CVVDP: { srocc: 0.954, plcc: 0.952, rmse: 0.287 },
};
const TO_BEAT = ANCHORS['IW-SSIM alone, five tanh networks'];

const BANDS = [0, 0.15, 0.3, 0.5, 0.75, 1, 1.5, 2, Number.POSITIVE_INFINITY];
const FLOORS = [70, 75, 80, 85, 90];

/** @param studies the section on first-hand answers, where there are any. */
export function reportOn({ model, standings }: Training, studies: string | null = null): string {
  const shipped = standingOf(standings, veto.name).heldOut;
  return [
    '# Training report',
    'Written by `npm run train`; changes by hand are lost. What the words mean is in [MODEL-CARD.md](MODEL-CARD.md).',
    describeData(model, shipped.samples),
    '## Which way to JND wins on sources that it has not seen',
    'Each source is predicted by networks that were fitted to the others. RMSE in JND. In brackets the middle 95 % over resampled sequences (one codec on one source); another five sources could move all of it further.',
    competition(standings),
    verdict(standings),
    `"${toldTheCodec.name}" adds what each codec's images were off on the training sources. It is not shipped: see the limits in the model card.`,
    '## Error on each source (RMSE)',
    bySource(standings),
    '## Is an estimate right on average?',
    'Held-out estimates of the shipped model, in bands.',
    calibration(shipped),
    admission('the whole model', shipped),
    admission(
      'SSIMULACRA 2 alone, for images without IW-SSIM',
      standingOf(standings, scoreAlone.name).heldOut,
    ),
    '## One JND for each codec',
    'Where people see one JND, interpolated between levels, over the sources. A floor on the scale of SSIMULACRA 2 is not equally strict for all codecs.',
    codecs(shipped),
    '## What a floor lets through',
    'Images of the table at or above a score, all codecs together.',
    floors(shipped.samples),
    ...(studies === null ? [] : [studies]),
    '',
  ].join('\n\n');
}

/** The facts of the model card that training knows. */
export function cardFacts({ model, standings }: Training): string {
  const { agreement, heldOut } = standingOf(standings, veto.name);
  const facts = [
    ['trained on', `${heldOut.samples.length} images, SHA-256 of the table \`${model.dataSha256}\``],
    ['seed', String(model.seed)],
    ['members', `${MEMBERS} on IW-SSIM, ${MEMBERS} on SSIMULACRA 2`],
    ['veto weakened by', `${model.doubt.toFixed(2)} times the square root`],
    ['held out, SROCC / PLCC / RMSE', figures(agreement)],
    ['recalibrated', describeRecalibration(model)],
  ];
  return table(['fact', 'value'], facts);
}

function describeRecalibration({ recalibration }: JndModel): string {
  if (recalibration === null) return 'no: no first-hand answers yet';
  const sum = (key: 'answers' | 'viewers' | 'dropped') =>
    recalibration.studies.reduce((total, study) => total + study[key], 0);
  const names = recalibration.studies.map(({ study }) => study).join(', ');
  const { scale, power } = recalibration;
  return `yes, by ${sum('answers')} first-hand answers of ${sum('viewers')} viewers (${sum('dropped')} more dropped), study ${names}: x JND became ${scale} x^${power}`;
}

function describeData(model: JndModel, samples: Sample[]): string {
  const count = (key: keyof Sample) => new Set(samples.map((sample) => sample[key])).size;
  const data = `${samples.length} images: ${count('source')} sources, ${count('codec')} codecs`;
  return `Data: ${data}, SHA-256 \`${model.dataSha256}\`. Seed ${model.seed}. ${MEMBERS} members per ensemble.`;
}

function competition(standings: Standing[]): string {
  const first = standings[0]!.model.name;
  const rows = standings.map(({ model, agreement, intervals, closerThanFirst }) => [
    model.name === veto.name ? `**${model.name}** (shipped)` : model.name,
    `${agreement.srocc.toFixed(3)} ${span(intervals.srocc)}`,
    `${agreement.plcc.toFixed(3)} ${span(intervals.plcc)}`,
    `${agreement.rmse.toFixed(3)} ${span(intervals.rmse)}`,
    model.name === first ? '' : `${Math.round(100 * closerThanFirst)} %`,
  ]);
  const anchors = Object.entries(ANCHORS).map(([name, { srocc, plcc, rmse }]) => [
    `known before: ${name}`,
    ...[srocc, plcc, rmse].map((figure) => figure.toFixed(3)),
    '',
  ]);
  return table(['model', 'SROCC', 'PLCC', 'RMSE', `closer than ${first}`], [...rows, ...anchors]);
}

/** In words what the table says, whatever it says. */
function verdict(standings: Standing[]): string {
  const shipped = standingOf(standings, veto.name);
  const rivals = standings.filter(({ model }) => model !== toldTheCodec && !model.name.includes('anchor'));
  const best = rivals.reduce((least, each) => (each.agreement.rmse < least.agreement.rmse ? each : least));
  const { srocc, plcc, rmse } = shipped.agreement;
  const beats = srocc > TO_BEAT.srocc && plcc > TO_BEAT.plcc && rmse < TO_BEAT.rmse;
  const ahead = Math.round(100 * shipped.closerThanFirst);
  const gap = standingOf(standings, structureAlone.name).agreement.rmse - rmse;
  return [
    `Of what knows the two metrics only, **${best.model.name}** is closest to people.`,
    best === shipped ? 'It is what is shipped.' : `Shipped is ${veto.name}.`,
    `It ${beats ? 'beats' : 'does not beat'} what was to be beaten (${figures(TO_BEAT)}) on all three figures.`,
    `Its lead over ${structureAlone.name} is ${gap.toFixed(3)} JND, and holds in ${ahead} % of the resamples:`,
    ahead >= 97.5 ? 'more than chance.' : 'no more than five sources can show.',
    'Its reason is safety, for IW-SSIM cannot see colour at all; that it costs nothing here is the finding.',
  ].join(' ');
}

function bySource(standings: Standing[]): string {
  const sources = standings[0]!.rmseBySource.map(({ source }) => `source ${source}`);
  const rows = standings.map(({ model, rmseBySource }) => [
    model.name,
    ...rmseBySource.map(({ rmse }) => rmse.toFixed(3)),
  ]);
  return table(['model', ...sources], rows);
}

function calibration({ samples, predictions }: HeldOut): string {
  const rows = BANDS.slice(1).flatMap((to, at) => {
    const from = BANDS[at]!;
    const inside = [...samples.keys()].filter((i) => predictions[i]! >= from && predictions[i]! < to);
    if (inside.length === 0) return [];
    const human = inside.map((i) => samples[i]!.jnd);
    const errors = inside.map((i) => predictions[i]! - samples[i]!.jnd);
    return [
      [
        to === Number.POSITIVE_INFINITY ? `${from} and more` : `${from} to ${to}`,
        String(inside.length),
        mean(inside.map((i) => predictions[i]!)).toFixed(2),
        mean(human).toFixed(2),
        Math.sqrt(mean(errors.map((error) => error ** 2))).toFixed(2),
        percent(mean(human.map(visibleProbability))),
      ],
    ];
  });
  return table(['estimate', 'images', 'mean estimate', 'mean of people', 'RMSE', 'people who see it'], rows);
}

function admission(name: string, heldOut: HeldOut): string {
  const error = fitErrorModel(heldOut);
  const share = percent(coverage(heldOut, error, 1.96));
  return `Error of ${name}: ${error.scale.toFixed(2)} JND at one JND, times JND to the power of ${error.power.toFixed(2)}; ${share} of the human values lie within 1.96 times that.`;
}

function codecs(heldOut: HeldOut): string {
  const rows = codecFacts(heldOut).map(({ codec, score, estimate, bias }) => [
    codec,
    score.mean.toFixed(1),
    `${score.least.toFixed(1)} to ${score.most.toFixed(1)}`,
    estimate.toFixed(2),
    `${bias > 0 ? '+' : ''}${bias.toFixed(2)}`,
  ]);
  return table(
    ['codec', 'SSIMULACRA 2 at one JND', 'least and most', 'estimate there (JND)', 'mean error (JND)'],
    rows,
  );
}

function floors(samples: Sample[]): string {
  const rows = FLOORS.flatMap((floor) => {
    const human = samples.filter(({ ssimulacra2 }) => ssimulacra2 >= floor).map(({ jnd }) => jnd);
    if (human.length === 0) return [];
    return [
      [
        String(floor),
        String(human.length),
        mean(human).toFixed(2),
        percent(mean(human.map((jnd) => Number(jnd > 1)))),
        percent(mean(human.map(visibleProbability))),
      ],
    ];
  });
  return table(['floor', 'images', 'mean JND', 'above one JND', 'people who see a difference'], rows);
}

function figures({ srocc, plcc, rmse }: { srocc: number; plcc: number; rmse: number }): string {
  return [srocc, plcc, rmse].map((figure) => figure.toFixed(3)).join(' / ');
}

function span([low, high]: Interval): string {
  return `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
