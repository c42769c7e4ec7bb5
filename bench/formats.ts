/**
 * What every format gains at every fidelity, beside other people's tools on the same files: bytes saved, the lowest
 * score that a result has, CPU time and peak memory. Every result is decoded again and compared with its original.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DEFAULT_LIMITS, type Fidelity, type Outcome } from '../src/engine/contract.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { inspectFrames } from '../src/engine/inspect.ts';
import { createPool, type Pool } from '../src/engine/pool.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';
import { FIDELITIES, GROUPS, type Group, optionsFor } from './formats/groups.ts';
import type { Made, Order } from './formats/optimize-files.ts';
import { isInstalled, RIVALS, type Rival, runRival } from './formats/rivals.ts';
import { type Cell, printMarkdown, printTable } from './table.ts';

const HEAD = ['format', 'method', 'files', 'smaller', 'saved', 'lowest score', 'CPU s/MP', 'peak MB'];
const CHILD = fileURLToPath(new URL('./formats/optimize-files.ts', import.meta.url));

/** What became of one file. */
interface Result {
  sourceBytes: number;
  /** Null where the original stays. */
  bytes: number | null;
  /** Of the worst tile of the worst frame; null where the original stays, or nothing can be compared. */
  score: number | null;
}

export async function run(args: string[]): Promise<void> {
  const only = flag(args, '--only')?.split(',');
  const pool = createPool({ size: 1, jobTimeoutMs: 600_000, memoryBytes: 2 ** 33, jobsPerChild: 50 });
  const print = args.includes('--markdown') ? printMarkdown : printTable;
  for (const group of GROUPS.filter(({ name }) => !only || only.includes(name))) {
    const files = await readCorpus(group.pattern, flag(args, '--corpus'));
    const megapixels = await sizeOf(files);
    const rows: Cell[][] = [];
    for (const fidelity of FIDELITIES) rows.push(await measure(group, fidelity, files, megapixels, pool));
    for (const rival of RIVALS.filter(({ groups }) => groups.includes(group.name)).filter(isInstalled))
      rows.push(await measureRival(group, rival, files, megapixels, pool));
    print(HEAD, rows);
  }
  await pool.close();
}

/** Megapixels of all frames, by the headers of the files that are read. */
async function sizeOf(files: CorpusFile[]): Promise<number> {
  const sizes = files.map(async ({ bytes }) => {
    const { width, height, pages } = await inspectFrames(bytes, DEFAULT_LIMITS);
    return width * height * pages;
  });
  const known = (await Promise.allSettled(sizes)).flatMap((size) =>
    size.status === 'fulfilled' ? [size.value] : [],
  );
  return known.reduce((sum, each) => sum + each, 0) / 1e6;
}

async function measure(
  group: Group,
  fidelity: Fidelity,
  files: CorpusFile[],
  megapixels: number,
  pool: Pool,
): Promise<Cell[]> {
  const order = { files: files.map(({ bytes }) => bytes), options: optionsFor(group, fidelity) };
  const { outcomes, cpuSeconds, peakBytes } = await optimizeApart(order);
  const results: Result[] = [];
  for (const [at, outcome] of outcomes.entries()) results.push(await verify(files[at]!, outcome, pool));
  return row(group.name, `keeneye ${fidelity}`, results, cpuSeconds / megapixels, peakBytes);
}

async function verify(file: CorpusFile, outcome: Outcome, pool: Pool): Promise<Result> {
  const sourceBytes = file.bytes.length;
  if (outcome.status === 'declined') {
    console.error(`${file.name}: ${outcome.reason}, ${outcome.detail}`);
    return { sourceBytes, bytes: null, score: null };
  }
  const [output] = outcome.outputs;
  return { sourceBytes, bytes: output!.data.length, score: await scoreOf(file, output!.data, pool) };
}

async function measureRival(
  group: Group,
  rival: Rival,
  files: CorpusFile[],
  megapixels: number,
  pool: Pool,
): Promise<Cell[]> {
  const results: Result[] = [];
  let cpuSeconds = 0;
  let peakBytes: number | null = 0;
  for (const file of files) {
    const made = runRival(rival, file.bytes);
    cpuSeconds += made.cpuSeconds;
    peakBytes = made.peakBytes === null || peakBytes === null ? null : Math.max(peakBytes, made.peakBytes);
    const isSmaller = made.data !== null && made.data.length < file.bytes.length;
    const score = isSmaller ? await scoreOf(file, made.data!, pool) : null;
    results.push({ sourceBytes: file.bytes.length, bytes: isSmaller ? made.data!.length : null, score });
  }
  return row(group.name, rival.name, results, cpuSeconds / megapixels, peakBytes);
}

/** Null, and a complaint, where the two cannot be compared: other sizes or numbers of frames, or what does not decode. */
async function scoreOf(file: CorpusFile, data: Uint8Array, pool: Pool): Promise<number | null> {
  try {
    return gatedScore(await pool.compare(file.bytes, data, undefined, { limits: DEFAULT_LIMITS }));
  } catch (error) {
    console.error(`${file.name}: not compared, ${(error as Error).message}`);
    return null;
  }
}

function row(
  format: string,
  method: string,
  results: Result[],
  cpuSecondsPerMegapixel: number,
  peakBytes: number | null,
): Cell[] {
  const before = results.reduce((sum, { sourceBytes }) => sum + sourceBytes, 0);
  const after = results.reduce((sum, { sourceBytes, bytes }) => sum + (bytes ?? sourceBytes), 0);
  const smaller = results.filter(({ bytes }) => bytes !== null).length;
  const scores = results.flatMap(({ score }) => (score === null ? [] : [score]));
  return [
    format,
    method,
    results.length,
    smaller,
    `${((1 - after / before) * 100).toFixed(1)} %`,
    scores.length > 0 ? Math.min(...scores).toFixed(1) : '',
    cpuSecondsPerMegapixel.toFixed(2),
    peakBytes === null ? '' : Math.round(peakBytes / 2 ** 20),
  ];
}

function optimizeApart(order: Order): Promise<Made> {
  const child = fork(CHILD, { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', (made) => resolve(made as Made));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the child ended with ${code} and no answer`)));
    child.send(order);
  });
}
