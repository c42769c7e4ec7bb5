import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EIGHT_COLOURS, gifAnimation, scattered } from '../../../test/images/animated-gif.ts';
import { childPids, peakMemoryOf } from '../../../test/processes.ts';
import { DEFAULT_OPTIONS, type OptimizeOptions } from '../contract.ts';
import { createPool } from '../pool.ts';

const CANVAS = { width: 640, height: 480 };
const PATCH = 24;

/** Small patches that wander over a large canvas: a viewer draws all of it anew with each. */
function wandering(count: number): Uint8Array {
  const frames = Array.from({ length: count }, (_, at) => ({
    x: (at * 37) % (CANVAS.width - PATCH),
    y: (at * 23) % (CANVAS.height - PATCH),
    width: PATCH,
    height: PATCH,
    indices: scattered(PATCH * PATCH, at),
  }));
  return gifAnimation({ ...CANVAS, colours: EIGHT_COLOURS, frames });
}

/** Bytes that a process of its own took at the most to make an animation smaller, with every frame kept. */
async function peakMemory(frames: number, over: Partial<OptimizeOptions>): Promise<number> {
  const pool = createPool({ size: 1, jobTimeoutMs: 120_000, memoryBytes: 2 ** 31, jobsPerChild: 1000 });
  try {
    const outcome = await pool.optimize(wandering(frames), { ...DEFAULT_OPTIONS, gate: 'any', ...over });
    assert.equal(outcome.status === 'done' && outcome.outputs[0]!.frames, frames);
    return peakMemoryOf(childPids(process.pid, 'engine/child')[0]!);
  } finally {
    await pool.close();
  }
}

test('250 frames take less memory than their pixels more than 25 do', {
  skip: process.platform !== 'linux' && 'the peak of a process is told by Linux alone',
}, async (t) => {
  const morePixels = (250 - 25) * CANVAS.width * CANVAS.height * 4;
  for (const target of ['gif', 'webp', 'png'] as const)
    for (const fidelity of ['lossless', 'lossy'] as const)
      await t.test(`as ${target}, ${fidelity}`, async () => {
        const options = { targets: [target], fidelity };
        const [few, many] = [await peakMemory(25, options), await peakMemory(250, options)];
        assert.ok(many - few < morePixels, `${few} bytes for 25 frames, ${many} for 250`);
      });
});
