/**
 * How well the search does: metric evaluations per image and format, and how far the quality it chose
 * lies from the exhaustive optimum (the smallest file among all qualities that reaches the floor).
 */
import { attempt } from '../src/engine/attempt.ts';
import type { LossyEncoder } from '../src/engine/codecs/codec.ts';
import { CODECS } from '../src/engine/codecs/codecs.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OutputFormat } from '../src/engine/contract.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { inspect } from '../src/engine/inspect.ts';
import { prepare, type Subject } from '../src/engine/subject.ts';
import { flag, readCorpus } from './corpus.ts';
import { mean, printTable, quantile } from './table.ts';

const FORMATS: OutputFormat[] = ['jpeg', 'webp', 'avif'];
/** How far around the chosen quality every quality is tried, unless `--full` asks for all of 1 to 100. */
const WINDOW = { below: 12, above: 8 };

/** Reported for a chosen variant (JPEG 4:2:0 or 4:4:4) that is not the optimum's. */
const OTHER_VARIANT = 100;

interface Finding {
  format: OutputFormat;
  evaluations: number;
  steps: number;
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
  const files = await readCorpus('kodak/*.png', flag(args, '--corpus'));
  const floor = Number(flag(args, '--floor') ?? DEFAULT_OPTIONS.floor);
  const formats = FORMATS.filter((format) =>
    [undefined, format].includes(flag(args, '--format') as OutputFormat),
  );
  const findings: Finding[] = [];
  for (const { name, bytes } of files) {
    const source = await inspect(bytes, DEFAULT_LIMITS);
    for (const format of formats) {
      const subject = await prepare(source, { ...DEFAULT_OPTIONS, floor });
      const finding = await measure(format, subject, args.includes('--full'));
      subject.judge.release();
      findings.push(finding);
      if (!finding.passed || finding.steps > 2) console.log(name, JSON.stringify(finding));
    }
  }
  console.log(`floor ${floor}, ${files.length} images, per format:`);
  printTable(
    ['format', 'evaluations (mean)', 'p95', 'excess bytes (mean %)', 'within 2 steps', 'below floor'],
    formats.map((format) =>
      row(
        format,
        findings.filter((finding) => finding.format === format),
      ),
    ),
  );
}

async function measure(format: OutputFormat, subject: Subject, full: boolean): Promise<Finding> {
  const result = await attempt(format, subject, Number.POSITIVE_INFINITY);
  if (!('output' in result)) throw new Error(`${format}: nothing reaches the floor`);
  const { quality, evaluations, encoder, data } = result.output;
  const passed = gatedScore(result.output) >= subject.options.floor;
  const optimum = await exhaustiveOptimum(format, subject, quality!, full);
  const sameVariant = encoder.endsWith(optimum.encoder.variant);
  const steps = sameVariant ? Math.abs(quality! - optimum.quality) : OTHER_VARIANT;
  const best = await optimum.encoder.encode(subject.pixels, optimum.quality, 'final');
  return { format, evaluations, steps, excess: 100 * (data.length / best.length - 1), passed };
}

async function exhaustiveOptimum(
  format: OutputFormat,
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
      if (gatedScore(await subject.judge.judge(data)) < subject.options.floor) continue;
      best = { encoder, quality, bytes: data.length };
    }
  }
  return best;
}

function row(format: OutputFormat, findings: Finding[]): (string | number)[] {
  const evaluations = findings.map((finding) => finding.evaluations);
  const steps = findings.map((finding) => finding.steps);
  const share = steps.filter((step) => step <= 2).length / steps.length;
  return [
    format,
    mean(evaluations).toFixed(2),
    quantile(evaluations, 0.95),
    mean(findings.map(({ excess }) => excess)).toFixed(2),
    `${(100 * share).toFixed(1)} %`,
    findings.filter((finding) => !finding.passed).length,
  ];
}
