/**
 * Damaged copies of the smallest real files of every format, and of generated ones, through the pool, as a server would meet
 * them: nothing may crash a child or outlive its limits, no result may carry what was appended to its source. `--count` a format.
 */
import { cpus } from 'node:os';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, FIDELITIES, type Fidelity } from '../src/engine/contract.ts';
import { EngineFailure } from '../src/engine/failure.ts';
import { createPool, type Pool } from '../src/engine/pool.ts';
import { DAMAGES, type Damage, mutants, TEXT_DAMAGES } from '../test/images/fuzz.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';
import { SEEDS } from './fuzz/seeds.ts';
import { printTable } from './table.ts';

/** Damage shows in small files as well as in large ones, and sooner. */
const FILES_A_FORMAT = 3;
const LARGEST_BYTES = 400_000;
/** Where a format's files are not called by its name. */
const EXTENSIONS: Record<string, string> = {
  jpeg: 'jpg|jpeg',
  tiff: 'tif|tiff',
  bmp: 'bmp|ico',
  heic: 'heic|heif',
};
const COUNT = 1000;
const SEED = 20_261;
const MEMORY_BYTES = 2 ** 31;
/** Formats that are written out in words and digits. */
const TEXTS = ['svg', 'pdf'];
/** What the fuzzer appends and no picture says. */
const TAILS = ['<?php system(', '<script>alert(1)'];

interface Tally {
  /** How often it ended how. */
  endings: Map<string, number>;
  unsound: string[];
  peakBytes: number;
  slowest: { name: string; ms: number };
}

/** A copy that waits for its turn. */
interface Task {
  name: string;
  copy: Uint8Array;
  fidelity: Fidelity;
}

export async function run(args: string[]): Promise<void> {
  const count = Number(flag(args, '--count') ?? COUNT);
  const formats = flag(args, '--only')?.split(',') ?? Object.keys(SEEDS);
  const unknown = formats.filter((format) => !(format in SEEDS));
  if (unknown.length > 0)
    throw new Error(`no such format: ${unknown.join(', ')}; there are ${Object.keys(SEEDS).join(', ')}`);
  for (const format of formats) {
    const files = [...(await realFiles(format, flag(args, '--corpus'))), ...(await generatedFiles(format))];
    const { endings, unsound, peakBytes, slowest } = await fuzz(
      files,
      Math.ceil(count / files.length),
      TEXTS.includes(format) ? TEXT_DAMAGES : DAMAGES,
    );
    const rows = [...endings]
      .sort((a, b) => b[1] - a[1])
      .map(([ending, times]) => [format, files.length, ending, times]);
    printTable(['format', 'files', 'ending', 'copies'], rows);
    console.log(
      `${format}: slowest ${(slowest.ms / 1000).toFixed(1)} s (${slowest.name}), peak ${Math.round(peakBytes / 2 ** 20)} MB a child`,
    );
    for (const line of unsound) console.log(`${format}: ${line}`);
    if (unsound.length > 0) process.exitCode = 1;
  }
}

/** The smallest of the corpus, if there is one. */
async function realFiles(format: string, folder: string | undefined): Promise<CorpusFile[]> {
  const all = await readCorpus(`mixed/*/*.@(${EXTENSIONS[format] ?? format})`, folder).catch(
    (error: unknown) => {
      if (folder) throw error;
      return [];
    },
  );
  if (all.length === 0) console.error(`${format}: no files in the corpus, generated ones only`);
  const small = all.toSorted((a, b) => a.bytes.length - b.bytes.length).slice(0, FILES_A_FORMAT);
  return small.filter(({ bytes }) => bytes.length <= LARGEST_BYTES);
}

async function generatedFiles(format: string): Promise<CorpusFile[]> {
  const files = await Promise.all(SEEDS[format]!());
  return files.map((bytes, at) => ({ name: `generated ${at}`, bytes }));
}

async function fuzz(files: CorpusFile[], copiesAFile: number, damages: Damage[]): Promise<Tally> {
  const size = cpus().length;
  const pool = createPool({
    size,
    jobTimeoutMs: DEFAULT_LIMITS.jobTimeMs,
    memoryBytes: MEMORY_BYTES,
    jobsPerChild: 500,
  });
  const tally: Tally = { endings: new Map(), unsound: [], peakBytes: 0, slowest: { name: '', ms: 0 } };
  const queue: Task[] = files.flatMap(({ name, bytes }, at) =>
    mutants(bytes, SEED + at, copiesAFile, damages).map((copy, index) => ({
      name: `${name} ${index}`,
      copy,
      fidelity: FIDELITIES[Math.floor(index / damages.length) % FIDELITIES.length]!,
    })),
  );
  const work = async (): Promise<void> => {
    for (let task = queue.pop(); task; task = queue.pop()) {
      await settle(task, pool, tally);
      tally.peakBytes = Math.max(tally.peakBytes, pool.stats().memoryBytes / size);
    }
  };
  await Promise.all(Array.from({ length: size }, work));
  await pool.close();
  return tally;
}

async function settle({ name, copy, fidelity }: Task, pool: Pool, tally: Tally): Promise<void> {
  const start = performance.now();
  const ending = await endingOf(copy, fidelity, pool);
  const ms = performance.now() - start;
  if (ms > tally.slowest.ms) tally.slowest = { name, ms };
  tally.endings.set(ending, (tally.endings.get(ending) ?? 0) + 1);
  if (/^(failed|done with)/.test(ending)) tally.unsound.push(`${name}: ${ending}`);
}

async function endingOf(bytes: Uint8Array, fidelity: Fidelity, pool: Pool): Promise<string> {
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
