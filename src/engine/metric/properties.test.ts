/** What must hold of both metrics for any picture: properties, tried on generated pictures of four kinds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocked, blurred, noised, paled } from '../../../test/images/damage.ts';
import { jpegFile } from '../../../test/images/files.ts';
import { gradient, logo, photo, screenshot, storedFor } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, type Pixels } from '../contract.ts';
import { decode } from '../decode.ts';
import { gatedScore } from '../gate.ts';
import { giveEye, takeEye } from './eye.ts';
import { iwssimLevels, prepareIwssim } from './iwssim.ts';
import { estimateJnd } from './jnd.ts';
import { lumaEyes } from './luma-eye.ts';
import { planFor } from './plan.ts';
import { prepareReference } from './ssimulacra2.ts';

/**
 * Points of score that more damage may give back: rounding to bytes can mend what a codec did, by 0.02 points at
 * most of what was tried. The JND of as much is below 0.01.
 */
const SCORE_TOLERANCE = 0.05;
const JND_TOLERANCE = 0.01;
const IWSSIM_TOLERANCE = 1e-6;
/** Points by which a turned picture may differ where all scales halve evenly: sums in another order. */
const TURNED_TOLERANCE = 0.001;
/** In other sizes a mirrored picture meets the halving one pixel off; points that cost on what codecs made of pictures. */
const OFF_GRID_TOLERANCE = 1.5;
/** Share of what is missing to 1 by which a turned IW-SSIM may differ: enlarged parents lie half a pixel to one side. */
const TURNED_SHARE = 0.05;
const TRANSPOSED = 5;
/** Mirrored, transposed, and turned by a quarter either way, as EXIF counts them. */
const TURNS = [2, TRANSPOSED, 6, 8];

const PICTURES: Record<string, (width: number, height: number) => Pixels> = {
  photo,
  screenshot,
  gradient,
  logo,
};
/** Damages with their amounts, each more than the one before. */
const DAMAGES: Record<string, { amounts: number[]; damage(pixels: Pixels, amount: number): Pixels }> = {
  blur: { amounts: [0, 0.3, 0.5, 0.7, 1, 1.5, 2.2], damage: blurred },
  noise: { amounts: [0, 1, 2, 4, 8, 16, 32], damage: noised },
  blocks: { amounts: [0, 0.1, 0.2, 0.4, 0.6, 0.8, 1], damage: blocked },
  colour: { amounts: [0, 0.1, 0.2, 0.4, 0.6, 0.8, 1], damage: paled },
};

interface Seen {
  score: number;
  iwssim: number;
  jnd: number;
}

/** Both metrics of some candidates, and what the network makes of them. */
function look(reference: Pixels, candidates: Pixels[]): Seen[] {
  const [scored, compared] = [prepareReference(reference), prepareIwssim(reference)];
  const seen = candidates.map((candidate) => {
    const judgement = scored.compare(candidate);
    const iwssim = compared.compare(candidate)!;
    return {
      score: gatedScore(judgement),
      iwssim,
      jnd: estimateJnd({ ssimulacra2: judgement.score, iwssim }).jnd,
    };
  });
  scored.release();
  compared.release();
  return seen;
}

function assertNeverBetter(seen: Seen[], what: string): void {
  seen.slice(1).forEach((worse, at) => {
    const better = seen[at]!;
    assert.ok(
      worse.score <= better.score + SCORE_TOLERANCE,
      `${what}: ${better.score} rises to ${worse.score}`,
    );
    assert.ok(worse.jnd >= better.jnd - JND_TOLERANCE, `${what}: ${better.jnd} JND falls to ${worse.jnd}`);
  });
}

for (const [name, { amounts, damage }] of Object.entries(DAMAGES)) {
  test(`more ${name} never gives a picture a higher score or fewer JND`, () => {
    for (const [kind, make] of Object.entries(PICTURES)) {
      const picture = make(256, 192);
      const seen = look(
        picture,
        amounts.map((amount) => damage(picture, amount)),
      );
      assert.equal(seen[0]!.score, 100);
      assertNeverBetter(seen, kind);
      // To colour IW-SSIM is blind.
      if (name === 'colour') continue;
      seen.slice(1).forEach(({ iwssim }, at) => {
        assert.ok(iwssim <= seen[at]!.iwssim + IWSSIM_TOLERANCE, `IW-SSIM of ${kind} rises to ${iwssim}`);
      });
    }
  });
}

test('more noise, blocks or paleness never mends what a JPEG encoder did', async () => {
  // Blur is left out: it does mend blocks.
  for (const make of [photo, screenshot, gradient]) {
    const picture = make(256, 192);
    const encoded = await decode(await jpegFile(picture, { quality: 75 }), DEFAULT_LIMITS);
    for (const name of ['noise', 'blocks', 'colour']) {
      const { amounts, damage } = DAMAGES[name]!;
      const candidates = amounts.map((amount) => damage(encoded, amount));
      assertNeverBetter(look(picture, candidates), `${name} on ${make.name}`);
    }
  }
});

test('turning and mirroring both pictures leaves both metrics as they were', () => {
  for (const make of Object.values(PICTURES)) {
    const picture = make(384, 256);
    for (const damaged of [noised(picture, 8), blocked(picture, 0.3), blurred(picture, 0.8)]) {
      const [upright] = look(picture, [damaged]);
      for (const turn of TURNS) {
        const [turned] = look(storedFor(picture, turn), [storedFor(damaged, turn)]);
        const off = Math.abs(turned!.score - upright!.score);
        assert.ok(off <= TURNED_TOLERANCE, `${make.name} turned ${turn}: ${off}`);
        const share = Math.abs(turned!.iwssim - upright!.iwssim) / Math.max(1e-9, 1 - upright!.iwssim);
        assert.ok(share <= TURNED_SHARE, `IW-SSIM of ${make.name} turned ${turn}: ${share}`);
      }
    }
  }
});

test('in odd sizes too, swapping rows and columns changes nothing and mirroring little', async () => {
  for (const make of [photo, screenshot]) {
    const picture = make(301, 233);
    const encoded = await decode(await jpegFile(picture, { quality: 85 }), DEFAULT_LIMITS);
    const [upright] = look(picture, [encoded]);
    for (const turn of TURNS) {
      const [turned] = look(storedFor(picture, turn), [storedFor(encoded, turn)]);
      const off = Math.abs(turned!.score - upright!.score);
      const tolerance = turn === TRANSPOSED ? TURNED_TOLERANCE : OFF_GRID_TOLERANCE;
      assert.ok(off <= tolerance, `${make.name} turned ${turn}: ${off}`);
    }
  }
});

test('strips of any height give the very numbers of the whole, with and without transparency', () => {
  for (const make of [photo, logo]) {
    const picture = make(301, 187);
    const damaged = noised(picture, 6);
    const [whole, ...strips] = [187, 1, 3, 16, 50].map((stripRows) => {
      const [eye, lumaEye] = [takeEye(), lumaEyes.take()];
      eye.look(picture, 51, planFor(301, 187), stripRows);
      lumaEye.look(picture, 51, iwssimLevels(301, 187), true, stripRows);
      const numbers = [eye.sumErrors(damaged, 51).slice(), lumaEye.losses(damaged, 51)];
      giveEye(eye);
      lumaEyes.give(lumaEye);
      return numbers;
    });
    for (const strip of strips) assert.deepEqual(strip, whole);
  }
});
