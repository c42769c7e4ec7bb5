/** `keeneye compare`: how far one image is from another, as a person would see it. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Pace } from '../engine/codecs/animation.ts';
import { type Comparison, DEFAULT_LOSSY_FLOOR, type Tile, type Visibility } from '../engine/contract.ts';
import { mostJnd } from '../engine/gate.ts';
import type { Pool } from '../engine/pool.ts';
import { writeAtomically } from './atomic-write.ts';
import { openPool } from './engine-pool.ts';
import { EXIT } from './exit-codes.ts';
import { describePlace, formatScore } from './format.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { numberFrom } from './options.ts';
import { readNamedFile } from './read-file.ts';
import { sentence } from './sentence.ts';
import { abortOnInterrupt, terminal } from './terminal.ts';

const DESCRIPTION =
  flow(`Scores CANDIDATE against REFERENCE by SSIMULACRA 2.1: 100 is identical, 90 cannot be told
apart, 85 is Keeneye's default floor, below 50 the damage is plain. Both are compared as shown:
upright, in sRGB, transparent parts over dark and over light. It passes when neither the whole
image nor its worst tile of 256 x 256 pixels is below the floor, and at most half of all careful
viewers should see a difference (at low floors more). Of animations (GIF, PNG and WebP) every
frame is compared, the worst one counts, and each must appear when it does in the reference; of two PDFs every image that differs, and all else must be the same.
High dynamic range has no score: such a PNG is only ever found to be the same as another, or not compared.

A heat map shows where they differ, in colours over the dimmed reference: the score that the image
would have if every pixel erred like this one. Its scale is the same for all, so that two can be compared.`);

const JSON_HELP = `
With --json, one line:
  {"ssimulacra2":86.1,"worstTile":{"x":0,"y":128,"width":256,"height":256,"score":85.2},
   "visibility":{"jnd":0.21,"spread":0.23,"probability":0.11,"iwssim":0.9987},
   "verdict":"pass","floor":85,"width":768,"height":512,"frames":1,"worstFrame":1,"pace":null}`;

interface Verdict {
  ssimulacra2: number;
  worstTile: Tile;
  visibility: Visibility;
  verdict: 'pass' | 'fail';
  floor: number;
  width: number;
  height: number;
  frames: number;
  worstFrame: number;
  pace: Pace | null;
}

interface CompareFlags {
  floor: number;
  heatmap?: string;
  json?: true;
}

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .summary('score one image against another')
    .description(DESCRIPTION)
    .argument('<reference>', 'the original image')
    .argument('<candidate>', 'the image to be judged, of the same size')
    .addOption(
      new Option('--floor <score>', 'lowest score that passes')
        .argParser(numberFrom(-1000, 100))
        .default(DEFAULT_LOSSY_FLOOR),
    )
    .option('--heatmap <file>', 'write a heat map of the differences, as a PNG')
    .option('--json', 'print one line of JSON at full precision')
    .addHelpText('after', JSON_HELP)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'the candidate passes'],
        [EXIT.failed, 'the candidate is below the floor'],
        [EXIT.usage, 'the images cannot be read or compared, or the command line makes no sense'],
      ]),
    )
    .action(runCompare);
}

async function runCompare(referencePath: string, candidatePath: string, flags: CompareFlags): Promise<void> {
  const signal = abortOnInterrupt();
  const pool = openPool(1);
  try {
    if ([referencePath, candidatePath].some((path) => flags.heatmap && isSame(path, flags.heatmap)))
      throw new Error('--heatmap names one of the images that it is to be drawn from.');
    const [reference, candidate] = [await readNamedFile(referencePath), await readNamedFile(candidatePath)];
    const comparison = judge(await pool.compare(reference, candidate, signal), flags.floor);
    if (flags.heatmap !== undefined) await writeHeatmap(flags.heatmap, pool, [reference, candidate], signal);
    terminal.print(flags.json ? JSON.stringify(comparison) : describe(comparison));
    process.exitCode = comparison.verdict === 'pass' ? EXIT.ok : EXIT.failed;
  } catch (error) {
    // Not 1: that would say that the images were compared and differ.
    process.exitCode = signal.aborted ? signal.reason : EXIT.usage;
    if (!signal.aborted) terminal.complain(sentence(error));
  } finally {
    await pool.close();
  }
}

async function writeHeatmap(
  path: string,
  pool: Pool,
  [reference, candidate]: [Uint8Array, Uint8Array],
  signal: AbortSignal,
): Promise<void> {
  const png = await pool.heatmap(reference, candidate, signal);
  try {
    await writeAtomically(path, png, { mode: 0o644, replace: true });
  } catch (error) {
    throw new Error(`${path}: ${sentence(error)}`, { cause: error });
  }
}

function isSame(path: string, other: string): boolean {
  return resolve(path) === resolve(other);
}

function judge({ score, worstTile, ...rest }: Comparison, floor: number): Verdict {
  const { visibility, width, height, frames, worstFrame, pace } = rest;
  const isSeen = score < floor || worstTile.score < floor || visibility.jnd > mostJnd(floor);
  const passes = !isSeen && !pace?.difference;
  const verdict = passes ? 'pass' : 'fail';
  return {
    ssimulacra2: score,
    worstTile,
    visibility,
    verdict,
    floor,
    width,
    height,
    frames,
    worstFrame,
    pace,
  };
}

function describe({ ssimulacra2, worstTile, visibility, verdict, floor, ...rest }: Verdict): string {
  return [
    ...(rest.frames > 1 ? [`worst frame     ${rest.worstFrame} of ${rest.frames}`] : []),
    `SSIMULACRA 2.1  ${formatScore(ssimulacra2)}`,
    `worst tile      ${formatScore(worstTile.score)}  (${describePlace(worstTile)})`,
    `visible         to ${percent(visibility.probability)} of careful viewers (${visibility.jnd.toFixed(2)} JND)`,
    ...(rest.pace ? [`pace            ${rest.pace.difference ?? 'as the reference'}`] : []),
    `verdict         ${verdict}, floor ${floor}`,
  ].join('\n');
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
