/**
 * What the search saves: bytes of JPEG, WebP and AVIF at a floor over photographs, against the one
 * fixed quality that is safe for all of them and against sharp's defaults.
 */
import sharp from 'sharp';
import { attempt } from '../src/engine/attempt.ts';
import type { LossyEncoder } from '../src/engine/codecs/codec.ts';
import { CODECS } from '../src/engine/codecs/codecs.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type PixelFormat } from '../src/engine/contract.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { inspect } from '../src/engine/inspect.ts';
import { prepare, release, type Subject } from '../src/engine/subject.ts';
import { flag, readCorpus } from './corpus.ts';
import { mean, printTable } from './table.ts';

const FORMATS = ['jpeg', 'webp', 'avif'] as const satisfies PixelFormat[];

interface Result {
  bytes: number;
  score: number;
  quality: number;
  evaluations: number;
  seconds: number;
}

export async function run(args: string[]): Promise<void> {
  const floor = Number(flag(args, '--floor') ?? DEFAULT_OPTIONS.floor);
  const files = await readCorpus('kodak/*.png', flag(args, '--corpus'));
  const subjects: Subject[] = [];
  for (const { bytes } of files) {
    subjects.push(await prepare(await inspect(bytes, DEFAULT_LIMITS), { ...DEFAULT_OPTIONS, floor }));
  }
  console.log(
    `${files.length} images, floor ${floor}, score = the lower of the whole image and its worst tile`,
  );
  const rows: (string | number)[][] = [];
  for (const format of FORMATS) {
    const found = await each(subjects, (subject) => searched(format, subject));
    const { quality, variant, results: fixed } = await safeForAll(format, subjects, floor);
    const defaults = await each(subjects, (subject) => atDefaults(format, subject));
    rows.push(
      row(format, 'keeneye', found, found),
      row(format, `fixed ${variant} q${quality}`, fixed, found),
      row(format, "sharp's defaults", defaults, found),
    );
  }
  for (const subject of subjects) release(subject);
  printTable(
    ['format', 'method', 'bytes', 'against keeneye', 'lowest score', 'mean score', 'evaluations', 'seconds'],
    rows,
  );
}

async function each(subjects: Subject[], measure: (subject: Subject) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const subject of subjects) results.push(await measure(subject));
  return results;
}

/** Timed from the source's bytes to the final ones, the reference's side of the metric included. */
async function searched(format: PixelFormat, { source, options }: Subject): Promise<Result> {
  const start = performance.now();
  const subject = await prepare(source, options);
  const result = await attempt(format, subject, Number.POSITIVE_INFINITY);
  release(subject);
  if (!('output' in result)) throw new Error(`${format}: nothing reaches the floor`);
  const { data, quality, evaluations } = result.output;
  const seconds = (performance.now() - start) / 1000;
  return { bytes: data.length, score: gatedScore(result.output), quality: quality!, evaluations, seconds };
}

interface Fixed {
  variant: string;
  quality: number;
  results: Result[];
}

/** The lowest single quality at which every image reaches the floor, with whichever of the encoder's variants is smallest. */
async function safeForAll(format: PixelFormat, subjects: Subject[], floor: number): Promise<Fixed> {
  const { lossy, variants } = CODECS[format];
  const safe: Fixed[] = [];
  for (const encoder of [lossy, ...variants]) {
    const fixed = await lowestSafe(encoder, subjects, floor);
    if (fixed) safe.push(fixed);
  }
  return safe.sort((a, b) => sum(a.results) - sum(b.results))[0]!;
}

async function lowestSafe(encoder: LossyEncoder, subjects: Subject[], floor: number): Promise<Fixed | null> {
  let found: Fixed | null = null;
  for (let { min, max } = encoder.qualities; min <= max; ) {
    const quality = Math.floor((min + max) / 2);
    const results = await each(subjects, async ({ pixels, judge }) =>
      judged(await encoder.encode(pixels, quality, 'final'), quality, judge),
    );
    if (results.every(({ score }) => score >= floor)) {
      found = { variant: encoder.variant, quality, results };
      max = quality - 1;
    } else min = quality + 1;
  }
  return found;
}

async function atDefaults(format: PixelFormat, { source, judge }: Subject): Promise<Result> {
  return judged(await sharp(source.bytes).toFormat(format).toBuffer(), 0, judge);
}

async function judged(data: Uint8Array, quality: number, judge: Subject['judge']): Promise<Result> {
  const score = gatedScore(await judge.judge(data));
  return { bytes: data.length, score, quality, evaluations: 0, seconds: 0 };
}

function row(format: string, method: string, results: Result[], ours: Result[]): (string | number)[] {
  const bytes = sum(results);
  return [
    format,
    method,
    bytes,
    `${((100 * bytes) / sum(ours) - 100).toFixed(1)} %`,
    Math.min(...results.map(({ score }) => score)).toFixed(2),
    mean(results.map(({ score }) => score)).toFixed(2),
    results === ours ? mean(results.map(({ evaluations }) => evaluations)).toFixed(2) : '',
    results === ours ? mean(results.map(({ seconds }) => seconds)).toFixed(2) : '',
  ];
}

function sum(results: Result[]): number {
  return results.reduce((total, { bytes }) => total + bytes, 0);
}
