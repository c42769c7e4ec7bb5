import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lowestPassing } from './frame-search.ts';

/** Bytes and points as a frame has them: both rise with quality, with steps and dips on the way. */
function unsteady(quality: number, seed: number) {
  const noise = Math.sin(quality * 12.9898 + seed) * 4;
  return { bytes: 1000 + quality * 20 + noise * 5, margin: (quality - 60) * 0.6 + noise };
}

async function searched(frame: (quality: number) => { bytes: number; margin: number }, start: number) {
  const tried: number[] = [];
  const found = await lowestPassing(
    async (quality) => {
      tried.push(quality);
      return frame(quality);
    },
    start,
    8,
  );
  return { found, tried };
}

describe('the search for the quality of a frame', () => {
  it('finds what passes in no more than a few tries, wherever it begins, though scores go up and down', async () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const start of [1, 40, 75, 100]) {
        const { found, tried } = await searched((quality) => unsteady(quality, seed), start);
        assert.ok(found && found.margin >= 0, `${seed} ${start}: ${tried}`);
        assert.ok(tried.length <= 8 && new Set(tried).size === tried.length, `${tried}`);
        assert.ok(tried.every((quality) => quality >= 1 && quality <= 100));
      }
    }
  });

  it('comes close to the fewest bytes that pass', async () => {
    let [ours, least] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const all = Array.from({ length: 100 }, (_, at) => unsteady(at + 1, seed));
      least += Math.min(...all.filter(({ margin }) => margin >= 0).map(({ bytes }) => bytes));
      ours += (await searched((quality) => unsteady(quality, seed), 75)).found!.bytes;
    }
    assert.ok(ours < least * 1.05, `${ours / least}`);
  });

  it('takes the smallest of what passed, not the last', async () => {
    const { found, tried } = await searched(
      (quality) => ({ bytes: quality === 75 ? 500 : 900, margin: quality - 70 }),
      75,
    );
    assert.equal(found!.quality, 75, `${tried}`);
  });

  it('finds nothing where nothing passes, and gives up at once where a frame cannot be encoded', async () => {
    const { found, tried } = await searched((quality) => ({ bytes: quality, margin: -30 }), 75);
    assert.equal(found, null);
    assert.equal(tried.at(-1), 100);
    assert.equal(await lowestPassing(async () => null, 75, 8), null);
  });
});
