/** From the vendor's parameters for one image to neutral options. Pure; parameters that mean nothing here are passed over. */
import { FIDELITY_LEVELS, type FidelityLevel } from '../../lib/fidelity-levels.ts';
import type { Submission, SubmissionOptions } from '../dialect.ts';
import type { Refusal } from './codes.ts';
import { type Fields, integer, isSet, list } from './fields.ts';

/** What is to be done with one image. */
export interface Wish {
  options: SubmissionOptions;
  /** WebP and AVIF beside an image cost nothing, and so they do alone. */
  charge: boolean;
  maxOverhead?: Submission['maxOverhead'];
}

/** As close as can be asked for: of a JPEG that is to be made without loss from something else. */
export const NEAR_LOSSLESS_FLOOR = 95;
/** Whoever asks for another format or size gets it, also where it has more bytes; how it looks is judged as ever. */
const ANY_SIZE = 1000;

const LEVELS: Record<number, FidelityLevel> = {
  0: FIDELITY_LEVELS.lossless,
  1: FIDELITY_LEVELS.balanced,
  2: FIDELITY_LEVELS.careful,
};
const MAIN_FORMATS = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png', gif: 'gif' } as const;

export function readWish(fields: Fields): Wish | Refusal {
  if (isSet(fields.bg_remove)) return { code: -207 };
  if ((integer(fields.upscale) ?? 0) > 0)
    return { code: -112, message: 'This server does not upscale images.' };
  const { main, companions } = readConversion(fields.convertto);
  const resize = readResize(fields);
  const changes = resize !== undefined || main === 'jpeg' || main === 'png' || main === 'gif';
  return {
    options: {
      targets: main ? [main, ...companions] : companions,
      // What cannot be written as it is (TIFF, BMP, HEIC) becomes one of these.
      formats: ['jpeg', 'png'],
      ...readFidelity(fields, main),
      metadata: (integer(fields.keep_exif) ?? 0) >= 1 ? 'all' : 'none',
      cmyk: integer(fields.cmyk2rgb) === 0 ? 'keep' : 'convert',
      ...(resize && { resize }),
    },
    charge: main !== null,
    ...(changes && { maxOverhead: ANY_SIZE }),
  };
}

type Main = 'same' | 'jpeg' | 'png' | 'gif' | null;

/** A JPEG cannot be made without loss from something else, and would be declined. */
function readFidelity(fields: Fields, main: Main): Pick<SubmissionOptions, 'fidelity' | 'floor'> {
  const level = LEVELS[integer(fields.lossy) ?? 1] ?? FIDELITY_LEVELS.balanced;
  const isExact = level.fidelity === 'lossless';
  return isExact && main === 'jpeg' ? { fidelity: 'glossy', floor: NEAR_LOSSLESS_FLOOR } : level;
}

/**
 * `+webp` is a companion; `webp` is one too, for which the image itself is left alone (WordPress plugin); `jpg`, `png`
 * and `gif` convert the image. The plus arrives as it is, as `%2B` (SDK), or as the space that a form makes of it; with
 * it alone between them a shell client asks for two (`+webp+avif`).
 */
function readConversion(value: unknown): { main: Main; companions: ('webp' | 'avif')[] } {
  const words = list(value).flatMap(
    (part) => decode(typeof part === 'string' ? part : '').match(/[+\s]?[a-z]+/gi) ?? [],
  );
  const names = words.map((word) => word.replace(/^[+\s]/, '').toLowerCase());
  const companions = (['webp', 'avif'] as const).filter((format) => names.includes(format));
  const converted = names.find((name) => Object.hasOwn(MAIN_FORMATS, name)) as keyof typeof MAIN_FORMATS;
  if (converted) return { main: MAIN_FORMATS[converted], companions };
  const isBeside = words.some((word) => /^[+\s]/.test(word));
  return { main: isBeside || companions.length === 0 ? 'same' : null, companions };
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

const FITS = { 1: 'outside', 3: 'inside', 4: 'cover' } as const;

/** One side alone will do (seen in the vendor's .NET sample); a box to be filled needs both. */
function readResize(fields: Fields): SubmissionOptions['resize'] {
  const fit = FITS[integer(fields.resize) as 1 | 3 | 4] as (typeof FITS)[1 | 3 | 4] | undefined;
  const width = readSide(fields.resize_width);
  const height = readSide(fields.resize_height);
  if (fit === undefined || (width === undefined && height === undefined)) return undefined;
  const sides = { ...(width && { width }), ...(height && { height }) };
  if (fit !== 'cover') return { ...sides, fit };
  return width && height ? { ...sides, fit, gravity: 'smart' } : { ...sides, fit: 'inside' };
}

function readSide(value: unknown): number | undefined {
  const side = integer(value) ?? 0;
  return side > 0 ? Math.min(side, 65_535) : undefined;
}

/** @returns milliseconds; the vendor has 0 to 30 s, clients send 35, too. Clients that say nothing give up after 15 s (WordPress plugin). */
export function readWaitMs(fields: Fields): number {
  return 1000 * Math.min(30, Math.max(0, integer(fields.wait) ?? 0));
}

export function readRefresh(fields: Fields): boolean {
  return isSet(fields.refresh);
}
