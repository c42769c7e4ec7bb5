/**
 * A second opinion on what ships: Butteraugli, which had no part in choosing it, on the search's outputs at a floor. It
 * is asked here and never by the gate, to notice should results be good in the eyes of our own metric only. It comes
 * with Debian's libjxl tools, which the project does not need; without them there is nothing to measure.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { attempt } from '../src/engine/attempt.ts';
import { openPixels } from '../src/engine/codecs/sharp.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OutputFormat, type Pixels } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { inspect } from '../src/engine/inspect.ts';
import { prepare } from '../src/engine/subject.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';
import { mean, printTable, quantile } from './table.ts';

const TOOL = 'butteraugli_main';
/** Brightness of the assumed screen in cd/m2, the tool's own default: said, because other versions may have another. */
const INTENSITY_TARGET = '80';
/** A 3-norm above this is called visible. */
const VISIBLE = 1.2;
const FLOOR = 90;
const SETS = ['kodak', 'cid22', 'clic'];
const FORMATS = ['jpeg', 'webp', 'avif'] as const satisfies OutputFormat[];
/** Of the outputs with the worst opinion, so many are named. */
const NAMED = 5;

interface Opinion {
  set: string;
  format: OutputFormat;
  image: string;
  /** What the gate saw. */
  score: number;
  /** Butteraugli's distance, pooled by the 3-norm, and the largest anywhere. */
  threeNorm: number;
  largest: number;
}

/** @param args `--floor N`, 90 by default; `--set NAME` for one of the three sets; `--corpus DIR`. */
export async function run(args: string[]): Promise<void> {
  if (!(await isInstalled())) {
    console.log(
      `left out: ${TOOL} is not installed; on Debian and Ubuntu it comes with: apt-get install libjxl-devtools`,
    );
    return;
  }
  const floor = Number(flag(args, '--floor') ?? FLOOR);
  const sets = SETS.filter((set) => [undefined, set].includes(flag(args, '--set')));
  const folder = await mkdtemp(join(tmpdir(), 'keeneye-opinion-'));
  const opinions: Opinion[] = [];
  try {
    for (const set of sets)
      for (const file of await readCorpus(`${set}/*.png`, flag(args, '--corpus')))
        opinions.push(...(await opinionsOn(set, file, floor, folder)));
  } finally {
    await rm(folder, { recursive: true });
  }
  report(opinions, floor, sets);
}

async function isInstalled(): Promise<boolean> {
  try {
    await promisify(execFile)(TOOL);
  } catch (error) {
    // Without arguments it prints its usage and fails; only a missing program has this code.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
  return true;
}

async function opinionsOn(
  set: string,
  { name, bytes }: CorpusFile,
  floor: number,
  folder: string,
): Promise<Opinion[]> {
  const source = await inspect(bytes, DEFAULT_LIMITS);
  const reference = await writePng(await decode(bytes, DEFAULT_LIMITS), join(folder, 'reference.png'));
  const opinions: Opinion[] = [];
  for (const format of FORMATS) {
    const subject = await prepare(source, { ...DEFAULT_OPTIONS, floor });
    const result = await attempt(format, subject, Number.POSITIVE_INFINITY);
    subject.judge.release();
    // 4:2:0, which is all that WebP has, does not reach a high floor on every image.
    if (!('output' in result)) continue;
    const pixels = await decode(result.output.data, DEFAULT_LIMITS);
    const candidate = await writePng(pixels, join(folder, 'candidate.png'));
    const score = gatedScore(result.output);
    opinions.push({ set, format, image: name, score, ...(await butteraugli(reference, candidate)) });
  }
  return opinions;
}

/** Untagged sRGB, which the tool takes for what it is. */
async function writePng(pixels: Pixels, file: string): Promise<string> {
  await writeFile(file, await openPixels(pixels).png({ compressionLevel: 1 }).toBuffer());
  return file;
}

/** It prints the largest distance, and then a line `3-norm: N`. */
async function butteraugli(
  reference: string,
  candidate: string,
): Promise<Pick<Opinion, 'threeNorm' | 'largest'>> {
  const options = ['--intensity_target', INTENSITY_TARGET, '--pnorm', '3'];
  const { stdout } = await promisify(execFile)(TOOL, [reference, candidate, ...options]);
  const [largest, threeNorm] = [/^[\d.]+$/m, /(?<=^3-norm: )[\d.]+$/m].map((line) =>
    Number(line.exec(stdout)?.[0] ?? Number.NaN),
  );
  if (!Number.isFinite(largest) || !Number.isFinite(threeNorm)) {
    throw new Error(`${TOOL} printed something else than expected: ${stdout}`);
  }
  return { largest: largest!, threeNorm: threeNorm! };
}

function report(opinions: Opinion[], floor: number, sets: string[]): void {
  console.log(
    `Butteraugli at ${INTENSITY_TARGET} cd/m2 on outputs at floor ${floor}: 3-norm, and how many exceed ${VISIBLE}`,
  );
  const rows = [...sets, 'all'].flatMap((set) =>
    FORMATS.map((format) => {
      const chosen = opinions.filter((each) => each.format === format && (set === 'all' || each.set === set));
      return row(set, format, chosen);
    }),
  );
  printTable(
    [
      'set',
      'format',
      'images',
      `over ${VISIBLE}`,
      'mean',
      'median',
      'p95',
      'highest',
      'largest, mean',
      'score, mean',
    ],
    rows,
  );
  console.log('the highest:');
  for (const { image, format, threeNorm, score } of opinions
    .toSorted((a, b) => b.threeNorm - a.threeNorm)
    .slice(0, NAMED))
    console.log(`  ${image} ${format}: ${threeNorm.toFixed(3)}, gated score ${score.toFixed(2)}`);
}

function row(set: string, format: OutputFormat, opinions: Opinion[]): (string | number)[] {
  const norms = opinions.map(({ threeNorm }) => threeNorm);
  return [
    set,
    format,
    opinions.length,
    norms.filter((norm) => norm > VISIBLE).length,
    ...[mean(norms), quantile(norms, 0.5), quantile(norms, 0.95), Math.max(...norms)].map((norm) =>
      norm.toFixed(3),
    ),
    mean(opinions.map(({ largest }) => largest)).toFixed(2),
    mean(opinions.map(({ score }) => score)).toFixed(2),
  ];
}
