/**
 * HEIC files of one small picture, in all the ways that their boxes can hold it (ISO/IEC 23008-12). Nothing here encodes
 * HEVC: the coded picture, four squares of one colour, was made once by x265; boxes are made to measure.
 */
import type { Pixels } from '../../src/engine/contract.ts';

/** What `QUARTERS` codes, up to a level or two: 64 x 64. */
const COLOURS = [
  [220, 40, 30],
  [30, 170, 60],
  [40, 60, 200],
  [240, 230, 220],
];
export const TILE_SIDE = 64;

interface Coded {
  configuration: Buffer;
  data: Buffer;
}

const base64 = (configuration: string, data: string): Coded => ({
  configuration: Buffer.from(configuration, 'base64'),
  data: Buffer.from(data, 'base64'),
});

const QUARTERS = base64(
  'AQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQA==',
  'AAAAOygBrwngITl1X//765///KAXIfvEv2eefFRmdxLf//Jkxwn/9l0QH8oQJf/IyTbO//8Rap08ruBfWX4Q',
);
const DEEP_QUARTERS = base64(
  'AQQIAAAAAAAAAAAAHvAA/P36+gAADwMgAAEAF0ABDAH//wQIAAADAJ24AAADAAAeugJAIQABACpCAQEECAAAAwCduAAAAwAAHqAggQTZbqSSmubgQEDAgAAAAwCAAAADAIQiAAEAB0QBwXKwIkA=',
  'AAAAPCgBrwngITl7z//83X///XSHIfzFiVnnn0s1p3P4//9iNHCf/4lUQH9KV/f/RzxMj//nSFOnrTgC++iqgA==',
);
/** Opaque on the left, half transparent on the right. */
const ALPHA = base64(
  'AQQIAAAAAAAAAAAAHvAA/Pz4+AAADwMgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAIQABACZCAQEECAAAAwCf+AAAAwAAHsCCBBZbqSSmubAgAAADACAAAAMAISIAAQAHRAHBcrAiQA==',
  'AAAAGCgBrgxwdQXlv/BzUU2X/UiCvo2r/EEhQA==',
);

/** The picture that all of these files show unless told otherwise. */
export function quarters(): Pixels {
  const data = new Uint8Array(TILE_SIDE * TILE_SIDE * 3);
  for (let at = 0; at < TILE_SIDE * TILE_SIDE; at++) {
    const [x, y] = [at % TILE_SIDE, Math.floor(at / TILE_SIDE)];
    data.set(COLOURS[(y >= TILE_SIDE / 2 ? 2 : 0) + (x >= TILE_SIDE / 2 ? 1 : 0)]!, at * 3);
  }
  return { data, width: TILE_SIDE, height: TILE_SIDE, channels: 3 };
}

export interface HeicShape {
  deep?: boolean;
  alpha?: boolean;
  /** Quarter turns anticlockwise. */
  turn?: number;
  /** `flip` swaps top and bottom, `flop` left and right. */
  mirror?: 'flip' | 'flop';
  /** Shows this part of the middle. */
  clean?: { width: number; height: number };
  /** Puts 2 x 2 of the picture together. */
  grid?: boolean;
  /** Places another image before the one that is primary. */
  decoy?: boolean;
  icc?: Uint8Array;
  /** H.273 code points of primaries and transfer. */
  nclx?: [number, number];
  /** From its TIFF header on. */
  exif?: Uint8Array;
  /** What the boxes say that the picture measures, whatever is true. */
  claimed?: [number, number];
  /** How often each item names the one place where it lies; once unless told otherwise. */
  extents?: number;
  /** The type of an auxiliary image beside it. */
  auxiliary?: string;
}

interface Item {
  type: string;
  data: Buffer;
  properties: Buffer[];
  references?: { type: string; to: number[] };
}

/** @returns a whole, valid file. */
export function heicFile(shape: HeicShape = {}): Uint8Array {
  const tile = (): Item => codedItem(shape.deep ? DEEP_QUARTERS : QUARTERS, shape.claimed);
  const primary = shape.grid ? gridItem() : tile();
  primary.properties.push(...colourBoxes(shape), ...transformBoxes(shape));
  const items: Item[] = shape.decoy ? [codedItem(ALPHA), primary] : [primary];
  const id = items.length;
  if (shape.grid) {
    primary.references = { type: 'dimg', to: [1, 2, 3, 4].map((each) => id + each) };
    items.push(tile(), tile(), tile(), tile());
  }
  const alphaType = shape.alpha ? 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha' : undefined;
  for (const type of [alphaType, shape.auxiliary]) if (type) items.push(auxiliaryItem(type, id));
  if (shape.exif) {
    const data = Buffer.concat([Buffer.alloc(4), shape.exif]);
    items.push({ type: 'Exif', data, properties: [], references: { type: 'cdsc', to: [id] } });
  }
  return writeFile(items, id, shape.extents);
}

function codedItem({ configuration, data }: Coded, [width, height] = [TILE_SIDE, TILE_SIDE]): Item {
  return { type: 'hvc1', data, properties: [box('hvcC', configuration), sizeBox(width, height)] };
}

/** An image grid's own bytes: version, flags, rows and columns less one, size (ISO/IEC 23008-12 §6.6.2.3). */
function gridItem(): Item {
  const side = 2 * TILE_SIDE;
  return {
    type: 'grid',
    data: Buffer.concat([Buffer.from([0, 0, 1, 1]), u16(side, side)]),
    properties: [sizeBox(side, side)],
  };
}

function auxiliaryItem(type: string, of: number): Item {
  const item = codedItem(ALPHA);
  item.properties.push(fullBox('auxC', 0, Buffer.from(`${type}\0`)));
  return { ...item, references: { type: 'auxl', to: [of] } };
}

function colourBoxes({ icc, nclx }: HeicShape): Buffer[] {
  const boxes: Buffer[] = [];
  if (icc) boxes.push(box('colr', Buffer.from('prof'), Buffer.from(icc)));
  if (nclx) boxes.push(box('colr', Buffer.from('nclx'), u16(nclx[0], nclx[1], 6), Buffer.from([0x80])));
  return boxes;
}

function transformBoxes({ clean, turn, mirror }: HeicShape): Buffer[] {
  const boxes: Buffer[] = [];
  if (clean) boxes.push(box('clap', u32(clean.width, 1, clean.height, 1, 0, 1, 0, 1)));
  if (turn) boxes.push(box('irot', Buffer.from([turn])));
  if (mirror) boxes.push(box('imir', Buffer.from([mirror === 'flip' ? 0 : 1])));
  return boxes;
}

function writeFile(items: Item[], primary: number, extents = 1): Buffer {
  const brand = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic'));
  const properties = items.flatMap((item) => item.properties);
  let index = 0;
  const association = items.map((item, at) =>
    Buffer.concat([
      u16(at + 1),
      Buffer.from([item.properties.length]),
      Buffer.from(item.properties.map(() => 0x80 | ++index)),
    ]),
  );
  const references = items.flatMap(({ references }, at) =>
    references ? [box(references.type, u16(at + 1, references.to.length, ...references.to))] : [],
  );
  const metaWith = (start: number) => {
    let offset = start;
    const locations = items.map(({ data }, at) => {
      const places = new Array<Buffer>(extents).fill(u32(offset, data.length));
      const location = Buffer.concat([u16(at + 1, 0, extents), ...places]);
      offset += data.length;
      return location;
    });
    return fullBox(
      'meta',
      0,
      fullBox('hdlr', 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, u16(primary)),
      fullBox('iloc', 0, Buffer.from([0x44, 0]), u16(items.length), ...locations),
      fullBox(
        'iinf',
        0,
        u16(items.length),
        ...items.map(({ type }, at) => fullBox('infe', 2, u16(at + 1, 0), Buffer.from(`${type}\0`))),
      ),
      ...(references.length > 0 ? [fullBox('iref', 0, ...references)] : []),
      box('iprp', box('ipco', ...properties), fullBox('ipma', 0, u32(items.length), ...association)),
    );
  };
  const start = brand.length + metaWith(0).length + 8;
  return Buffer.concat([brand, metaWith(start), box('mdat', ...items.map(({ data }) => data))]);
}

function sizeBox(width: number, height: number): Buffer {
  return fullBox('ispe', 0, u32(width, height));
}

function fullBox(type: string, version: number, ...content: Buffer[]): Buffer {
  return box(type, Buffer.from([version, 0, 0, 0]), ...content);
}

function box(type: string, ...content: Buffer[]): Buffer {
  const size = content.reduce((sum, { length }) => sum + length, 8);
  return Buffer.concat([u32(size), Buffer.from(type), ...content]);
}

function u16(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2);
  for (const [at, number] of numbers.entries()) bytes.writeUInt16BE(number, at * 2);
  return bytes;
}

function u32(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, at * 4);
  return bytes;
}
