/**
 * JPEGs that no encoder at hand writes: with sampling as it likes, with restart markers, without Huffman tables, with
 * a camera's EXIF. Each function gives a whole file.
 */
import type { Coefficients } from '../../src/engine/codecs/jpeg/coefficients.ts';
import { type ComponentSpec, layOut } from '../../src/engine/codecs/jpeg/layout.ts';
import { DHT, DRI, readSegments, SOS, writeSegment } from '../../src/engine/codecs/jpeg/segments.ts';
import { writeCoefficients } from '../../src/engine/codecs/jpeg/write-coefficients.ts';
import { openPixels } from '../../src/engine/codecs/sharp.ts';
import type { Pixels } from '../../src/engine/contract.ts';
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
  return without(file, [DHT]);
}

/** Takes segments out of a file. */
export function without(jpeg: Uint8Array, markers: number[]): Uint8Array {
  const gone = readSegments(jpeg).list.filter(({ marker }) => markers.includes(marker));
  const kept: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of gone) {
    kept.push(jpeg.subarray(from, start));
    from = end;
  }
  return Buffer.concat([...kept, jpeg.subarray(from)]);
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
