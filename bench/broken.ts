/**
 * Runs every broken file through the pool as a server would, in two fidelities, and counts what must
 * be zero: child crashes, hangs over 10 s, outputs made from a truncated source.
 */
import { cpus } from 'node:os';
import sharp from 'sharp';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type Fidelity } from '../src/engine/contract.ts';
import { EngineFailure } from '../src/engine/failure.ts';
import { createPool, type Pool } from '../src/engine/pool.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';

const HANG_MS = 10_000;
const FIDELITIES: Fidelity[] = ['lossless', 'lossy'];

export async function run(args: string[]): Promise<void> {
  const folder = flag(args, '--corpus');
  const files = [
    ...(await readCorpus('broken/jpeg/*', folder)),
    ...(await readCorpus('broken/png/*', folder)),
  ];
  const size = cpus().length;
  const pool = createPool({ size, jobTimeoutMs: HANG_MS, memoryBytes: 2 ** 31, jobsPerChild: 200 });
  const counts = new Map<string, number>();
  const unsound: string[] = [];
  const queue = files.flatMap((file) => FIDELITIES.map((fidelity) => ({ file, fidelity })));
  const total = queue.length;
  const next = async (): Promise<void> => {
    for (let task = queue.pop(); task; task = queue.pop()) {
      const ending = await endingOf(task.file, task.fidelity, pool);
      counts.set(ending, (counts.get(ending) ?? 0) + 1);
      if (/crashed|timeout|out-of-memory|truncated/.test(ending))
        unsound.push(`${task.file.name} ${task.fidelity}: ${ending}`);
    }
  };
  await Promise.all(Array.from({ length: size }, next));
  await pool.close();
  console.log(`${files.length} broken files, ${total} jobs`);
  for (const [ending, count] of [...counts].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(6)}  ${ending}`);
  for (const line of unsound) console.log(line);
  if (unsound.length > 0) process.exitCode = 1;
}

async function endingOf({ bytes }: CorpusFile, fidelity: Fidelity, pool: Pool): Promise<string> {
  const options = { ...DEFAULT_OPTIONS, fidelity, limits: { ...DEFAULT_LIMITS, maxPixels: 50_000_000 } };
  try {
    const outcome = await pool.optimize(bytes, options);
    if (outcome.status === 'declined') return `declined: ${outcome.reason}`;
    return (await decodesCleanly(bytes)) ? 'done' : 'done from a truncated source';
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    return `failed: ${error.code} (${(error.cause as Error)?.message ?? error.message})`;
  }
}

/** Judged by a decoder that refuses everything it would warn about. */
async function decodesCleanly(bytes: Uint8Array): Promise<boolean> {
  return sharp(bytes, { failOn: 'warning' })
    .stats()
    .then(
      () => true,
      () => false,
    );
}
