/**
 * A file of every format that the engine reads, and each of them in shapes that accidents and attackers give it: a size
 * that no memory holds, a size that is not true, ten megabytes of what is not the picture.
 */
import { NOTHING_EMBEDDED } from '../../src/engine/codecs/header.ts';
import { embeddedSegments, insertSegments } from '../../src/engine/codecs/jpeg/segments.ts';
import { embeddedChunks } from '../../src/engine/codecs/png/carrier.ts';
import { openPixels } from '../../src/engine/codecs/sharp.ts';
import { embedInWebp } from '../../src/engine/codecs/webp/chunks.ts';
import { gifAnimation, overlapping } from './animated-gif.ts';
import { bmpFile, iconBitmap, iconFile } from './bitmaps.ts';
import { jpegClaiming, pngClaiming } from './broken.ts';
import { curves, svgFile } from './drawings.ts';
import {
  animatedPng,
  animatedWebp,
  avifFile,
  gifFile,
  jpegFile,
  pngFile,
  pngWith,
  tiffFile,
  webpFile,
} from './files.ts';
import { heicFile } from './heic.ts';
import { pdfFile, pdfPicture } from './pdf.ts';
import { photo, randomNumbers, screenshot } from './pixels.ts';
import { long, tiffWith } from './tiff-directories.ts';

export interface HostileFormat {
  whole: Uint8Array;
  /** With sizes that must be refused before anything is allocated for them. */
  vast: Uint8Array[];
  /** With sizes that are near the truth. */
  lying: Uint8Array[];
  /** With ten megabytes beside the picture, none of which can be packed. */
  stuffed: Uint8Array[];
}

const PICTURE = photo(64, 48);
const SCREEN = screenshot(64, 48);
const FRAMES = [1, 2, 3].map((seed) => screenshot(48, 36, seed));
const TEN_MEGABYTES = 10 << 20;
const BEYOND = [65_535, 0x7fff_ffff];

export async function hostileFormats(): Promise<Record<string, HostileFormat>> {
  return {
    jpeg: jpegShapes(await jpegFile(PICTURE, { quality: 97 })),
    'progressive JPEG': jpegShapes(await jpegFile(PICTURE, { quality: 97, progressive: true })),
    png: pngShapes(await pngFile(PICTURE)),
    apng: pngShapes(await animatedPng(FRAMES)),
    gif: gifShapes(Buffer.from(await gifFile(SCREEN))),
    'animated GIF': gifShapes(Buffer.from(gifAnimation(overlapping([1, 2, 3])))),
    webp: await webpShapes(),
    'animated WebP': animatedWebpShapes(Buffer.from(await animatedWebp(FRAMES))),
    avif: await avifShapes(),
    heic: heicShapes(),
    tiff: tiffShapes(Buffer.from(await tiffFile(PICTURE))),
    bmp: bmpShapes(),
    ico: icoShapes(),
    svg: svgShapes(),
    pdf: await pdfShapes(),
  };
}

function jpegShapes(whole: Uint8Array): HostileFormat {
  const segments = embeddedSegments({ ...NOTHING_EMBEDDED, icc: junk() });
  return {
    whole,
    vast: [jpegClaiming(whole, 65_535, 65_535)],
    lying: [jpegClaiming(whole, 65, 48), jpegClaiming(whole, 64, 20), jpegClaiming(whole, 200, 150)],
    stuffed: [insertSegments(whole, segments)],
  };
}

function pngShapes(whole: Uint8Array): HostileFormat {
  const icc = { ...NOTHING_EMBEDDED, icc: junk() };
  return {
    whole,
    vast: BEYOND.map((side) => pngClaiming(whole, side, side)),
    lying: [pngClaiming(whole, 65, 48), pngClaiming(whole, 64, 20), pngClaiming(whole, 200, 150)],
    stuffed: [
      pngWith(whole, embeddedChunks(icc)),
      pngWith(whole, [{ type: 'eXIf', data: Buffer.concat([Buffer.from('MM\0*\0\0\0\x08'), junk()]) }]),
      pngWith(whole, [{ type: 'tEXt', data: Buffer.concat([Buffer.from('Comment\0'), junk()]) }]),
    ],
  };
}

function gifShapes(whole: Buffer): HostileFormat {
  const image = whole.indexOf(Uint8Array.of(0x2c, 0, 0, 0, 0));
  const sized = (width: number, height: number) =>
    patched(whole, 'UInt16LE', [image + 5, width, image + 7, height]);
  const comment = Array.from({ length: TEN_MEGABYTES / 255 }, () => Buffer.alloc(256, 255));
  const start = 13 + 3 * 2 ** ((whole[10]! & 7) + 1);
  return {
    whole,
    vast: [sized(65_535, 65_535), patched(whole, 'UInt16LE', [6, 65_535, 8, 65_535])],
    lying: [sized(65, 48), sized(20, 10), patched(whole, 'UInt16LE', [6, 3, 8, 3])],
    stuffed: [
      Buffer.concat([
        whole.subarray(0, start),
        Uint8Array.of(0x21, 0xfe),
        ...comment,
        Buffer.of(0),
        whole.subarray(start),
      ]),
    ],
  };
}

async function webpShapes(): Promise<HostileFormat> {
  const whole = Buffer.from(await webpFile(PICTURE, { quality: 98 }));
  const frame = whole.indexOf(Uint8Array.of(0x9d, 1, 0x2a));
  const sized = (width: number, height: number) =>
    patched(whole, 'UInt16LE', [frame + 3, width, frame + 5, height]);
  const extended = Buffer.from(embedInWebp(whole, { ...NOTHING_EMBEDDED, xmp: Buffer.from('<x/>') }));
  const exif = Buffer.concat([Buffer.from('MM\0*\0\0\0\x08'), junk()]);
  return {
    whole,
    vast: [sized(0x3fff, 0x3fff), patched(extended, 'UInt16LE', [24, 65_535, 27, 65_535])],
    lying: [sized(65, 48), sized(20, 10), patched(extended, 'UInt16LE', [24, 20, 27, 10])],
    stuffed: [
      embedInWebp(whole, { ...NOTHING_EMBEDDED, icc: junk() }),
      embedInWebp(whole, { ...NOTHING_EMBEDDED, exif }),
    ],
  };
}

function animatedWebpShapes(whole: Buffer): HostileFormat {
  const frame = whole.indexOf('ANMF') + 8;
  const tail = Buffer.concat([Buffer.from('EXIF\0\0\0\0'), junk()]);
  tail.writeUInt32LE(tail.length - 8, 4);
  return {
    whole,
    vast: [
      patched(whole, 'UInt16LE', [24, 65_535, 27, 65_535]),
      patched(whole, 'UInt16LE', [frame + 6, 65_535, frame + 9, 65_535]),
    ],
    lying: [patched(whole, 'UInt16LE', [24, 20, 27, 10]), patched(whole, 'UInt16LE', [frame + 6, 50])],
    stuffed: [patched(Buffer.concat([whole, tail]), 'UInt32LE', [4, whole.length + tail.length - 8])],
  };
}

async function avifShapes(): Promise<HostileFormat> {
  const whole = Buffer.from(await avifFile(PICTURE, { quality: 95 }));
  const free = Buffer.concat([Buffer.from('\0\0\0\0free', 'latin1'), junk()]);
  free.writeUInt32BE(free.length, 0);
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/">${Buffer.from(junk()).toString('base64')}</x:xmpmeta>`;
  return {
    whole,
    ...boxedSizes(whole),
    stuffed: [
      Buffer.concat([whole, free]),
      await openPixels(PICTURE).withXmp(xmp).avif({ effort: 0 }).toBuffer(),
    ],
  };
}

function heicShapes(): HostileFormat {
  const whole = Buffer.from(heicFile());
  const exif = Buffer.concat([Buffer.from('MM\0*\0\0\0\x08'), junk()]);
  return {
    whole,
    ...boxedSizes(whole),
    stuffed: [heicFile({ icc: junk() }), heicFile({ exif }), heicFile({ exif, extents: 300 })],
  };
}

/** Of what HEIF's boxes say, wherever they say it. */
function boxedSizes(whole: Buffer): Pick<HostileFormat, 'vast' | 'lying'> {
  const at = whole.indexOf('ispe') + 8;
  const sized = (width: number, height: number) => patched(whole, 'UInt32BE', [at, width, at + 4, height]);
  return {
    vast: BEYOND.map((side) => sized(side, side)),
    lying: [sized(65, 64), sized(20, 10), sized(200, 150)],
  };
}

function tiffShapes(whole: Buffer): HostileFormat {
  const sized = (width: number, height: number) =>
    tiffWith(tiffWith(whole, 256, 4, long(width)), 257, 4, long(height));
  return {
    whole,
    vast: BEYOND.map((side) => sized(side, side)),
    lying: [sized(65, 48), sized(64, 20), sized(200, 150)],
    stuffed: [34_675, 700, 33_723, 37_500].map((tag) => tiffWith(whole, tag, 7, junk())),
  };
}

function bmpShapes(): HostileFormat {
  const whole = Buffer.from(bmpFile(PICTURE));
  const sized = (width: number, height: number) => patched(whole, 'UInt32LE', [18, width, 22, height]);
  return {
    whole,
    vast: BEYOND.map((side) => sized(side, side)),
    lying: [sized(65, 48), sized(64, 20), sized(200, 150)],
    stuffed: [bmpFile(PICTURE, { headerBytes: 124, icc: junk() })],
  };
}

function icoShapes(): HostileFormat {
  const whole = Buffer.from(iconFile([iconBitmap(PICTURE)]));
  const sized = (width: number, height: number) => patched(whole, 'UInt32LE', [26, width, 30, height]);
  const padded = { ...iconBitmap(PICTURE), data: Buffer.concat([iconBitmap(PICTURE).data, junk()]) };
  return {
    whole,
    vast: BEYOND.map((side) => sized(side, side)),
    lying: [sized(65, 96), sized(64, 40), sized(200, 300)],
    stuffed: [iconFile([padded])],
  };
}

function svgShapes(): HostileFormat {
  const sized = (side: number) => svgFile(curves(), `width="${side}" height="${side}" viewBox="0 0 120 80"`);
  const text = Buffer.from(junk()).toString('base64');
  return {
    whole: svgFile(curves()),
    vast: BEYOND.map(sized),
    lying: [],
    stuffed: [
      svgFile(`<metadata>${text}</metadata>${curves()}`),
      svgFile(`<image href="data:image/png;base64,${text}" width="9" height="9"/>${curves()}`),
    ],
  };
}

/** The size of a page is in no pixels; a picture that has not as many as it says stays as it is. */
async function pdfShapes(): Promise<HostileFormat> {
  const whole = Buffer.from(await pdfFile({ picture: pdfPicture() }));
  const replaced = (from: string, to: string) =>
    Buffer.from(whole.toString('latin1').replaceAll(from, to), 'latin1');
  const attachment = Buffer.concat([
    Buffer.from(`900 0 obj\n<< /Length ${TEN_MEGABYTES} >>\nstream\n`),
    junk(),
    Buffer.from('\nendstream\nendobj\n'),
  ]);
  const end = whole.lastIndexOf('xref\n');
  return {
    whole,
    vast: [],
    lying: [321, 100, ...BEYOND].map((width) => replaced('/Width 320', `/Width ${width}`)),
    stuffed: [Buffer.concat([whole.subarray(0, end), attachment, whole.subarray(end)])],
  };
}

/** @param changes pairs of a place and the number that comes there. */
function patched(file: Buffer, kind: 'UInt16LE' | 'UInt32LE' | 'UInt32BE', changes: number[]): Uint8Array {
  const copy = Buffer.from(file);
  for (let at = 0; at < changes.length; at += 2) copy[`write${kind}`](changes[at + 1]!, changes[at]!);
  return copy;
}

let made: Buffer | null = null;

function junk(): Buffer {
  if (made) return made;
  const random = randomNumbers(11);
  const words = Uint32Array.from({ length: TEN_MEGABYTES / 4 }, () => random() * 2 ** 32);
  made = Buffer.from(words.buffer);
  return made;
}
