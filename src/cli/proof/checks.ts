/** What a report claims, held against the files and against a new measurement; pure, so that nothing is taken on trust. */
import { createHash } from 'node:crypto';
import { timesInWords } from '../../engine/codecs/animation.ts';
import { formatOfFile } from '../../engine/codecs/sniff.ts';
import type { Comparison, Tile } from '../../engine/contract.ts';
import { mostJnd } from '../../engine/gate.ts';
import { visibilityOf } from '../../engine/version.ts';
import { type Report, type ReportedOutput, reportVisibility } from '../../lib/report.ts';
import { checkSignature } from '../../lib/signature.ts';
import { describePlace, formatScore } from '../format.ts';

export interface Check {
  name:
    | 'signature'
    | 'signer'
    | 'original'
    | 'optimized'
    | 'format'
    | 'size'
    | 'frames'
    | 'pace'
    | 'lossless'
    | 'score'
    | 'worst tile'
    | 'visibility'
    | 'floor';
  passed: boolean;
  /** What was found. */
  detail: string;
}

/** Scores that differ by no more are the same: the arithmetic is the same, but a report has been through JSON. */
const TOLERANCE = 1e-6;

/** What a JPEG that was turned without loss scores at least. */
const LEAST_OF_TURNED = 95;

/** @param known ids of the keys to trust; null when there are none to compare with. */
export function checkSigner(statement: Record<string, unknown>, known: Set<string> | null): Check[] {
  let key: string;
  try {
    key = checkSignature(statement);
  } catch (error) {
    return [{ name: 'signature', passed: false, detail: (error as Error).message }];
  }
  const signature: Check = { name: 'signature', passed: true, detail: `valid, by the key ${key}` };
  if (known === null) return [signature];
  const passed = known.has(key);
  const detail = passed ? 'the key is one of the key set' : `the key ${key} is not in the key set`;
  return [signature, { name: 'signer', passed, detail }];
}

export function checkOriginal({ input }: Report, bytes: Uint8Array): Check {
  const passed = input.sha256 === sha256(bytes) && input.bytes === bytes.length;
  const detail = passed ? 'is the file of the report' : `is not the file of the report, ${input.sha256}`;
  return { name: 'original', passed, detail };
}

/** @returns the output that the file is, and null when it is none of them. */
export function findOutput({ outputs }: Report, bytes: Uint8Array): ReportedOutput | null {
  const digest = sha256(bytes);
  return outputs.find((output) => output.sha256 === digest && output.bytes === bytes.length) ?? null;
}

export function checkOptimized({ outputs }: Report, output: ReportedOutput | null): Check {
  const named = outputs.map(({ sha256: digest }) => digest).join(', ') || 'none';
  const detail = output ? 'is a file of the report' : `is not a file of the report, which has ${named}`;
  return { name: 'optimized', passed: output !== null, detail };
}

/** Of both files; a report on what was no known image names no format. */
export function checkFormats(
  { input }: Report,
  output: ReportedOutput,
  original: Uint8Array,
  optimized: Uint8Array,
): Check {
  const pairs = [
    [input.format ?? formatOfFile(original), formatOfFile(original)],
    [output.format, formatOfFile(optimized)],
  ];
  const passed = pairs.every(([claimed, found]) => claimed === found);
  const [claimed, found] = [0, 1].map((side) => pairs.map((pair) => pair[side]).join(' to '));
  const detail = passed ? 'as reported' : `reported were ${claimed}`;
  return { name: 'format', passed, detail: `${found}, ${detail}` };
}

/** @param engine the engine that measured now: another build may decode or score a little differently. */
export function checkMeasurement(
  report: Report,
  output: ReportedOutput,
  measured: Comparison,
  engine: string,
): Check[] {
  const other = otherEngine(report.engine, engine);
  const size = `${measured.width} x ${measured.height}`;
  const sameSize = output.width === measured.width && output.height === measured.height;
  const sameScore = isClose(output.score, measured.score);
  const sameTile = isSameTile(output.worstTile, measured.worstTile);
  const against = (same: boolean, claim: string) => (same ? 'as reported' : `reported were ${claim}${other}`);
  return [
    {
      name: 'size',
      passed: sameSize,
      detail: `${size}, ${against(sameSize, `${output.width} x ${output.height}`)}`,
    },
    {
      name: 'score',
      passed: sameScore,
      detail: `${shown(measured.score, sameScore)}, ${against(sameScore, String(output.score))}`,
    },
    {
      name: 'worst tile',
      passed: sameTile,
      detail: `${describeTile(measured.worstTile, sameTile)}, ${against(sameTile, describeTile(output.worstTile, false))}`,
    },
    ...checkFrames(output, measured),
    ...checkPace(measured),
    ...checkLossless(report, output, measured),
    ...checkVisibility(report, output, measured, engine),
    ...checkFloor(report, measured),
  ];
}

/** Older reports do not speak of them. */
function checkFrames({ frames }: ReportedOutput, measured: Comparison): Check[] {
  if (frames === undefined || (frames === 1 && measured.frames === 1)) return [];
  const passed = frames === measured.frames;
  return [
    {
      name: 'frames',
      passed,
      detail: `${measured.frames}, ${passed ? 'as reported' : `reported were ${frames}`}`,
    },
  ];
}

/** No report tells of it: it is that of the original, whatever was asked for. */
function checkPace({ pace }: Comparison): Check[] {
  if (!pace) return [];
  const { seconds, plays, difference } = pace;
  const kept = `${Number(seconds.toFixed(3))} s, ${timesInWords(plays)}, as the original`;
  return [{ name: 'pace', passed: difference === null, detail: difference ?? kept }];
}

/**
 * That what is called lossless shows the same pixels. Turned coefficients of a JPEG are decoded a little differently; drawings
 * and documents have qualities of their own.
 */
function checkLossless(
  { fidelity, floor, options }: Report,
  { format, quality }: ReportedOutput,
  { score }: Comparison,
): Check[] {
  const isAsked = fidelity === 'lossless' && floor === null && options.colours === undefined;
  if (format === 'svg' || format === 'pdf' || !(quality === null || isAsked)) return [];
  const isTurned = format === 'jpeg' && (Boolean(options.turn) || options.upright === true);
  const passed = score >= (isTurned ? LEAST_OF_TURNED : 100);
  return [
    { name: 'lossless', passed, detail: passed ? 'the pixels are the same' : 'the pixels are not the same' },
  ];
}

/**
 * Older reports do not speak of it. Numbers of an engine that measures it otherwise cannot be measured again: what is
 * seen now is told beside them, and whether it is too much is `checkFloor`'s to say.
 */
function checkVisibility(
  { engine: reporter }: Report,
  { iwssim, jnd, visibleProbability }: ReportedOutput,
  { visibility }: Comparison,
  engine: string,
): Check[] {
  if (!jnd) return [];
  const claimed = [iwssim ?? null, jnd.value, jnd.spread, visibleProbability ?? null];
  const { iwssim: found, jnd: estimate, visibleProbability: probability } = reportVisibility(visibility);
  const measured = [found ?? null, estimate!.value, estimate!.spread, probability ?? null];
  const isSame = measured.every((value, at) => isAlike(value, claimed[at]!));
  const [theirs, ours] = [visibilityOf(reporter ?? ''), visibilityOf(engine)];
  const shownJnd = `${estimate!.value.toFixed(2)} JND by ${ours}`;
  const reported = `reported were ${jnd.value} JND`;
  const detail = isSame
    ? 'as reported'
    : theirs === ours
      ? `${reported}${otherEngine(reporter, engine)}`
      : `not to be compared: ${reported} by ${theirs}`;
  return [{ name: 'visibility', passed: isSame || theirs !== ours, detail: `${shownJnd}, ${detail}` }];
}

function otherEngine(reporter: string | null, engine: string): string {
  return reporter === engine ? '' : `; it was made by ${reporter}, this is ${engine}`;
}

/** The promise itself; a caller who took what came was promised nothing. */
function checkFloor({ floor, gate }: Report, { score, worstTile, visibility }: Comparison): Check[] {
  if (floor === null || gate === 'any') return [];
  const passed = Math.min(score, worstTile.score) >= floor && visibility.jnd <= mostJnd(floor);
  return [{ name: 'floor', passed, detail: `${floor}, ${passed ? 'held' : 'not held'}` }];
}

function isSameTile(a: Tile, b: Tile): boolean {
  const samePlace = a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
  const sameImage = a.image?.page === b.image?.page && a.image?.object === b.image?.object;
  return samePlace && sameImage && isClose(a.score, b.score);
}

function isAlike(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : isClose(a, b);
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE;
}

function describeTile(tile: Tile, short: boolean): string {
  return `${shown(tile.score, short)} (${describePlace(tile)})`;
}

/** In full where a difference may be small. */
function shown(score: number, short: boolean): string {
  return short ? formatScore(score) : String(score);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
