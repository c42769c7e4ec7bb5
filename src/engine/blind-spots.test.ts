/**
 * What luma-only, averaging IW-SSIM would let pass and people see: the gate must refuse it. Every damage here is first
 * shown to be visible by measures that have nothing to do with the metrics, and to be hidden from IW-SSIM.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bandedSky,
  blemishedBanner,
  castsAndDots,
  fadedColour,
  HORIZON,
  jaggedEdge,
  lostGlow,
  lostText,
  oneDamagedTile,
  type Pair,
  smearedWord,
} from '../../test/images/blind-spots.ts';
import { colourDifference, JUST_NOTICEABLE, luminance } from '../../test/images/colour-difference.ts';
import { pngFile, webpFile } from '../../test/images/files.ts';
import { flat } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_LOSSY_FLOOR, type Judgement, type Pixels } from './contract.ts';
import { gatedScore, mostJnd } from './gate.ts';
import { createJudge } from './judge.ts';
import { iwssimOf } from './metric/iwssim.ts';
import { estimateJnd } from './metric/jnd.ts';
import { measureVisibility } from './visibility.ts';

/** What the network makes of a score at the floor: with IW-SSIM alone, anything less would pass. */
const JND_AT_FLOOR = estimateJnd({ ssimulacra2: DEFAULT_LOSSY_FLOOR, iwssim: null }).jnd;
/** Weber contrast of a long edge that nobody overlooks: seen is about one in a hundred. */
const CLEAR_EDGE = 0.04;

/** What the judge says of the damaged picture, written without loss and judged like any candidate. */
async function judged({ reference, damaged }: Pair, write = pngFile): Promise<Judgement> {
  const judge = createJudge(reference, DEFAULT_LIMITS);
  try {
    return await judge.judge(await write(damaged));
  } finally {
    judge.release();
  }
}

async function assertRefused(pair: Pair, write = pngFile): Promise<void> {
  const score = gatedScore(await judged(pair, write));
  assert.ok(score < DEFAULT_LOSSY_FLOOR, `the gate lets ${score} pass`);
}

async function assertOnlyTheGateRefuses(pair: Pair, write = pngFile): Promise<void> {
  const iwssim = iwssimOf(pair.reference, pair.damaged);
  // A flawless score leaves the network with what IW-SSIM says.
  const { jnd } = estimateJnd({ ssimulacra2: 100, iwssim });
  assert.ok(jnd < JND_AT_FLOOR, `IW-SSIM ${iwssim} is ${jnd} JND, which would not pass`);
  await assertRefused(pair, write);
}

/** At least so many pixels differ, by twice the just noticeable distance in the mean, over a backdrop. */
function assertVisible({ reference, damaged }: Pair, least: number, backdrop?: number): void {
  const { pixels, mean } = colourDifference(reference, damaged, backdrop);
  assert.ok(pixels >= least, `only ${pixels} pixels differ`);
  assert.ok(mean >= 2 * JUST_NOTICEABLE, `by ${mean} in the mean`);
}

/** Mean luminance of each row of the sky, 0 to 1. */
function skyRows(pixels: Pixels): number[] {
  return Array.from({ length: HORIZON }, (_, y) =>
    luminance(pixels, { x: 0, y, width: pixels.width, height: 1 }),
  );
}

test('colour that fades at equal luma is refused', async () => {
  const pair = fadedColour();
  assertVisible(pair, 100_000);
  await assertOnlyTheGateRefuses(pair);
});

test('one damaged tile of a large picture is refused', async () => {
  const pair = oneDamagedTile();
  const { pixels, mean } = colourDifference(pair.reference, pair.damaged);
  assert.ok(pixels > 1000 && pixels <= 48 * 48 && mean > 4, `${pixels} pixels differ by ${mean} in the mean`);
  await assertOnlyTheGateRefuses(pair);
});

test('bands in a soft sky are refused', async () => {
  const pair = bandedSky();
  const jumps = [pair.reference, pair.damaged].map((pixels) => {
    const rows = skyRows(pixels);
    return Math.max(...rows.slice(1).map((row, y) => Math.abs(row / rows[y]! - 1)));
  });
  assert.ok(jumps[0]! < CLEAR_EDGE / 3, `the reference has an edge of ${jumps[0]}`);
  assert.ok(jumps[1]! > CLEAR_EDGE, `the damaged sky has no edge above ${jumps[1]}`);
  await assertOnlyTheGateRefuses(pair);
});

test('a soft edge of transparency that turns jagged is refused, in PNG and WebP', async () => {
  const pair = jaggedEdge();
  for (const backdrop of [0, 255]) assertVisible(pair, 300, backdrop);
  await assertOnlyTheGateRefuses(pair);
  await assertOnlyTheGateRefuses(pair, (pixels) => webpFile(pixels, { lossless: true }));
});

test('text that vanishes because it differed from its paper in colour only is refused', async () => {
  const pair = lostText();
  assertVisible(pair, 1000);
  await assertOnlyTheGateRefuses(pair);
});

test('one smeared word of a page is refused', async () => {
  const pair = smearedWord();
  assertVisible(pair, 100);
  await assertOnlyTheGateRefuses(pair);
});

test('damage to transparency that only one of dark and light shows is refused', async () => {
  for (const [grey, hidden, shown] of [
    [26, 26, 230],
    [230, 230, 26],
  ] as const) {
    const pair = lostGlow(grey);
    assert.equal(colourDifference(pair.reference, pair.damaged, hidden).pixels, 0);
    assertVisible(pair, 10_000, shown);
    await assertRefused(pair);
  }
});

test('an opaque picture that becomes transparent is refused, whatever its grey', async () => {
  for (const grey of [26, 128, 230]) {
    const reference = flat(200, 200, [grey, grey, grey]);
    await assertRefused({ reference, damaged: flat(200, 200, [grey, grey, grey, 0]) });
  }
});

test('what the score, the worst tile and IW-SSIM all let pass is refused for its colour', async () => {
  for (const { name, pair, least } of castsAndDots()) {
    const { score, ...judgement } = await judged(pair);
    assert.ok(gatedScore({ score, ...judgement }) >= DEFAULT_LOSSY_FLOOR, `the score refuses ${name}`);
    const iwssim = iwssimOf(pair.reference, pair.damaged);
    assert.ok(estimateJnd({ ssimulacra2: score, iwssim }).jnd <= mostJnd(DEFAULT_LOSSY_FLOOR), name);
    assertVisible(pair, least);
    const { jnd } = measureVisibility(pair.reference, pair.damaged, score, null);
    assert.ok(jnd > mostJnd(DEFAULT_LOSSY_FLOOR), `${name} is ${jnd} JND`);
  }
});

test('a blemish on a long low banner is not diluted by its length', async () => {
  const pair = blemishedBanner();
  assertVisible(pair, 100);
  const { score, worstTile } = await judged(pair);
  assert.ok(score > DEFAULT_LOSSY_FLOOR, `the whole has ${score}`);
  assert.ok(worstTile.score < DEFAULT_LOSSY_FLOOR, `the worst tile has ${worstTile.score}`);
});
