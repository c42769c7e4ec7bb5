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
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type PixelFormat, type Pixels } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { inspect } from '../src/engine/inspect.ts';
import { prepare, release } from '../src/engine/subject.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';
import { type Cell, mean, printTable, quantile } from './table.ts';

const TOOL = 'butteraugli_main';
/** Brightness of the assumed screen in cd/m2, the tool's own default: said, because other versions may have another. */
const INTENSITY_TARGET = '80';
/** A 3-norm above this is called visible. */
const VISIBLE = 1.2;
const FLOOR = 90;
const SETS = ['kodak', 'cid22', 'clic'];
const FORMATS = ['jpeg', 'webp', 'avif'] as const satisfies PixelFormat[];
/** Of the outputs with the worst opinion, so many are named. */
const NAMED = 5;

/** Of one image as one format. */
interface Finding {
  set: string;
  format: PixelFormat;
  image: string;
  /** Null where nothing but a lossless result reaches the floor, or nothing at all: 4:2:0 alone does not on every image. */
  opinion: Opinion | null;
}

interface Opinion {
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
  const findings: Finding[] = [];
  try {
    for (const set of sets)
      for (const file of await readCorpus(`${set}/*.png`, flag(args, '--corpus')))
        findings.push(...(await findingsOn(set, file, floor, folder)));
  } finally {
    await rm(folder, { recursive: true });
  }
  report(findings, floor, sets);
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

async function findingsOn(
  set: string,
  { name, bytes }: CorpusFile,
  floor: number,
  folder: string,
): Promise<Finding[]> {
  const source = await inspect(bytes, DEFAULT_LIMITS);
  const reference = await writePng(await decode(bytes, DEFAULT_LIMITS), join(folder, 'reference.png'));
  const findings: Finding[] = [];
  for (const format of FORMATS) {
    const subject = await prepare(source, { ...DEFAULT_OPTIONS, floor });
    const result = await attempt(format, subject, Number.POSITIVE_INFINITY);
    release(subject);
    const finding: Finding = { set, format, image: name, opinion: null };
    if ('output' in result && result.output.quality !== null) {
      const pixels = await decode(result.output.data, DEFAULT_LIMITS);
      const candidate = await writePng(pixels, join(folder, 'candidate.png'));
      const distance = await butteraugli(reference, candidate);
      finding.opinion = { score: gatedScore(result.output), ...distance };
    }
    findings.push(finding);
  }
  return findings;
}

/** Untagged sRGB, which the tool takes for what it is. */
async function writePng(pixels: Pixels, file: string): Promise<string> {
  await writeFile(file, await openPixels(pixels).png({ compressionLevel: 1 }).toBuffer());
  return file;
}

/** It prints the largest distance, and then a line `3-norm: N`. */
async function butteraugli(reference: string, candidate: string): Promise<Omit<Opinion, 'score'>> {
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

function report(findings: Finding[], floor: number, sets: string[]): void {
  console.log(
    `Butteraugli at ${INTENSITY_TARGET} cd/m2 on lossy outputs at floor ${floor}: 3-norm, and how many exceed ${VISIBLE}`,
  );
  const rows = [...sets, 'all'].flatMap((set) =>
    FORMATS.map((format) => {
      const chosen = findings.filter((each) => each.format === format && (set === 'all' || each.set === set));
      return [
        set,
        format,
        ...figures(
          chosen.flatMap(({ opinion }) => opinion ?? []),
          chosen.length,
        ),
      ];
    }),
  );
  printTable(
    [
      'set',
      'format',
      'images',
      'lossy',
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
  for (const { image, format, opinion } of findings.toSorted((a, b) => normOf(b) - normOf(a)).slice(0, NAMED))
    console.log(
      `  ${image} ${format}: ${opinion?.threeNorm.toFixed(3)}, gated score ${opinion?.score.toFixed(2)}`,
    );
}

function normOf({ opinion }: Finding): number {
  return opinion?.threeNorm ?? 0;
}

function figures(opinions: Opinion[], images: number): Cell[] {
  if (opinions.length === 0) return [images, 0, '', '', '', '', '', '', ''];
  const norms = opinions.map(({ threeNorm }) => threeNorm);
  return [
    images,
    norms.length,
    norms.filter((norm) => norm > VISIBLE).length,
    ...[mean(norms), quantile(norms, 0.5), quantile(norms, 0.95), Math.max(...norms)].map((norm) =>
      norm.toFixed(3),
    ),
    mean(opinions.map(({ largest }) => largest)).toFixed(2),
    mean(opinions.map(({ score }) => score)).toFixed(2),
  ];
}
