/**
 * How well the search does: metric evaluations per image and format, and how far the quality it chose
 * lies from the exhaustive optimum (the smallest file among all qualities that passes the gates). On files that the
 * search was not trained on.
 */
import { attempt } from '../src/engine/attempt.ts';
import type { LossyEncoder } from '../src/engine/codecs/codec.ts';
import { CODECS } from '../src/engine/codecs/codecs.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type PixelFormat } from '../src/engine/contract.ts';
import { gatedScore, mostJnd } from '../src/engine/gate.ts';
import { inspect } from '../src/engine/inspect.ts';
import { prepare, release, type Subject } from '../src/engine/subject.ts';
import { flag, readCorpus } from './corpus.ts';
import { mean, printTable, quantile } from './table.ts';

const FORMATS: PixelFormat[] = ['jpeg', 'webp', 'avif'];
const FLOORS = [80, 85, 90];
/** How far around the chosen quality every quality is tried, unless `--full` asks for all of 1 to 100. */
const WINDOW = { below: 12, above: 8 };

interface Finding {
  format: PixelFormat;
  floor: number;
  evaluations: number;
  chosen: string;
  optimum: string;
  /** How much larger than the optimum, in hundredths. */
  excess: number;
  passed: boolean;
}

interface Optimum {
  encoder: LossyEncoder;
  quality: number;
  bytes: number;
}

export async function run(args: string[]): Promise<void> {
  const pattern = flag(args, '--files') ?? 'kodak/*.png';
  const files = await readCorpus(pattern, flag(args, '--corpus'));
  const floors = flag(args, '--floor') ? [Number(flag(args, '--floor'))] : FLOORS;
  const formats = FORMATS.filter((format) =>
    [undefined, format].includes(flag(args, '--format') as PixelFormat),
  );
  const findings: Finding[] = [];
  for (const { name, bytes } of files) {
    const source = await inspect(bytes, DEFAULT_LIMITS);
    for (const floor of floors) {
      for (const format of formats) {
        const subject = await prepare(source, { ...DEFAULT_OPTIONS, floor });
        const finding = await measure(format, subject, args.includes('--full'));
        release(subject);
        if (!finding) continue;
        findings.push(finding);
        if (finding.excess > 5) console.log(name, JSON.stringify(finding));
      }
    }
  }
  console.log(`${files.length} images of ${pattern}`);
  printTable(
    ['format', 'floor', 'images', 'evaluations (mean)', 'most', 'excess bytes (mean)', 'p95', 'below floor'],
    formats.flatMap((format) =>
      floors.map((floor) => row(findings.filter((each) => each.format === format && each.floor === floor))),
    ),
  );
}

/** Null where nothing lossy reaches the floor. */
async function measure(format: PixelFormat, subject: Subject, full: boolean): Promise<Finding | null> {
  const { floor } = subject.options;
  const result = await attempt(format, subject, Number.POSITIVE_INFINITY);
  if (!('output' in result) || result.output.quality === null) return null;
  const { quality, evaluations, encoder, data } = result.output;
  const optimum = await exhaustiveOptimum(format, subject, quality, full);
  const best = await optimum.encoder.encode(subject.pixels, optimum.quality, 'final');
  return {
    format,
    floor,
    evaluations,
    chosen: `${encoder.split(' ').at(-1)} ${quality}`,
    optimum: `${optimum.encoder.variant} ${optimum.quality}`,
    excess: 100 * (data.length / best.length - 1),
    passed: gatedScore(result.output) >= floor,
  };
}

async function exhaustiveOptimum(
  format: PixelFormat,
  subject: Subject,
  chosen: number,
  full: boolean,
): Promise<Optimum> {
  const { lossy, variants } = CODECS[format];
  let best: Optimum = { encoder: lossy, quality: chosen, bytes: Number.POSITIVE_INFINITY };
  for (const encoder of [lossy, ...variants]) {
    const { min, max } = encoder.qualities;
    const low = full ? min : Math.max(min, chosen - WINDOW.below);
    const high = full ? max : Math.min(max, chosen + WINDOW.above);
    for (let quality = low; quality <= high; quality++) {
      const data = await encoder.encode(subject.pixels, quality, 'search');
      if (data.length >= best.bytes) break;
      const judgement = await subject.judge.judge(data);
      if (gatedScore(judgement) < subject.options.floor) continue;
      const { jnd } = await subject.judge.visibility(data, judgement.score);
      if (jnd > mostJnd(subject.options.floor)) continue;
      best = { encoder, quality, bytes: data.length };
    }
  }
  return best;
}

function row(findings: Finding[]): (string | number)[] {
  const { format, floor } = findings[0]!;
  const evaluations = findings.map((finding) => finding.evaluations);
  const excess = findings.map((finding) => finding.excess);
  return [
    format,
    floor,
    findings.length,
    mean(evaluations).toFixed(2),
    Math.max(...evaluations),
    `${mean(excess).toFixed(2)} %`,
    `${quantile(excess, 0.95).toFixed(1)} %`,
    findings.filter(({ passed }) => !passed).length,
  ];
}
