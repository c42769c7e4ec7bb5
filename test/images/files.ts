/**
 * Pictures as files, in every format that the engine reads and some that it must refuse. Each function
 * takes `Pixels` (see `pixels.ts`) and gives a whole, valid file.
 */
import sharp, { type Sharp } from 'sharp';
import { orientationExif } from '../../src/engine/codecs/exif.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../../src/engine/codecs/header.ts';
import { embeddedSegments, insertSegments, writeSegment } from '../../src/engine/codecs/jpeg/segments.ts';
import { type Chunk, insertChunks, readChunks, writeChunks } from '../../src/engine/codecs/png/chunks.ts';
import { openPixels, openSamples } from '../../src/engine/codecs/sharp.ts';
import { embedInWebp } from '../../src/engine/codecs/webp/chunks.ts';
import type { Pixels } from '../../src/engine/contract.ts';
import { storedFor } from './pixels.ts';

/** @returns a baseline JPEG, 4:2:0 and quality 90 unless told otherwise. */
export function jpegFile(
  pixels: Pixels,
  { quality = 90, chroma = '4:2:0', progressive = false, grey = false } = {},
): Promise<Uint8Array> {
  const image = grey ? openPixels(pixels).toColourspace('b-w') : openPixels(pixels);
  return image.jpeg({ quality, chromaSubsampling: chroma, progressive }).toBuffer();
}

/** Adds metadata to a JPEG that has none. */
export function jpegWith(jpeg: Uint8Array, embedded: Partial<Embedded>, comment?: string): Uint8Array {
  const segments = embeddedSegments({ ...NOTHING_EMBEDDED, ...embedded });
  const comments = comment ? [writeSegment(0xfe, Buffer.from(comment))] : [];
  return insertSegments(jpeg, [...segments, ...comments]);
}

/** @returns a JPEG stored turned, with an EXIF orientation that turns it back. */
export async function orientedJpeg(pixels: Pixels, orientation: number): Promise<Uint8Array> {
  const stored = await jpegFile(storedFor(pixels, orientation), { quality: 95 });
  return jpegWith(stored, { exif: orientationExif(orientation) });
}

/** @returns a PNG stored turned, with an eXIf chunk that turns it back. */
export async function orientedPng(pixels: Pixels, orientation: number): Promise<Uint8Array> {
  const stored = await pngFile(storedFor(pixels, orientation));
  return pngWith(stored, [{ type: 'eXIf', data: orientationExif(orientation) }]);
}

/** @returns a lossless WebP stored turned, with an EXIF chunk that turns it back. */
export async function orientedWebp(pixels: Pixels, orientation: number): Promise<Uint8Array> {
  const stored = await webpFile(storedFor(pixels, orientation), { lossless: true });
  return embedInWebp(stored, { ...NOTHING_EMBEDDED, exif: orientationExif(orientation) });
}

/** @returns a TIFF stored turned, with the orientation in its first directory. */
export function orientedTiff(pixels: Pixels, orientation: number): Promise<Uint8Array> {
  return openPixels(storedFor(pixels, orientation))
    .withMetadata({ orientation })
    .tiff({ compression: 'lzw' })
    .toBuffer();
}

/** @returns a JPEG that says in XMP that it brings a gain map for brighter screens along. */
export async function gainMapJpeg(pixels: Pixels): Promise<Uint8Array> {
  const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>`;
  return jpegWith(await jpegFile(pixels), { xmp: Buffer.from(packet) });
}

/** @returns a JPEG with a second image behind it, which only there says that it is a gain map. */
export async function appleGainMapJpeg(pixels: Pixels): Promise<Uint8Array> {
  const index = writeSegment(0xe2, Buffer.from('MPF\0II*\0\x08\0\0\0\0\0', 'latin1'));
  const gainMap = jpegWith(await jpegFile(pixels), {
    xmp: Buffer.from('<x:xmpmeta AuxiliaryImageType="urn:com:apple:photo:2020:aux:hdrgainmap"/>'),
  });
  return Buffer.concat([insertSegments(await jpegFile(pixels), [index]), gainMap]);
}

/** @returns a 4-component JPEG in the CMYK space of sharp's own profile, which is embedded. */
export function cmykJpeg(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).toColourspace('cmyk').jpeg({ quality: 92 }).toBuffer();
}

/** @returns a JPEG whose samples are in Display P3 and whose profile says so; it looks like `pixels`. */
export function wideGamutJpeg(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).withIccProfile('p3').jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** @returns a PNG with loosely compressed rows, 8 bits a sample. */
export function pngFile(pixels: Pixels, { compressionLevel = 6 } = {}): Promise<Uint8Array> {
  return openPixels(pixels).png({ compressionLevel }).toBuffer();
}

/** Adds chunks right behind the header of a PNG. */
export function pngWith(png: Uint8Array, chunks: Chunk[]): Uint8Array {
  return insertChunks(png, chunks);
}

/** PNG's gAMA chunk, of an exponent such as 1 / 2.2. */
export function gammaChunk(gamma: number): Chunk {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(Math.round(gamma * 100_000));
  return { type: 'gAMA', data };
}

/** PNG's cICP chunk: code points of ITU-T H.273, full range RGB. */
export function cicpChunk(primaries: number, transfer: number): Chunk {
  return { type: 'cICP', data: Uint8Array.of(primaries, transfer, 0, 1) };
}

/** @returns a PNG whose samples are in Display P3 and whose profile says so; it looks like `pixels`. */
export function wideGamutPng(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).withIccProfile('p3').png().toBuffer();
}

/** @returns a PNG of 16 bits a sample: of deep pixels theirs, of others such whose low bytes carry more than the high ones. */
export function deepPng(pixels: Pixels): Promise<Uint8Array> {
  return openDeep(pixels).toColourspace('rgb16').png().toBuffer();
}

function openDeep({ width, height, channels, data, deep: samples }: Pixels): Sharp {
  if (samples) return openSamples(samples, width, height, channels);
  const nudge = (level: number, at: number) => (at % 2 === 0 && level < 255 ? 60 : level > 0 ? -60 : 0);
  const deep = Uint16Array.from(data, (level, at) => level * 257 + nudge(level, at));
  return openSamples(deep, width, height, channels);
}

/** @returns a PNG of 16 bits a sample in Display P3, whose profile says so; it looks like `pixels`. */
export async function deepWideGamutPng(pixels: Pixels): Promise<Uint8Array> {
  const shallow = await wideGamutPng(pixels);
  const data = await sharp(shallow, { ignoreIcc: true }).raw().toBuffer();
  const profile = readChunks(shallow).filter(({ type }) => type === 'iCCP');
  return pngWith(await deepPng({ ...pixels, data }), profile);
}

export function webpFile(pixels: Pixels, { quality = 92, lossless = false } = {}): Promise<Uint8Array> {
  return openPixels(pixels).webp({ quality, lossless, exact: true }).toBuffer();
}

export function avifFile(pixels: Pixels, { quality = 80 } = {}): Promise<Uint8Array> {
  return openPixels(pixels).avif({ quality, effort: 2 }).toBuffer();
}

/** @returns an AVIF that its own properties, not EXIF, turn anticlockwise. */
export async function turnedAvif(pixels: Pixels, quarterTurns: number): Promise<Uint8Array> {
  return replaceBox(Buffer.from(await avifFile(pixels)), 'pixi', 'irot', quarterTurns);
}

/** @returns an AVIF with an item that adapts the image to brighter screens. */
export async function gainMapAvif(pixels: Pixels): Promise<Uint8Array> {
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';
  const file = Buffer.from(await openPixels(pixels).withXmp(xmp).avif({ effort: 0 }).toBuffer());
  file.write('tmap', file.indexOf('mime'), 'latin1');
  return file;
}

/** Makes another box of one that decoders can do without; of its content only the first byte is set. */
function replaceBox(file: Buffer, from: string, to: string, value: number): Uint8Array {
  const at = file.indexOf(from);
  const end = at - 4 + file.readUInt32BE(at - 4);
  file.fill(0, at + 4, end);
  file.write(to, at, 'latin1');
  file.writeUInt8(value, at + 4);
  return file;
}

/** @returns a still GIF; give it a picture of few colours, or it is dithered. */
export function gifFile(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).gif().toBuffer();
}

export function tiffFile(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).tiff({ compression: 'lzw' }).toBuffer();
}

/** @returns a TIFF of floating-point numbers, finer than 8 bits, which are linear light; not compressed, they begin at byte 8. */
export function floatTiff(pixels: Pixels): Promise<Uint8Array> {
  const options = { compression: 'none', predictor: 'none' } as const;
  return openDeep(pixels).toColourspace('scrgb').tiff(options).toBuffer();
}

/** @param frames at least two pictures of one size. */
export function animatedGif(frames: Pixels[]): Promise<Uint8Array> {
  return openStack(frames).gif({ delay: 100 }).toBuffer();
}

/** @param frames at least two pictures of one size. @param delay milliseconds. @param loop how often it plays; 0 for ever. */
export function animatedWebp(
  frames: Pixels[],
  { delay = 100, loop = 0, quality = 80 } = {},
): Promise<Uint8Array> {
  return openStack(frames)
    .webp({ delay: frames.map(() => delay), loop, quality })
    .toBuffer();
}

/** @param pages at least two pictures of one size. */
export function multiPageTiff(pages: Pixels[]): Promise<Uint8Array> {
  return openStack(pages).tiff({ compression: 'lzw' }).toBuffer();
}

/** @param frames pictures of one size, the first of which is also the still image. */
export async function animatedPng(frames: Pixels[]): Promise<Uint8Array> {
  const files = await Promise.all(frames.map((frame) => pngFile(frame).then(readChunks)));
  const [first, ...others] = files as [Chunk[], ...Chunk[][]];
  const { width, height } = frames[0]!;
  let sequence = 0;
  const control = () => ({ type: 'fcTL', data: bigEndian(sequence++, width, height, 0, 0, 0x0001_000a, 0) });
  const dataOf = (chunks: Chunk[]) => chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const animation = { type: 'acTL', data: bigEndian(frames.length, 0) };
  return writeChunks([
    first[0]!,
    animation,
    control(),
    ...dataOf(first).map((data) => ({ type: 'IDAT', data })),
    ...others.flatMap((chunks) => [
      control(),
      ...dataOf(chunks).map((data) => ({ type: 'fdAT', data: Buffer.concat([bigEndian(sequence++), data]) })),
    ]),
    { type: 'IEND', data: new Uint8Array() },
  ]);
}

/** Numbers of 32 bits, one after the other; a frame control ends with 16 zero bits that fit no number. */
function bigEndian(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, index * 4);
  return numbers.length === 7 ? bytes.subarray(0, 26) : bytes;
}

/** Frames one below the other, as sharp takes an animation. */
function openStack(frames: Pixels[]): Sharp {
  const { width, height, channels } = frames[0]!;
  const data = Buffer.concat(frames.map((frame) => frame.data));
  return sharp(data, { raw: { width, height: height * frames.length, channels, pageHeight: height } });
}
