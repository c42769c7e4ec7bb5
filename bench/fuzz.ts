/**
 * Damaged copies of the smallest real files of every format through the pool, as a server would meet them: nothing may
 * crash a child or outlive its limits, no result may carry what was appended to its source. `--count` a format.
 */
import { cpus } from 'node:os';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, FIDELITIES } from '../src/engine/contract.ts';
import { EngineFailure } from '../src/engine/failure.ts';
import { createPool, type Pool } from '../src/engine/pool.ts';
import { mutants } from '../test/images/fuzz.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';
import { printTable } from './table.ts';

const FORMATS = ['jpeg', 'png', 'gif', 'webp', 'avif', 'svg', 'pdf', 'tiff-bmp', 'heic'];
/** Damage shows in small files as well as in large ones, and sooner. */
const FILES_A_FORMAT = 3;
const LARGEST_BYTES = 400_000;
const COUNT = 1000;
const SEED = 20_261;
const JOB_TIMEOUT_MS = 60_000;
const MEMORY_BYTES = 2 ** 31;
/** What the fuzzer appends and no picture says. */
const TAILS = ['<?php system(', '<script>alert(1)'];

interface Tally {
  /** How often it ended how. */
  endings: Map<string, number>;
  unsound: string[];
  peakBytes: number;
}

export async function run(args: string[]): Promise<void> {
  const count = Number(flag(args, '--count') ?? COUNT);
  const formats = flag(args, '--only')?.split(',') ?? FORMATS;
  for (const format of formats) {
    const rows: (string | number)[][] = [];
    const all = await readCorpus(`mixed/${format}/*`, flag(args, '--corpus'));
    const small = all.toSorted((a, b) => a.bytes.length - b.bytes.length).slice(0, FILES_A_FORMAT);
    const files = small.filter(({ bytes }, at) => at === 0 || bytes.length <= LARGEST_BYTES);
    const { endings, unsound, peakBytes } = await fuzz(files, Math.ceil(count / files.length));
    for (const [ending, times] of [...endings].sort((a, b) => b[1] - a[1]))
      rows.push([format, ending, times, Math.round(peakBytes / 2 ** 20)]);
    for (const line of unsound) console.log(`${format}: ${line}`);
    if (unsound.length > 0) process.exitCode = 1;
    printTable(['format', 'ending', 'copies', 'peak MB'], rows);
  }
}

async function fuzz(files: CorpusFile[], copiesAFile: number): Promise<Tally> {
  const size = cpus().length;
  const pool = createPool({
    size,
    jobTimeoutMs: JOB_TIMEOUT_MS,
    memoryBytes: MEMORY_BYTES,
    jobsPerChild: 500,
  });
  const tally: Tally = { endings: new Map(), unsound: [], peakBytes: 0 };
  const queue = files.flatMap(({ name, bytes }, at) =>
    mutants(bytes, SEED + at, copiesAFile).map((copy, index) => ({ name: `${name} ${index}`, copy, index })),
  );
  const work = async (): Promise<void> => {
    for (let task = queue.pop(); task; task = queue.pop()) {
      const ending = await endingOf(task.copy, FIDELITIES[task.index % FIDELITIES.length]!, pool);
      tally.endings.set(ending, (tally.endings.get(ending) ?? 0) + 1);
      tally.peakBytes = Math.max(tally.peakBytes, pool.stats().memoryBytes / size);
      if (/^(failed|done with)/.test(ending)) tally.unsound.push(`${task.name}: ${ending}`);
    }
  };
  await Promise.all(Array.from({ length: size }, work));
  await pool.close();
  return tally;
}

async function endingOf(
  bytes: Uint8Array,
  fidelity: (typeof FIDELITIES)[number],
  pool: Pool,
): Promise<string> {
  const options = { ...DEFAULT_OPTIONS, fidelity, limits: { ...DEFAULT_LIMITS, maxPixels: 50_000_000 } };
  try {
    const outcome = await pool.optimize(bytes, options);
    if (outcome.status === 'declined') return `declined: ${outcome.reason}`;
    const carries = outcome.outputs.some(({ data }) =>
      TAILS.some((tail) => Buffer.from(data).includes(tail)),
    );
    return carries ? 'done with the tail of its source' : 'done';
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    return `failed: ${error.code} (${(error.cause as Error)?.message ?? error.message})`;
  }
}
