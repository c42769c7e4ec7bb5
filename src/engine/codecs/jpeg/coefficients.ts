/**
 * The DCT coefficients of a JPEG, baseline or progressive (ITU-T T.81 annexes F and G): what lossless
 * work on a JPEG must keep. Segments come from `segments.ts`, bits from `entropy.ts`; how one block is
 * coded is in `blocks.ts`.
 */
import { createHash } from 'node:crypto';
import { corrupt, unsupported, viewOf } from '../bytes.ts';
import { blockReader } from './blocks.ts';
import { type BitReader, createBitReader, type HuffmanTable, readHuffmanTables } from './entropy.ts';
import { type Component, forEachUnit, type Layout, readLayout } from './layout.ts';
import { readQuantization } from './quantization.ts';
import { DHT, DQT, DRI, readSegments, type Segment, SOS } from './segments.ts';
import { standardHuffmanTables } from './standard-tables.ts';

export type Coefficients = Layout<Component>;

interface Frame extends Coefficients {
  progressive: boolean;
  /** Of each component, the slot of its quantization table. */
  tables: number[];
}

/** What segments before a scan set up for it. */
interface Setup {
  huffman: HuffmanTable[];
  quantization: Uint16Array[];
  /** Units between two restart markers; 0 for none. */
  restartInterval: number;
}

/** @throws Decline `corrupt`, or `unsupported` for what is neither baseline nor progressive Huffman coding. */
export function readCoefficients(jpeg: Uint8Array): Coefficients {
  const setup: Setup = { huffman: standardHuffmanTables(), quantization: [], restartInterval: 0 };
  let frame: Frame | null = null;
  for (const segment of readSegments(jpeg).list) {
    const { marker, payload } = segment;
    if (marker === DHT) readHuffmanTables(payload, setup.huffman);
    else if (marker === DQT) readQuantization(payload, setup.quantization);
    else if (marker === DRI) setup.restartInterval = viewOf(payload).getUint16(0);
    else if (marker >= 0xc0 && marker <= 0xc2) frame = readFrame(segment);
    else if (marker === SOS && frame) readScan(jpeg, segment, frame, setup);
    else if (marker > 0xc2 && marker < 0xd0)
      throw unsupported('The JPEG is neither baseline nor progressive.');
  }
  if (!frame) throw corrupt('The JPEG has no image in it.');
  return frame;
}

/** SHA-256 of all that lossless work must keep: two JPEGs with the same one hold the same image, however they code it. */
export function digestCoefficients({ width, height, components }: Coefficients): string {
  const hash = createHash('sha256').update(Uint16Array.of(width, height));
  for (const { columns, rows, stride, blocks, quantization } of components) {
    hash.update(Uint16Array.of(columns, rows)).update(quantization);
    for (let row = 0; row < rows; row++)
      hash.update(blocks.subarray(row * stride * 64, (row * stride + columns) * 64));
  }
  return hash.digest('hex');
}

function readFrame(segment: Segment): Frame {
  const { layout, tables } = readLayout(segment);
  const components = layout.components.map((plane) => ({
    ...plane,
    blocks: new Int16Array(plane.stride * plane.height * 64),
    quantization: new Uint16Array(),
  }));
  return { ...layout, components, progressive: segment.marker === 0xc2, tables };
}

function readScan(jpeg: Uint8Array, { payload, end }: Segment, frame: Frame, setup: Setup): void {
  const bits = createBitReader(jpeg, end);
  const scanned = readScanned(viewOf(payload), bits, frame, setup);
  let left = setup.restartInterval;
  forEachUnit(
    frame,
    scanned.map(({ component }) => component),
    (visit) => {
      if (setup.restartInterval > 0 && left-- === 0) {
        bits.restart();
        for (const { read } of scanned) read.reset();
        left = setup.restartInterval - 1;
      }
      visit((index, at) => scanned[index]!.read.block(scanned[index]!.component.blocks, at));
    },
  );
}

/** B.2.3: the components with their Huffman tables, then which coefficients, and which of their bits. */
function readScanned(view: DataView, bits: BitReader, frame: Frame, { huffman, quantization }: Setup) {
  const count = view.getUint8(0);
  const [first, last, approximation] = [0, 1, 2].map((offset) => view.getUint8(1 + 2 * count + offset)) as [
    number,
    number,
    number,
  ];
  return Array.from({ length: count }, (_, index) => {
    const id = view.getUint8(1 + 2 * index);
    const position = frame.components.findIndex((component) => component.id === id);
    const component = frame.components[position];
    const divisors = quantization[frame.tables[position]!];
    if (!component || !divisors) throw corrupt('A JPEG scan speaks of a component that is not there.');
    component.quantization = divisors;
    const tables = view.getUint8(2 + 2 * index);
    const read = blockReader(bits, {
      dc: huffman[tables >> 4],
      ac: huffman[4 + (tables & 15)],
      first,
      last: frame.progressive ? last : 63,
      isRefinement: approximation >> 4 > 0,
      shift: approximation & 15,
      progressive: frame.progressive,
    });
    return { component, read };
  });
}
