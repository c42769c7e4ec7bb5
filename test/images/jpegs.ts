/**
 * JPEGs that no encoder at hand writes: with sampling as it likes, with restart markers, without Huffman tables, with
 * a camera's EXIF. Each function gives a whole file.
 */
import type { Coefficients } from '../../src/engine/codecs/jpeg/coefficients.ts';
import { type ComponentSpec, layOut } from '../../src/engine/codecs/jpeg/layout.ts';
import { joinPictures } from '../../src/engine/codecs/jpeg/multi-picture.ts';
import {
  DHT,
  DRI,
  readSegments,
  SOS,
  withoutSegments,
  writeSegment,
} from '../../src/engine/codecs/jpeg/segments.ts';
import { writeCoefficients } from '../../src/engine/codecs/jpeg/write-coefficients.ts';
import { openPixels } from '../../src/engine/codecs/sharp.ts';
import type { Pixels } from '../../src/engine/contract.ts';
import { jpegFile, jpegWith } from './files.ts';
import { randomNumbers } from './pixels.ts';

/** @param sampling of each component, as `2x1`. */
export function sampledJpeg(width: number, height: number, sampling: string[], seed = 1): Uint8Array {
  const random = randomNumbers(seed);
  const specs: ComponentSpec[] = sampling.map((factors, index) => {
    const [across, down] = factors.split('x').map(Number) as [number, number];
    return { id: index + 1, across, down };
  });
  const layout = layOut(width, height, specs);
  const components = layout.components.map((plane, index) => {
    const divisor = (_: unknown, k: number) => 1 + k + index * Math.floor(random() * 3);
    const quantization = Uint16Array.from({ length: 64 }, divisor);
    const blocks = new Int16Array(plane.stride * plane.height * 64);
    for (let at = 0; at < blocks.length; at++) {
      const k = at % 64;
      if (k === 0) blocks[at] = Math.round(400 * (random() - 0.5));
      else if (random() < 8 / (8 + k)) blocks[at] = Math.round((60 / k) * (random() - 0.5));
    }
    return { ...plane, blocks, quantization };
  });
  return writeCoefficients({ ...layout, components } satisfies Coefficients);
}

/**
 * Stripes of one row of units, each coded by itself with the tables that all coders know, behind each other.
 * @param pixels with a height in multiples of 16.
 */
export async function restartingJpeg({ data, width, height, channels }: Pixels): Promise<Uint8Array> {
  const stripeBytes = width * 16 * channels;
  const stripes = await Promise.all(
    Array.from({ length: height / 16 }, (_, index) => {
      const stripe = data.subarray(index * stripeBytes, (index + 1) * stripeBytes);
      return openPixels({ data: stripe, width, height: 16, channels })
        .jpeg({ quality: 90, optimiseCoding: false })
        .toBuffer();
    }),
  );
  const head = Buffer.from(stripes[0]!.subarray(0, scanOf(stripes[0]!).start));
  const frame = readSegments(stripes[0]!).list.find(({ marker }) => marker === 0xc0)!;
  head.writeUInt16BE(height, frame.start + 5);
  const scans = stripes.map((stripe, index) => {
    const { end, stop } = scanOf(stripe);
    const marker =
      index < stripes.length - 1 ? Uint8Array.of(0xff, 0xd0 + (index % 8)) : stripe.subarray(stop);
    return Buffer.concat([stripe.subarray(end, stop), marker]);
  });
  const interval = writeSegment(DRI, Uint8Array.of(0, Math.ceil(width / 16)));
  const { start, end } = scanOf(stripes[0]!);
  return Buffer.concat([head, interval, stripes[0]!.subarray(start, end), ...scans]);
}

/** Of a file with one scan: where its header begins and ends, and where its data do. */
function scanOf(jpeg: Uint8Array) {
  const { list, end } = readSegments(jpeg);
  const scan = list.find(({ marker }) => marker === SOS)!;
  return { start: scan.start, end: scan.end, stop: end - 2 };
}

/** @returns a JPEG as Motion JPEG has them, which counts on tables that decoders know. */
export async function tablelessJpeg(pixels: Pixels): Promise<Uint8Array> {
  const file = await openPixels(pixels).jpeg({ quality: 90, optimiseCoding: false }).toBuffer();
  return withoutSegments(file, ({ marker }) => marker === DHT);
}

interface CameraExif {
  orientation: number;
  width: number;
  height: number;
  thumbnail: Uint8Array;
}

/** @returns EXIF of an image's orientation and size, with a thumbnail behind; little-endian, as most cameras write. */
export function cameraExif({ orientation, width, height, thumbnail }: CameraExif): Uint8Array {
  const [first, details, second] = [8, 38, 68];
  const [short, long] = [3, 4];
  const directory = (entries: number[][], next: number) => {
    const bytes = Buffer.alloc(2 + 12 * entries.length + 4);
    bytes.writeUInt16LE(entries.length);
    for (const [index, [tag, type, value]] of entries.entries()) {
      const at = 2 + 12 * index;
      bytes.writeUInt16LE(tag!, at);
      bytes.writeUInt16LE(type!, at + 2);
      bytes.writeUInt32LE(1, at + 4);
      bytes.writeUInt32LE(value!, at + 8);
    }
    bytes.writeUInt32LE(next, bytes.length - 4);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from('II*\0\x08\0\0\0', 'latin1'),
    directory(
      [
        [0x0112, short, orientation],
        [0x8769, long, details],
      ],
      second,
    ),
    directory(
      [
        [0xa002, long, width],
        [0xa003, short, height],
      ],
      0,
    ),
    directory(
      [
        [0x0201, long, second + 30],
        [0x0202, long, thumbnail.length],
      ],
      0,
    ),
    thumbnail,
  ]).subarray(0, first + 90 + thumbnail.length);
}

const GAIN_MAP_XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" hdrgm:GainMapMin="0" hdrgm:GainMapMax="2.5" hdrgm:Gamma="1" hdrgm:OffsetSDR="0.015625" hdrgm:OffsetHDR="0.015625" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2.5" hdrgm:BaseRenditionIsHDR="False"/></rdf:RDF></x:xmpmeta>`;

/** @returns the gain map of an Ultra HDR image: brighter where the image is bright, with a comment of no use. */
export async function gainMap(pixels: Pixels): Promise<Uint8Array> {
  const map = await openPixels(pixels)
    .resize(Math.ceil(pixels.width / 2))
    .toColourspace('b-w')
    .jpeg()
    .toBuffer();
  return jpegWith(map, { xmp: Buffer.from(GAIN_MAP_XMP) }, 'a comment');
}

/** @returns an Ultra HDR image as phones write it: gain map behind, index and XMP in front. */
export async function ultraHdrJpeg(pixels: Pixels, tail = Buffer.of()): Promise<Uint8Array> {
  const map = await gainMap(pixels);
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"><Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="${map.length}"/></rdf:li></rdf:Seq></Container:Directory></rdf:Description></rdf:RDF></x:xmpmeta>`;
  const primary = jpegWith(await jpegFile(pixels, { quality: 97 }), { xmp: Buffer.from(xmp) }, 'a comment');
  return Buffer.concat([joinPictures(primary, [map]), tail]);
}
