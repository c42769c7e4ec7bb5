/**
 * Every GIF of a folder beside gifsicle: our exact result against its `-O3`, and our smallest at a floor against the
 * smallest of its `--lossy` whose every frame reaches the same floor by our judge. Needs `gifsicle`.
 */
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions } from '../src/engine/contract.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { optimize } from '../src/engine/optimize.ts';
import { createPool, type Pool } from '../src/engine/pool.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';
import { isInstalled, type Rival, runRival } from './formats/rivals.ts';
import { type Cell, printMarkdown, printTable } from './table.ts';

const HEAD = [
  'file',
  'floor',
  'source',
  'gifsicle',
  'saved',
  'its level',
  'its score',
  'keeneye',
  'saved',
  'score',
  'CPU s',
];
const FLOORS = [80, 85];
/** Of `--lossy`: noise grows with it, and little is gained beyond. */
const MOST_LEVEL = 200;

/** A result of either side; it is the source itself where nothing better was made. */
interface Result {
  bytes: number;
  score: number;
}

export async function run(args: string[]): Promise<void> {
  if (!isInstalled(gifsicle(null))) throw new Error('gifsicle is not installed');
  const pool = createPool({ size: 1, jobTimeoutMs: 600_000, memoryBytes: 2 ** 33, jobsPerChild: 50 });
  const rows: Cell[][] = [];
  for (const file of await readCorpus(flag(args, '--files') ?? 'mixed/gif/*', flag(args, '--corpus'))) {
    const levels = new Map<number, Result | null>();
    rows.push(await compareExact(file, pool));
    for (const floor of FLOORS) rows.push(await compareAt(floor, file, levels, pool));
  }
  await pool.close();
  (args.includes('--markdown') ? printMarkdown : printTable)(HEAD, rows);
}

async function compareExact(file: CorpusFile, pool: Pool): Promise<Cell[]> {
  const theirs = await resultOf(null, file, pool);
  // At any other score it has changed what is seen, which is no exact result.
  const level = theirs === null ? 'not comparable' : theirs.score === 100 ? '' : 'not exact';
  return [
    file.name,
    'exact',
    ...besides(file, theirs, level),
    ...(await ours(file, { fidelity: 'lossless' })),
  ];
}

async function compareAt(
  floor: number,
  file: CorpusFile,
  levels: Map<number, Result | null>,
  pool: Pool,
): Promise<Cell[]> {
  const [level, theirs] = await highestLevel(floor, file, levels, pool);
  return [file.name, floor, ...besides(file, theirs, level ?? 'none'), ...(await ours(file, { floor }))];
}

/** By halves: what passes beside what does not is taken for the last that does. @param levels that were tried already. */
async function highestLevel(
  floor: number,
  file: CorpusFile,
  levels: Map<number, Result | null>,
  pool: Pool,
): Promise<[number | null, Result | null]> {
  let best: [number, Result] | null = null;
  let [low, high] = [0, MOST_LEVEL + 1];
  while (high - low > 1) {
    const level = (low + high) >> 1;
    if (!levels.has(level)) levels.set(level, await resultOf(level, file, pool));
    const result = levels.get(level)!;
    const passes = result !== null && result.score >= floor;
    if (passes && (best === null || result.bytes < best[1].bytes)) best = [level, result];
    if (passes) low = level;
    else high = level;
  }
  return best ?? [null, null];
}

/** @param level null for what is said to be exact. @returns null where it made nothing that can be compared, as where it leaves out frames. */
async function resultOf(
  level: number | null,
  { name, bytes }: CorpusFile,
  pool: Pool,
): Promise<Result | null> {
  const { data } = runRival(gifsicle(level), bytes);
  if (data === null) return null;
  try {
    const score = gatedScore(await pool.compare(bytes, data, undefined, { limits: DEFAULT_LIMITS }));
    return { bytes: data.length, score };
  } catch (error) {
    console.error(`${name}: not compared, ${(error as Error).message}`);
    return null;
  }
}

async function ours({ bytes }: CorpusFile, over: Partial<OptimizeOptions>): Promise<Cell[]> {
  const before = process.cpuUsage();
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, targets: ['gif'], ...over });
  const { user, system } = process.cpuUsage(before);
  const seconds = ((user + system) / 1e6).toFixed(1);
  if (outcome.status === 'declined') return ['none', '0.0 %', outcome.reason, seconds];
  const output = outcome.outputs[0]!;
  const size = output.data.length;
  return [size, saved(bytes.length, size), gatedScore(output).toFixed(2), seconds];
}

function besides({ bytes }: CorpusFile, theirs: Result | null, level: Cell): Cell[] {
  if (theirs === null) return [bytes.length, 'none', '', level, ''];
  return [bytes.length, theirs.bytes, saved(bytes.length, theirs.bytes), level, theirs.score.toFixed(2)];
}

function saved(before: number, after: number): string {
  return `${((1 - after / before) * 100).toFixed(1)} %`;
}

function gifsicle(level: number | null): Rival {
  const lossy = level === null ? [] : [`--lossy=${level}`];
  return {
    name: 'gifsicle',
    groups: [],
    from: 'gif',
    to: 'gif',
    command: (input, output) => ['gifsicle', '-O3', ...lossy, '-o', output, input],
  };
}
