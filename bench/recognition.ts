/**
 * What it costs to leave searches out, because the source is recognized as well compressed or its sample promises
 * nothing: for copies of photographs at many qualities, as JPEG and WebP, whether a search would have found less
 * than the lossless path does, and how much less.
 */
import sharp from 'sharp';
import { type Attempt, attempt } from '../src/engine/attempt.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS } from '../src/engine/contract.ts';
import { budgetFor } from '../src/engine/gate.ts';
import { inspect } from '../src/engine/inspect.ts';
import { prepare, release } from '../src/engine/subject.ts';
import { flag, readCorpus } from './corpus.ts';
import { mean, printTable } from './table.ts';

const FORMATS = ['jpeg', 'webp'] as const;
type Format = (typeof FORMATS)[number];
const QUALITIES = [40, 50, 60, 65, 70, 75, 80, 85, 90, 95];
const FLOORS = [80, 85, 90];
/** A win is a result smaller than the lossless one, or than the source, by this share of the source. */
const WIN = 0.01;

interface Finding {
  format: Format;
  floor: number;
  quality: number;
  refused: boolean;
  /** Share of the source that only the search saves. */
  gain: number;
}

export async function run(args: string[]): Promise<void> {
  const pattern = flag(args, '--files') ?? 'kodak/*.png';
  const files = await readCorpus(pattern, flag(args, '--corpus'));
  const findings: Finding[] = [];
  for (const { bytes } of files) {
    for (const format of FORMATS) {
      for (const quality of QUALITIES) {
        const copy = await sharp(bytes)[format]({ quality }).toBuffer();
        for (const floor of FLOORS) findings.push(await measure(copy, format, quality, floor));
      }
    }
  }
  console.log(`${files.length} images of ${pattern}: how many searches win, and how much on the mean`);
  printTable(
    ['format', 'floor', ...QUALITIES.map((quality) => `q${quality}`)],
    FORMATS.flatMap((format) => FLOORS.map((floor) => row(findings, format, floor))),
  );
  for (const format of FORMATS) console.log(summary(findings, format));
}

async function measure(copy: Uint8Array, format: Format, quality: number, floor: number): Promise<Finding> {
  const source = await inspect(copy, DEFAULT_LIMITS);
  const options = { ...DEFAULT_OPTIONS, floor };
  const subject = await prepare(source, options);
  const budgetBytes = budgetFor(copy.length, options);
  const shipped = bytesOf(await attempt(format, subject, budgetBytes), copy);
  const refused = subject.judge.evaluations() === 0;
  // Nothing to recognize it by, and no budget to despair of: so the search takes place.
  const blind = { ...subject, source: { ...source, codedQuality: null } };
  const searched = refused ? bytesOf(await attempt(format, blind, Number.POSITIVE_INFINITY), copy) : shipped;
  const lossless = { ...subject, options: { ...options, fidelity: 'lossless' as const } };
  const exact = bytesOf(await attempt(format, lossless, budgetBytes), copy);
  release(subject);
  return { format, floor, quality, refused, gain: (exact - searched) / copy.length };
}

function bytesOf(result: Attempt, copy: Uint8Array): number {
  return 'output' in result ? result.output.data.length : copy.length;
}

function row(findings: Finding[], format: Format, floor: number): string[] {
  const cells = QUALITIES.map((quality) => {
    const those = findings.filter(
      (each) => each.format === format && each.floor === floor && each.quality === quality,
    );
    const wins = those.filter(({ gain }) => gain > WIN);
    const gain = wins.length > 0 ? ` ${(100 * mean(wins.map((each) => each.gain))).toFixed(0)} %` : '';
    return `${wins.length}${gain}${those.some(({ refused }) => refused) ? ' *' : ''}`;
  });
  return [format, String(floor), ...cells];
}

function summary(findings: Finding[], format: Format): string {
  const refused = findings.filter((each) => each.format === format && each.refused);
  const wrong = refused.filter(({ gain }) => gain > WIN);
  const share = (100 * wrong.length) / Math.max(1, refused.length);
  const lost = mean(refused.map(({ gain }) => Math.max(0, gain)));
  return `${format}: ${refused.length} searches left out (*), ${wrong.length} of them wrongly: ${share.toFixed(1)} %, ${(100 * lost).toFixed(2)} % of bytes lost on the mean`;
}
