/** Checks codecs, metric and child processes at once, by the work that they are there for. */
import { deflateSync } from 'node:zlib';
import { writeChunks } from '../../engine/codecs/png/chunks.ts';
import { DEFAULT_OPTIONS, PIXEL_FORMATS } from '../../engine/contract.ts';
import { createPool } from '../../engine/pool.ts';
import { ENGINE_VERSION } from '../../engine/version.ts';
import { sentence } from '../sentence.ts';
import { type Check, fail, ok } from './check.ts';

const SIDE = 64;
const ADVICE =
  'Reinstall with npm ci; on a system without glibc or musl builds of sharp there is no other way yet.';
const LIMITS = { size: 1, jobTimeoutMs: 60_000, memoryBytes: 2 * 1024 ** 3, jobsPerChild: 1 };

export async function checkEngine(): Promise<Check> {
  const pool = createPool(LIMITS);
  try {
    const outcome = await pool.optimize(testImage(), {
      ...DEFAULT_OPTIONS,
      targets: [...PIXEL_FORMATS],
      gate: 'any',
    });
    if (outcome.status === 'declined') return fail('engine', `${outcome.reason}: ${outcome.detail}`, ADVICE);
    const written = outcome.outputs.map(({ format }) => format);
    const missing = PIXEL_FORMATS.filter((format) => !written.includes(format));
    if (missing.length > 0) return fail('engine', `cannot write ${missing.join(', ')}`, ADVICE);
    return ok('engine', `writes and judges ${written.join(', ')}; ${ENGINE_VERSION}`);
  } catch (error) {
    return fail('engine', sentence(error), ADVICE);
  } finally {
    await pool.close();
  }
}

/** A PNG with some structure, so that lossy encoders have something to lose. */
function testImage(): Uint8Array {
  const rows = Array.from({ length: SIDE }, (_, y) => {
    const row = Buffer.alloc(1 + SIDE * 3);
    for (let x = 0; x < SIDE; x += 1) row.set([x * 4, y * 4, ((x ^ y) & 15) * 16], 1 + x * 3);
    return row;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // 8 bits a sample, red green blue.
  header.set([8, 2], 8);
  return writeChunks([
    { type: 'IHDR', data: header },
    { type: 'IDAT', data: deflateSync(Buffer.concat(rows)) },
    { type: 'IEND', data: new Uint8Array() },
  ]);
}
