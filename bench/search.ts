/**
 * How well the search does: metric evaluations per image and format, and how far the quality it chose
 * lies from the exhaustive optimum (the smallest file among all qualities that reaches the floor).
 */
import { attempt } from '../src/engine/attempt.ts';
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

interface Finding {
  format: OutputFormat;
  evaluations: number;
  steps: number;
  passed: boolean;
}

export async function run(args: string[]): Promise<void> {
  const files = await readCorpus('kodak/*.png', flag(args, '--corpus'));
  const floor = Number(flag(args, '--floor') ?? DEFAULT_OPTIONS.floor);
  const findings: Finding[] = [];
  for (const { name, bytes } of files) {
    const source = await inspect(bytes, DEFAULT_LIMITS);
    for (const format of FORMATS) {
      const subject = await prepare(source, { ...DEFAULT_OPTIONS, floor });
      const finding = await measure(format, subject, args.includes('--full'));
      subject.judge.release();
      findings.push(finding);
      if (!finding.passed || finding.steps > 2) console.log(name, JSON.stringify(finding));
    }
  }
  console.log(`floor ${floor}, ${files.length} images, per format:`);
  printTable(
    ['format', 'evaluations (mean)', 'p95', 'steps off (mean)', 'within 2 steps', 'below floor'],
    FORMATS.map((format) =>
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
  const { quality, evaluations } = result.output;
  const passed = gatedScore(result.output) >= subject.options.floor;
  const optimum = await exhaustiveOptimum(format, subject, quality!, full);
  return { format, evaluations, steps: Math.abs(quality! - optimum), passed };
}

async function exhaustiveOptimum(
  format: OutputFormat,
  subject: Subject,
  chosen: number,
  full: boolean,
): Promise<number> {
  const { lossy } = CODECS[format];
  const low = full ? lossy.qualities.min : Math.max(lossy.qualities.min, chosen - WINDOW.below);
  const high = full ? lossy.qualities.max : Math.min(lossy.qualities.max, chosen + WINDOW.above);
  let best = { quality: chosen, bytes: Number.POSITIVE_INFINITY };
  for (let quality = low; quality <= high; quality++) {
    const data = await lossy.encode(subject.pixels, quality, 'search');
    if (gatedScore(await subject.judge.judge(data)) < subject.options.floor) continue;
    if (data.length < best.bytes) best = { quality, bytes: data.length };
  }
  return best.quality;
}

function row(format: OutputFormat, findings: Finding[]): (string | number)[] {
  const evaluations = findings.map((finding) => finding.evaluations);
  const steps = findings.map((finding) => finding.steps);
  const share = steps.filter((step) => step <= 2).length / steps.length;
  return [
    format,
    mean(evaluations).toFixed(2),
    quantile(evaluations, 0.95),
    mean(steps).toFixed(2),
    `${(100 * share).toFixed(1)} %`,
    findings.filter((finding) => !finding.passed).length,
  ];
}
