/**
 * The DCT coefficients of a JPEG, baseline or progressive (ITU-T T.81 annexes F and G): what lossless
 * work on a JPEG must keep. Segments come from `segments.ts`, bits from `entropy.ts`; how one block is
 * coded is in `blocks.ts`.
 */
import { corrupt, unsupported, viewOf } from '../bytes.ts';
import { blockReader } from './blocks.ts';
import { type BitReader, createBitReader, type HuffmanTable, readHuffmanTables } from './entropy.ts';
import { readQuantization } from './quantization.ts';
import { DHT, DQT, DRI, readSegments, type Segment, SOS } from './segments.ts';

export interface Component {
  id: number;
  /** Sampling factors: blocks of this component in a minimum coded unit, across and down. */
  across: number;
  down: number;
  /** Blocks that hold image, without the padding to whole units. */
  columns: number;
  rows: number;
  /** Blocks in a row of `blocks`, with padding. */
  stride: number;
  /** 64 coefficients a block, in zigzag order. */
  blocks: Int16Array;
  /** 64 divisors, in zigzag order. */
  quantization: Uint16Array;
}

export interface Coefficients {
  width: number;
  height: number;
  components: Component[];
}

interface Frame extends Coefficients {
  progressive: boolean;
  unitColumns: number;
  unitRows: number;
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
  const setup: Setup = { huffman: [], quantization: [], restartInterval: 0 };
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

/** Whether two JPEGs hold the same coefficients and divisors, however they code them. */
export function sameCoefficients(a: Coefficients, b: Coefficients): boolean {
  const sameShape =
    a.width === b.width && a.height === b.height && a.components.length === b.components.length;
  return (
    sameShape && a.components.every((component, index) => sameComponent(component, b.components[index]!))
  );
}

function sameComponent(a: Component, b: Component): boolean {
  if (a.columns !== b.columns || a.rows !== b.rows) return false;
  if (!a.quantization.every((divisor, at) => divisor === b.quantization[at])) return false;
  const row = ({ blocks, stride }: Component, index: number) =>
    Buffer.from(blocks.buffer, index * stride * 128, a.columns * 128);
  for (let index = 0; index < a.rows; index++) if (!row(a, index).equals(row(b, index))) return false;
  return true;
}

/** B.2.2. */
function readFrame({ marker, payload }: Segment): Frame {
  const view = viewOf(payload);
  const [height, width] = [view.getUint16(1), view.getUint16(3)];
  const specs = readComponents(view);
  const [most, deepest] = [
    Math.max(...specs.map((spec) => spec.across)),
    Math.max(...specs.map((spec) => spec.down)),
  ];
  const [unitColumns, unitRows] = [Math.ceil(width / (8 * most)), Math.ceil(height / (8 * deepest))];
  const components = specs.map(({ id, across, down }) => ({
    id,
    across,
    down,
    columns: Math.ceil(Math.ceil((width * across) / most) / 8),
    rows: Math.ceil(Math.ceil((height * down) / deepest) / 8),
    stride: unitColumns * across,
    blocks: new Int16Array(unitColumns * across * unitRows * down * 64),
    quantization: new Uint16Array(),
  }));
  return {
    width,
    height,
    components,
    progressive: marker === 0xc2,
    unitColumns,
    unitRows,
    tables: specs.map(({ table }) => table),
  };
}

function readComponents(view: DataView) {
  const specs = Array.from({ length: view.getUint8(5) }, (_, index) => {
    const at = 6 + 3 * index;
    return {
      id: view.getUint8(at),
      across: view.getUint8(at + 1) >> 4,
      down: view.getUint8(at + 1) & 15,
      table: view.getUint8(at + 2),
    };
  });
  if (specs.some(({ across, down }) => across === 0 || down === 0))
    throw corrupt('The JPEG has no sampling factors.');
  return specs;
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

type VisitBlocks = (visit: (component: number, at: number) => void) => void;

/** A scan of one component codes its blocks row by row without padding; one of more codes whole units (A.2). */
function forEachUnit(frame: Frame, components: Component[], unit: (visitBlocks: VisitBlocks) => void): void {
  const [single] = components;
  const isSingle = components.length === 1;
  const [columns, rows] = isSingle ? [single!.columns, single!.rows] : [frame.unitColumns, frame.unitRows];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      unit((visit) => {
        if (isSingle) return visit(0, (y * single!.stride + x) * 64);
        for (const [index, { across, down, stride }] of components.entries()) {
          for (let block = 0; block < across * down; block++) {
            const row = y * down + Math.floor(block / across);
            visit(index, (row * stride + x * across + (block % across)) * 64);
          }
        }
      });
    }
  }
}
