/**
 * The report: what was measured on the bytes that were delivered, as server and command line write it before
 * they sign it. It grows by members; a reader passes over those that it does not know.
 */

import { RESIZED_FLOORS } from './fidelity-levels.ts';

export const REPORT_TYPE = 'keeneye-report/1';

export interface Report {
  type: typeof REPORT_TYPE;
  /** The server's job; the command line has none. */
  job?: string;
  status: 'done' | 'declined';
  reason: string | null;
  detail: string | null;
  /** Engine, encoders and their versions; null when no engine looked. */
  engine: string | null;
  fidelity: string | null;
  /** Null for lossless work, which has none unless what was resized could not be kept exactly. */
  floor: number | null;
  /** `any`: the caller took what came, larger than the original or below the floor. */
  gate: 'smaller' | 'any';
  /** What was asked for, defaults filled in. */
  options: Record<string, unknown>;
  input: ReportedInput;
  outputs: ReportedOutput[];
  /** ISO 8601. */
  createdAt: string;
  finishedAt: string | null;
  /** How long the engine worked, in milliseconds. */
  engineMs: number | null;
}

/** Width, height and format are null where the bytes are no image that is known. */
export interface ReportedInput {
  bytes: number;
  width: number | null;
  height: number | null;
  format: string | null;
  sha256: string;
}

interface Resizing {
  crop?: object;
  resize?: object;
  imageDpi?: number;
}

/** @returns for lossless work null, unless a resized image's format could not hold it exactly: then what it was held to at least. */
export function reportedFloor(
  { fidelity, floor, ...asked }: { fidelity?: string; floor?: number } & Resizing,
  outputs: Pick<ReportedOutput, 'format' | 'quality'>[],
): number | null {
  if (fidelity !== 'lossless') return floor ?? null;
  // The quality of a drawing is its number of decimals.
  const isExact = outputs.every(({ format, quality }) => quality === null || format === 'svg');
  return isExact || !(asked.crop || asked.resize || asked.imageDpi) ? null : RESIZED_FLOORS.at(-1)!;
}

/** How visible a difference is to people, as it is measured. */
export interface Visibility {
  /** Just noticeable differences. */
  jnd: number;
  /** Standard deviation to expect of `jnd`. */
  spread: number;
  /** Probability, 0 to 1, that a careful viewer sees any difference. */
  probability: number;
  /** Null for images that are too small for it. */
  iwssim: number | null;
}

/** How visible a difference is to people, as a report says it. */
export interface ReportedVisibility {
  iwssim: number | null;
  jnd: { value: number; spread: number };
  visibleProbability: number;
}

/** @returns members for an output; none where nothing was measured. */
export function reportVisibility(visibility: Visibility | null): Partial<ReportedVisibility> {
  if (!visibility) return {};
  const { jnd, spread, probability, iwssim } = visibility;
  return { iwssim, jnd: { value: jnd, spread }, visibleProbability: probability };
}

/** The part of an image that scored lowest. */
export interface ReportedTile {
  x: number;
  y: number;
  width: number;
  height: number;
  score: number;
  /** Of a document, the image that the tile is part of. */
  image?: PlacedImage;
}

/** Where an image of the original document is found. */
export interface PlacedImage {
  /** The first page that leads to it, counted from 1; null where none does. */
  page: number | null;
  object: number;
}

export interface ReportedOutput extends Partial<ReportedVisibility> {
  format: string;
  bytes: number;
  width: number;
  height: number;
  /** Of an animation; 1 of still images, pages of documents. Reports on older results have none. */
  frames?: number;
  sha256: string;
  /** SSIMULACRA 2.1. */
  score: number;
  worstTile: ReportedTile;
  encoder: string;
  /** The encoder's setting; null for a lossless result. */
  quality: number | null;
  /** Candidates that the metric judged. */
  evaluations: number;
}
