import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateWith } from '../../../src/engine/metric/jnd.ts';
import { JND_MODEL } from '../../../src/engine/metric/jnd-weights.ts';
import type { CandidateFacts } from '../../../src/studies/study.ts';
import { mean } from '../statistics.ts';
import { checkViewers, readJudgments } from './judgments.ts';
import { thresholdOf } from './psychometric.ts';
import { recalibrateBy, thresholdInterval } from './recalibration.ts';
import { metricsBy, type Simulation, simulateStudy, USUAL } from './simulated-study.ts';

const asTrained = { ...JND_MODEL, recalibration: null };
const estimate = ({ score, visibility }: CandidateFacts) =>
  estimateWith(asTrained, { ssimulacra2: score, iwssim: visibility.iwssim }).jnd;
const metricsFor = metricsBy(estimate);
const simulate = (wish: Partial<Simulation>) => simulateStudy({ ...USUAL, ...wish }, metricsFor);
const recalibrate = (wish: Partial<Simulation>) => recalibrateBy([simulate(wish)], estimate, null, 1);

for (const threshold of [0.5, 0.75, 1, 1.5, 2]) {
  test(`a known threshold of ${threshold} JND is recovered, clickers and lapses notwithstanding`, () => {
    const fits = [1, 2, 3, 4, 5, 6].map(
      (seed) => recalibrate({ threshold, viewers: 16, clickers: 4, seed }).fit!,
    );
    const errors = fits.map(({ curve }) => Math.log(thresholdOf(curve) / threshold));
    // Sixteen viewers on twelve images: their own spread leaves a standard deviation of about 0.1.
    assert.ok(
      errors.every((error) => Math.abs(error) < 0.3),
      errors.join(' '),
    );
    assert.ok(Math.abs(mean(errors)) < 0.15, `${mean(errors)}`);
    for (const { habits } of fits) assert.ok(habits.guess < 0.1 && habits.lapse < 0.1);
  });
}

test('the interval that is told holds the known threshold', () => {
  const { judgments, fit } = recalibrate({ threshold: 1.5, viewers: 10, clickers: 2, seed: 2 });
  const [low, high] = thresholdInterval(judgments, 1);
  assert.ok(low < 1.5 && 1.5 < high, `${low} to ${high}`);
  assert.ok(low < thresholdOf(fit!.curve) && thresholdOf(fit!.curve) < high);
  assert.ok(high / low < 1.9, `${low} to ${high}`);
});

test('whoever answers without looking is dropped, and hardly anybody else', () => {
  const study = simulate({ viewers: 60, clickers: 60, seed: 3 });
  const dropped = checkViewers(readJudgments([study], estimate)).map((viewer) => viewer.dropped !== null);
  assert.equal(dropped.slice(60).filter(Boolean).length, 60);
  assert.ok(dropped.slice(0, 60).filter(Boolean).length <= 6);
});

test('dropped viewers change nothing in what is learned', () => {
  const [alone, among] = [0, 30].map((clickers) => recalibrate({ viewers: 12, clickers, seed: 5 }));
  assert.deepEqual(among!.fit, alone!.fit);
});

test('the rule for dropping: one wrong check in five is let pass, more is not, and too few cannot be judged', () => {
  const study = simulate({ viewers: 1, trials: 60, guess: 0, lapse: 0, seed: 9 });
  const kindOf = new Map(study.pairs.map(({ pair, kind }) => [pair, kind]));
  const withWrong = (kind: string, count: number) => {
    const wrong = study.answers.filter(({ pair }) => kindOf.get(pair) === kind).slice(0, count);
    const answers = study.answers.map((each) =>
      wrong.includes(each)
        ? {
            ...each,
            answer: kind === 'identical' ? ('different' as const) : ('same' as const),
            part: kind === 'identical' ? 0 : null,
          }
        : each,
    );
    return checkViewers(readJudgments([{ ...study, answers }], estimate))[0]!.dropped;
  };
  assert.equal(withWrong('identical', 1), null);
  assert.match(withWrong('identical', 2)!, /where there are none/);
  assert.equal(withWrong('damaged', 1), null);
  assert.match(withWrong('damaged', 2)!, /nobody misses/);
  const few = { ...study, answers: study.answers.slice(0, 12) };
  assert.match(checkViewers(readJudgments([few], estimate))[0]!.dropped!, /too few/);
});

test('who sees the damage but points elsewhere has not seen it', () => {
  const study = simulate({ viewers: 1, guess: 0, lapse: 0, seed: 9 });
  const damaged = new Map(study.pairs.map(({ pair, damagedPart }) => [pair, damagedPart]));
  const answers = study.answers.map((each) => {
    const part = damaged.get(each.pair);
    return part === null || part === undefined
      ? each
      : { ...each, answer: 'different' as const, part: (part + 1) % 9 };
  });
  assert.match(checkViewers(readJudgments([{ ...study, answers }], estimate))[0]!.dropped!, /nobody misses/);
});

test('viewers who see half of what the model believes are learned from, and it ships', () => {
  const { refusals, comparisons, recalibration, fit } = recalibrate({ threshold: 2, viewers: 16, seed: 2 });
  assert.deepEqual(refusals, []);
  for (const { gain, interval } of comparisons) assert.ok(gain > 0 && interval[0] > 0);
  assert.ok(recalibration!.scale < 0.75 && fit!.curve.scale < 0.75, `${recalibration!.scale}`);
  const { viewers, dropped, answers } = recalibration!.studies[0]!;
  assert.equal(viewers + dropped, 16);
  assert.equal(answers, viewers * 48);
});

test('viewers who see what the model says change next to nothing, and nothing ships', () => {
  const shipped = [1, 2, 3, 4, 5, 6].map(
    (seed) => recalibrate({ viewers: 8, imageSpread: 0, seed }).refusals.length === 0,
  );
  assert.ok(shipped.filter(Boolean).length <= 1);
});

test('a format that people see sooner than the others gets a factor above theirs', () => {
  const { fit, refusals } = recalibrate({ viewers: 24, images: 20, thresholds: { webp: 0.6 }, seed: 4 });
  assert.deepEqual(refusals, []);
  const { webp, jpeg, avif } = fit!.curve.formats;
  assert.ok(webp! / Math.sqrt(jpeg! * avif!) > 1.3, JSON.stringify(fit!.curve.formats));
});

test('answers that say nothing make the model worse, and are refused', () => {
  const study = simulate({ viewers: 12, seed: 6 });
  const kindOf = new Map(study.pairs.map(({ pair, kind }) => [pair, kind]));
  const answers = study.answers.map((each, at) => {
    if (kindOf.get(each.pair) !== 'candidate') return each;
    // What each viewer says depends on the viewer alone.
    const different = each.viewer % 2 === 0;
    return {
      ...each,
      answer: different ? ('different' as const) : ('same' as const),
      part: different ? at % 9 : null,
    };
  });
  const { refusals } = recalibrateBy([{ ...study, answers }], estimate, null, 1);
  assert.ok(refusals.length > 0);
});

test('too few viewers, images or answers are refused, each by name', () => {
  const { refusals, fit } = recalibrate({ viewers: 3, images: 3, trials: 20 });
  assert.equal(fit, null);
  assert.equal(refusals.length, 3);
  assert.match(refusals.join(' '), /viewers who passed the checks .* images .* answers about candidates/);
});

test('what ships now is not replaced by what does worse on answers that neither has seen', () => {
  const [first, second] = [11, 12].map((seed) => simulate({ threshold: 2, viewers: 16, seed }));
  const shipped = recalibrateBy([first!], estimate, null, 1).recalibration!;
  const alone = recalibrateBy([second!], estimate, shipped, 1);
  assert.match(alone.refusals.join(' '), /rests on study simulated 11 too/);
  const perfect = { ...shipped, scale: 0.5, power: 1, formats: {} };
  const both = recalibrateBy([first!, second!], estimate, perfect, 1);
  assert.equal(both.againstShipped.length, 2);
  const lost = { ...shipped, scale: 3, power: 1, formats: {} };
  const better = recalibrateBy([first!, second!], estimate, lost, 1);
  for (const { gain } of better.againstShipped) assert.ok(gain > 0.05, `${gain}`);
  assert.deepEqual(better.refusals, []);
});

test('the same study twice is refused, and the same answers give the same model', () => {
  const study = simulate({ threshold: 2, seed: 8 });
  assert.match(recalibrateBy([study, study], estimate, null, 1).refusals.join(' '), /given twice/);
  assert.deepEqual(recalibrateBy([study], estimate, null, 1), recalibrateBy([study], estimate, null, 1));
});
