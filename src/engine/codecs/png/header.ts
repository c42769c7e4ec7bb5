/** Reads a PNG's header, colour chunks and metadata, and checks that every chunk is whole. */
import { inflateSync } from 'node:zlib';
import { Decline } from '../../contract.ts';
import { corrupt, latin1, viewOf } from '../bytes.ts';
import { type ColourEncoding, encodingOfCicp, encodingOfGamma, isHdrTransfer } from '../colour-encoding.ts';
import { type Density, densityOf, INCHES_PER_METRE } from '../density.ts';
import { exifOrientation } from '../exif.ts';
import { type Embedded, EVERYTHING_PLAIN, type Header } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import { exifDensity } from '../metadata/exif-policy.ts';
import { isAnimatedPng, readApngFrames } from './animation.ts';
import { type Chunk, findChunk, readChunks, XMP_KEYWORD } from './chunks.ts';

/** Bit depths that each colour type allows (PNG third edition, table 8). */
const BIT_DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** How large a compressed packet may become. */
const MOST_XMP_BYTES = 4 << 20;

/**
 * @param maxInflatedBytes how large a compressed profile may become
 * @throws Decline `corrupt` or `too-large`.
 */
export function readPngHeader(bytes: Uint8Array, maxInflatedBytes: number): Header {
  const chunks = readChunks(bytes);
  const header = viewOf(chunks[0]!.data);
  const [width, height, bitDepth, colourType] = [
    header.getUint32(0),
    header.getUint32(4),
    header.getUint8(8),
    header.getUint8(9),
  ];
  if (width === 0 || height === 0) throw corrupt('The PNG says that it has no pixels.');
  if (!BIT_DEPTHS[colourType]?.includes(bitDepth)) throw corrupt('The PNG header contradicts itself.');
  if (!findChunk(chunks, 'IDAT')) throw corrupt('The PNG has no image in it.');
  const embedded = embeddedIn(chunks, maxInflatedBytes);
  const cicp = findChunk(chunks, 'cICP');
  return {
    ...EVERYTHING_PLAIN,
    width,
    height,
    orientation: exifOrientation(embedded.exif),
    pages: isAnimatedPng(chunks) ? readApngFrames(chunks).length : 1,
    colour: colourType === 0 || colourType === 4 ? 'grey' : 'rgb',
    bitDepth: bitDepth === 16 ? 16 : 8,
    isLossless: true,
    isHdr: (cicp !== null && isHdrTransfer(cicp[1]!)) || !isSdrProfile(embedded.icc),
    encoding: encodingIn(chunks, cicp),
    embedded: cicp ? { ...embedded, icc: null } : embedded,
  };
}

/** The order of precedence is that of PNG third edition §4.3: cICP, iCCP, sRGB, then gAMA with cHRM. */
function encodingIn(chunks: Chunk[], cicp: Uint8Array | null): ColourEncoding | null {
  if (cicp && cicp.length >= 2) return encodingOfCicp(cicp[0]!, cicp[1]!);
  if (findChunk(chunks, 'iCCP') || findChunk(chunks, 'sRGB')) return null;
  const gamma = findChunk(chunks, 'gAMA');
  const chromaticities = findChunk(chunks, 'cHRM');
  const numbers = chromaticities?.length === 32 ? readHundredThousandths(chromaticities) : null;
  return encodingOfGamma(gamma?.length === 4 ? readHundredThousandths(gamma)[0]! : null, numbers);
}

function readHundredThousandths(data: Uint8Array): number[] {
  const view = viewOf(data);
  return Array.from({ length: data.length / 4 }, (_, index) => view.getUint32(4 * index) / 100_000);
}

function embeddedIn(chunks: Chunk[], maxInflatedBytes: number): Embedded {
  const exif = findChunk(chunks, 'eXIf');
  return {
    exif,
    xmp: xmpIn(chunks),
    iptc: null,
    icc: profileIn(chunks, maxInflatedBytes),
    density: densityIn(chunks) ?? exifDensity(exif),
  };
}

/** pHYs: pixels per metre with unit 1, else a ratio. */
function densityIn(chunks: Chunk[]): Density | null {
  const data = findChunk(chunks, 'pHYs');
  if (data?.length !== 9) return null;
  const view = viewOf(data);
  const scale = data[8] === 1 ? INCHES_PER_METRE : 1;
  const unit = data[8] === 1 ? 'inch' : 'ratio';
  return densityOf(view.getUint32(0) / scale, view.getUint32(4) / scale, unit);
}

/** iCCP: name, NUL, compression method 0, zlib stream. */
function profileIn(chunks: Chunk[], maxInflatedBytes: number): Uint8Array | null {
  const data = findChunk(chunks, 'iCCP');
  if (!data) return null;
  return inflateProfile(data.subarray(data.indexOf(0) + 2), maxInflatedBytes);
}

/** iTXt: keyword, NUL, compression flag, method, language, NUL, translated keyword, NUL, text. A packet that cannot be read is not there. */
function xmpIn(chunks: Chunk[]): Uint8Array | null {
  const found = chunks.find(
    ({ type, data }) => type === 'iTXt' && latin1(data, 0, 18) === `${XMP_KEYWORD}\0`,
  );
  if (!found) return null;
  const languageEnd = found.data.indexOf(0, XMP_KEYWORD.length + 3);
  const text = found.data.subarray(found.data.indexOf(0, languageEnd + 1) + 1);
  const isCompressed = found.data[XMP_KEYWORD.length + 1] === 1;
  if (!isCompressed) return text;
  try {
    return inflateSync(text, { maxOutputLength: MOST_XMP_BYTES });
  } catch {
    return null;
  }
}

function inflateProfile(data: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Decline('too-large', `The PNG's colour profile is larger than ${maxOutputLength} bytes.`);
    }
    throw corrupt("The PNG's colour profile is damaged.");
  }
}
