/** Decides which formats compete for each output that was asked for; makes nothing itself. */
import { CODECS } from './codecs/codecs.ts';
import { hasBinaryAlpha } from './codecs/gif/gif.ts';
import { Decline, PIXEL_FORMATS, type PixelFormat, type Target } from './contract.ts';
import type { Subject } from './subject.ts';

/** The order of trying: a small result found early lets the others give up early. */
const SMALLEST_FIRST: PixelFormat[] = ['avif', 'webp', 'jpeg', 'png', 'gif'];

/**
 * For each target that can hold this image the formats that compete for it, in the order of trying.
 * @throws Decline `unsupported` when no target can.
 */
export function plan(subject: Subject): PixelFormat[][] {
  const wanted = subject.options.targets.map((target) => candidates(target, subject));
  const able = wanted
    .map((formats) =>
      SMALLEST_FIRST.filter((format) => formats.includes(format) && obstacle(format, subject) === null),
    )
    .filter((formats) => formats.length > 0);
  if (able.length > 0) return able;
  if (subject.source.isHdr)
    throw new Decline('would-lose-hdr', 'The image holds high dynamic range; a result would lose it.');
  const obstacles = new Set(wanted.flat().map((format) => obstacle(format, subject)));
  throw new Decline(
    'unsupported',
    `None of the formats asked for can hold this image: ${[...obstacles].join('; ')}.`,
  );
}

function candidates(target: Target, { source, options }: Subject): PixelFormat[] {
  if (target === 'auto') return options.accept;
  if (target !== 'same') return [target];
  const own = PIXEL_FORMATS.find((format) => format === source.facts.format);
  return own ? [own] : options.accept;
}

/** Why a format cannot hold this image at any quality; null when it can. */
function obstacle(format: PixelFormat, { source, pixels, transformed, options }: Subject): string | null {
  const { alpha, binaryAlpha, maxSide, maxPixels = Number.POSITIVE_INFINITY } = CODECS[format];
  const { width, height, channels, inks } = pixels;
  if (source.isHdr && (transformed || options.colours !== undefined || format !== source.facts.format))
    return 'its high dynamic range would be lost';
  if (inks && format !== 'jpeg') return `its inks are to be kept, and ${format} knows no CMYK`;
  if (channels === 4 && !inks && !alpha && !options.background)
    return `it is transparent, and ${format} knows no transparency`;
  if (channels === 4 && !inks && binaryAlpha && options.gate !== 'any' && !hasBinaryAlpha(pixels))
    return `it is half transparent in places, and ${format} shows pixels in full or not at all`;
  const size = `it is ${width} x ${height}`;
  if (Math.max(width, height) > maxSide) return `${size}, and ${format} has at most ${maxSide} pixels a side`;
  if (width * height > maxPixels) return `${size}, and ${format} has at most ${maxPixels} pixels`;
  return null;
}
