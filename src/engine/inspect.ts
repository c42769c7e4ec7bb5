/**
 * Reads what a file says of itself and refuses what the engine must not decode, before any pixel is
 * decoded: other formats, broken containers, bombs, animations, high dynamic range.
 */
import { createHash } from 'node:crypto';
import { readAvifHeader } from './codecs/avif/header.ts';
import { readBmpHeader } from './codecs/bmp/header.ts';
import { readGifHeader } from './codecs/gif/header.ts';
import type { Header } from './codecs/header.ts';
import { readHeicHeader } from './codecs/heic/heic.ts';
import { readIcoHeader } from './codecs/ico/header.ts';
import { readJpegHeader } from './codecs/jpeg/header.ts';
import { readPngHeader } from './codecs/png/header.ts';
import { sniff } from './codecs/sniff.ts';
import { isSrgbProfile } from './codecs/srgb-profile.ts';
import { readTiffHeader } from './codecs/tiff/header.ts';
import { readWebpHeader } from './codecs/webp/header.ts';
import { Decline, type InputFormat, type Limits, type SourceFacts, type Transforms } from './contract.ts';
import { readPdfHeader } from './pdf/header.ts';
import type { Presentation } from './presentation.ts';
import { readSvgHeader } from './svg/drawing.ts';

/** A file that may be decoded. Of the header, width and height are as stored; `facts` has them upright. */
export interface Source extends Header {
  facts: SourceFacts;
  bytes: Uint8Array;
  limits: Limits;
  /** Whether the colours are in another space than sRGB, so that dropping the profile would change them. */
  wideGamut: boolean;
  /** Whether `bytes` are not the file itself but a PNG in its place (`carry.ts`). */
  isCarried?: boolean;
  /** Where it is part of a document. */
  presentation?: Presentation;
}

const KNOWN = 'JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP, ICO, HEIC, SVG and PDF';
/** Where a lossless path carries along what says how bright the light is. */
const KEEPS_HDR: InputFormat[] = ['png'];

type HeaderReader = (bytes: Uint8Array, limits: Limits) => Header;

const READERS: Record<InputFormat, HeaderReader> = {
  jpeg: readJpegHeader,
  png: (bytes, { maxIccBytes }) => readPngHeader(bytes, maxIccBytes),
  webp: readWebpHeader,
  avif: readAvifHeader,
  gif: readGifHeader,
  tiff: readTiffHeader,
  bmp: readBmpHeader,
  ico: (bytes, { maxIccBytes }) => readIcoHeader(bytes, maxIccBytes),
  heic: readHeicHeader,
  svg: readSvgHeader,
  pdf: readPdfHeader,
};

/**
 * @param frames whether the first frame or page may stand for the whole.
 * @throws Decline `unsupported`, `corrupt`, `too-large`, `would-lose-animation` or `would-lose-hdr`.
 */
export async function inspect(
  bytes: Uint8Array,
  limits: Limits,
  frames: Transforms['frames'] = 'all',
): Promise<Source> {
  const source = await inspectFrames(bytes, limits);
  if (frames === 'all') checkStill(source);
  return source;
}

/**
 * As `inspect`, but of any number of frames within the limits.
 * @throws Decline as `inspect` does, but for `would-lose-animation`.
 */
export async function inspectFrames(bytes: Uint8Array, limits: Limits): Promise<Source> {
  const format = recognize(bytes);
  const header = readHeader(bytes, format, limits);
  // A page has no pixels; what a PDF may hold is bounded where it is read.
  if (format !== 'pdf') checkLimits(header, limits);
  if (header.isHdr && !KEEPS_HDR.includes(format))
    throw new Decline('would-lose-hdr', 'The image holds high dynamic range; a result would lose it.');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    ...header,
    facts: { format, bytes: bytes.length, ...uprightSize(header), sha256, orientation: header.orientation },
    bytes,
    limits,
    wideGamut: await isWideGamut(header),
  };
}

function recognize(bytes: Uint8Array): InputFormat {
  const sniffed = sniff(bytes);
  if ('format' in sniffed) return sniffed.format;
  const what = bytes.length === 0 ? 'empty' : (sniffed.stranger ?? 'not an image that Keeneye knows');
  throw new Decline('unsupported', `This file is ${what}; ${KNOWN} are read.`);
}

function readHeader(bytes: Uint8Array, format: InputFormat, limits: Limits): Header {
  try {
    return READERS[format](bytes, limits);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Decline('corrupt', `The ${format.toUpperCase()} ends within its header.`);
    throw error;
  }
}

function checkLimits(
  { width, height, pages, embedded }: Header,
  { maxPixels, maxSide, maxIccBytes, maxFrames, maxFramePixels }: Limits,
): void {
  if (width * height > maxPixels) {
    throw new Decline(
      'too-large',
      `The image has ${width} x ${height} pixels; at most ${maxPixels} are read.`,
    );
  }
  if (Math.max(width, height) > maxSide) {
    throw new Decline(
      'too-large',
      `The image is ${width} x ${height}; at most ${maxSide} pixels a side are read.`,
    );
  }
  if (pages > maxFrames || width * height * pages > maxFramePixels) {
    throw new Decline(
      'too-large',
      `The image has ${pages} frames of ${width} x ${height} pixels; at most ${maxFrames}, and ${maxFramePixels} pixels together, are read.`,
    );
  }
  if (embedded.icc && embedded.icc.length > maxIccBytes) {
    throw new Decline(
      'too-large',
      `The colour profile has ${embedded.icc.length} bytes; at most ${maxIccBytes} are read.`,
    );
  }
}

/** @throws Decline `would-lose-animation`, or `unsupported` of pages. */
export function checkStill({ pages, facts }: Source): void {
  if (facts.format === 'pdf') return;
  if (pages > 1 && facts.format === 'tiff')
    throw new Decline('unsupported', `The TIFF has ${pages} pages; a result would show one.`);
  if (pages > 1)
    throw new Decline('would-lose-animation', `The image has ${pages} frames; a result would show one.`);
}

function uprightSize({ width, height, orientation }: Header): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

async function isWideGamut({ embedded, encoding, colour }: Header): Promise<boolean> {
  if (encoding) return true;
  if (!embedded.icc || colour === 'cmyk') return false;
  return !(await isSrgbProfile(embedded.icc, colour));
}
