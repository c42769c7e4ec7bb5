/**
 * What people are shown to find out what they see: a part of an image, encoded again and again at differences
 * around the visible, and once damaged for all to see. Who is shown what, and when, is not known here.
 */
import type { Codec } from './codecs/codec.ts';
import { CODECS } from './codecs/codecs.ts';
import { openPixels } from './codecs/sharp.ts';
import {
  Decline,
  type Limits,
  type PixelFormat,
  type Pixels,
  type Tile,
  type Visibility,
} from './contract.ts';
import { decode } from './decode.ts';
import { prepareReference, type Reference } from './metric/ssimulacra2.ts';
import { damage } from './stimuli/damage.ts';
import { crop, meanByPart, placeOfMost } from './stimuli/place.ts';
import { measureVisibility } from './visibility.ts';

export interface StimuliOptions {
  formats: PixelFormat[];
  /** Estimated differences to aim at, in JND. */
  levels: number[];
  /** Longest side of what is shown, in pixels. */
  side: number;
  /** Which of the nine parts (see `stimuli/place.ts`) the damaged version is damaged in. */
  damagedPart: number;
  limits: Limits;
}

export interface Stimuli {
  /** What is shown of the image: a rectangle of it as displayed, in pixels. */
  area: { x: number; y: number; width: number; height: number };
  /** All images are PNG without metadata, of the area's size, in sRGB. */
  reference: Uint8Array;
  candidates: Candidate[];
  damaged: Uint8Array;
}

/** An encode of the reference, and what the metrics say of the difference. */
export interface Candidate {
  png: Uint8Array;
  format: PixelFormat;
  encoder: string;
  quality: number;
  /** Bytes of the encode; the PNG has more. */
  bytes: number;
  score: number;
  worstTile: Tile;
  visibility: Visibility;
  /** Mean error in each of the nine parts: where the metric sees the difference. */
  parts: number[];
}

/** IW-SSIM needs 176 (see visibility.ts), and a part must be large enough to be pointed at. */
const LEAST_SIDE = 200;
/** The quality of JPEG at which the place with most to see is looked for. */
const SCOUT_QUALITY = 60;
/** A difference this close to the level, as a ratio, is as good as the level itself. */
const CLOSE = 1.05;

/** @throws Decline when the image cannot be decoded, is too small or has transparency. */
export async function makeStimuli(bytes: Uint8Array, options: StimuliOptions): Promise<Stimuli> {
  const image = await decode(bytes, options.limits);
  if (image.channels === 4)
    throw new Decline(
      'unsupported',
      'The image has transparency: what is seen would depend on what lies below.',
    );
  if (Math.min(image.width, image.height) < LEAST_SIDE)
    throw new Decline('unsupported', `The image is too small: both sides must have ${LEAST_SIDE} pixels.`);
  const area = placeOfMost(await scout(image, options.limits), image, options.side);
  const shown = crop(image, area);
  return {
    area,
    reference: await toPng(shown),
    candidates: await encodeLadders(shown, options),
    damaged: await toPng(await damage(shown, options.damagedPart, options.limits)),
  };
}

/** Where a plain JPEG of the whole image would differ, pixel by pixel. */
async function scout(image: Pixels, limits: Limits): Promise<Float32Array> {
  const candidate = await CODECS.jpeg.lossy.encode(image, SCOUT_QUALITY, 'search');
  const reference = prepareReference(image);
  try {
    return reference.errorMap(await decode(candidate, limits));
  } finally {
    reference.release();
  }
}

async function encodeLadders(
  shown: Pixels,
  { formats, levels, limits }: StimuliOptions,
): Promise<Candidate[]> {
  const reference = prepareReference(shown);
  try {
    const candidates: Candidate[] = [];
    for (const format of formats) {
      const at = encodesOf(CODECS[format], shown, reference, limits);
      for (const encode of await ladder(at, levels, CODECS[format].lossy.qualities)) {
        candidates.push(await toCandidate(CODECS[format], encode, reference));
      }
    }
    return candidates;
  } finally {
    reference.release();
  }
}

interface Encode {
  quality: number;
  bytes: number;
  pixels: Pixels;
  score: number;
  worstTile: Tile;
  visibility: Visibility;
}

/** Measures each quality once. */
function encodesOf(codec: Codec, shown: Pixels, reference: Reference, limits: Limits) {
  const measured = new Map<number, Encode>();
  return async (quality: number): Promise<Encode> => {
    const known = measured.get(quality);
    if (known) return known;
    const data = await codec.lossy.encode(shown, quality, 'final');
    const pixels = await decode(data, limits);
    const { score, worstTile } = reference.compare(pixels);
    const visibility = measureVisibility(shown, pixels, score, codec.format);
    const encode = { quality, bytes: data.length, pixels, score, worstTile, visibility };
    measured.set(quality, encode);
    return encode;
  };
}

/** The encodes nearest to the levels, each once: of a flat image several levels may lead to the same. */
async function ladder(
  at: (quality: number) => Promise<Encode>,
  levels: number[],
  qualities: { min: number; max: number },
): Promise<Encode[]> {
  const found = new Map<number, Encode>();
  for (const level of levels) {
    const encode = await nearest(at, level, qualities);
    found.set(encode.quality, encode);
  }
  return [...found.values()];
}

/** By bisection: a higher quality never looks worse on the whole. */
async function nearest(
  at: (quality: number) => Promise<Encode>,
  level: number,
  { min, max }: { min: number; max: number },
): Promise<Encode> {
  let [worse, better] = [min, max];
  while (better - worse > 1) {
    const middle = Math.floor((worse + better) / 2);
    const encode = await at(middle);
    if (ratio(encode, level) < CLOSE) return encode;
    if (encode.visibility.jnd > level) worse = middle;
    else better = middle;
  }
  const [below, above] = [await at(worse), await at(better)];
  return ratio(below, level) < ratio(above, level) ? below : above;
}

function ratio({ visibility: { jnd } }: Encode, level: number): number {
  return Math.max(jnd / level, level / jnd);
}

async function toCandidate(codec: Codec, encode: Encode, reference: Reference): Promise<Candidate> {
  const { pixels, ...measured } = encode;
  return {
    ...measured,
    png: await toPng(pixels),
    format: codec.format,
    encoder: `${codec.encoder} ${codec.lossy.variant}`,
    parts: meanByPart(reference.errorMap(pixels), pixels),
  };
}

function toPng(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer();
}
