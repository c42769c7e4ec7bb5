/**
 * The filters of streams that lose nothing and can be undone here (ISO 32000-1, 7.4): Flate and LZW with their
 * predictors, run lengths, and the two that write bytes as text. Others (images' own codings, encryption) stay as they are.
 */
import { inflateSync } from 'node:zlib';
import { latin1 } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { decodeLzw } from './lzw.ts';
import {
  type Dictionary,
  type IndirectObject,
  isDictionary,
  nameOf,
  numberOf,
  type Stream,
  type Value,
} from './objects.ts';
import { unpredict } from './predictors.ts';

export type Resolve = (value: Value | undefined) => IndirectObject;

export interface Filter {
  name: string;
  parameters: Dictionary | null;
}

/** Bytes on their way out of a stream, and the filters that they are still encoded by, the outermost first. */
export interface Layers {
  data: Uint8Array;
  filters: Filter[];
}

/** Counts what is inflated and parsed of one document. */
export interface ReadBudget {
  leftBytes: number;
  /** Numbers, names, dictionaries and whatever else objects and contents are made of. */
  leftParts: number;
}

const MAX_INFLATED_BYTES = 512 << 20;
const MAX_STREAM_BYTES = 256 << 20;
const MAX_PARTS = 10_000_000;
const MAX_FILTERS = 8;

export function createReadBudget(): ReadBudget {
  return { leftBytes: MAX_INFLATED_BYTES, leftParts: MAX_PARTS };
}

/** A stream's filters; null where its dictionary does not say them as it must, or the bytes are in another file. */
export function filtersOf({ dictionary }: Stream, resolve: Resolve): Filter[] | null {
  const filter = resolve(dictionary.get('Filter'));
  const list = Array.isArray(filter) ? filter : nameOf(filter) === null ? [] : [filter as Value];
  const known = Array.isArray(filter) || nameOf(filter) !== null || isNull(filter);
  if (!known || dictionary.has('F') || list.length > MAX_FILTERS) return null;
  const parameters = resolve(dictionary.get('DecodeParms'));
  const names = list.map((item) => nameOf(resolve(item)));
  if (names.includes(null)) return null;
  return names.map((name, at) => {
    const own = Array.isArray(parameters) ? resolve(parameters[at]) : at === 0 ? parameters : undefined;
    return { name: name!, parameters: isDictionary(own) && own.size > 0 ? own : null };
  });
}

function isNull(object: IndirectObject): boolean {
  return 'atom' in object && object.atom === 'null';
}

/**
 * Undoes what can be undone but predictors, which go with the Flate they belong to.
 * @param layers of which the first filter is undone.
 * @returns null where the data are damaged.
 * @throws Decline('too-large') when more comes out than the budget has.
 */
function undo({ data, filters }: Layers, budget: ReadBudget): Layers | null {
  const [{ name, parameters }, ...rest] = filters as [Filter, ...Filter[]];
  if (name === 'FlateDecode') {
    const plain = inflate(data, budget);
    return plain && { data: plain, filters: rest };
  }
  if (name === 'LZWDecode') {
    const plain = unLzw(data, parameters, budget);
    return plain && { data: plain, filters: rest };
  }
  if (grownBy(name, data) > budget.leftBytes) throw tooLarge();
  const plain = DECODERS[name]!(data);
  budget.leftBytes -= plain?.length ?? 0;
  return plain && { data: plain, filters: rest };
}

/** Undoes the outer filters up to the first that stays or has a predictor. */
export function peel(stream: Stream, filters: Filter[], budget: ReadBudget): Layers | null {
  let layers: Layers | null = { data: stream.data, filters };
  while (layers && canUndo(layers.filters[0]) && !layers.filters[0]!.parameters)
    layers = undo(layers, budget);
  return layers;
}

/** Unpacks what `peel` left because of its predictor, which the data keep. */
export function unpackOnce(layers: Layers, budget: ReadBudget): Layers | null {
  return isPredicted(layers.filters[0]) ? undo(layers, budget) : null;
}

/**
 * As `peel`, and predictors, too: what is left are the bytes that the stream is for, or those of another coding. Behind
 * a predictor that is not known the filter remains, though its data are inflated.
 */
export function decodeFully(stream: Stream, filters: Filter[], budget: ReadBudget): Layers | null {
  let layers = peel(stream, filters, budget);
  while (isPredicted(layers?.filters[0])) {
    const [{ parameters }] = layers!.filters as [Filter];
    const inflated = undo(layers!, budget);
    const data = inflated && unpredict(inflated.data, parameters!);
    if (!inflated || !data) return inflated && { data: inflated.data, filters: layers!.filters };
    layers = peel({ ...stream, data }, inflated.filters, budget);
  }
  return layers;
}

/** Of what `peel` leaves, whether it may have a predictor. */
export function isPredicted(filter: Filter | undefined): boolean {
  return filter?.name === 'FlateDecode' || filter?.name === 'LZWDecode';
}

function canUndo(filter: Filter | undefined): boolean {
  return filter !== undefined && (isPredicted(filter) || filter.name in DECODERS);
}

/** @throws Decline('too-large'). Null where the data are damaged. */
export function inflate(data: Uint8Array, budget: ReadBudget): Uint8Array | null {
  try {
    const plain = inflateSync(data, {
      maxOutputLength: Math.max(1, Math.min(budget.leftBytes, MAX_STREAM_BYTES)),
    });
    budget.leftBytes -= plain.length;
    return plain;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_BUFFER_TOO_LARGE') return null;
    throw tooLarge();
  }
}

function tooLarge(): Decline {
  return new Decline('too-large', 'The streams of the PDF grow beyond what is read when they are unpacked.');
}

function unLzw(data: Uint8Array, parameters: Dictionary | null, budget: ReadBudget): Uint8Array | null {
  const early = parameters?.has('EarlyChange') ? numberOf(parameters.get('EarlyChange')) : 1;
  if (early !== 0 && early !== 1) return null;
  const plain = decodeLzw(data, early, Math.min(budget.leftBytes, MAX_STREAM_BYTES));
  if (plain === 'too-long') throw tooLarge();
  budget.leftBytes -= plain?.length ?? 0;
  return plain;
}

/** At most how many bytes come out. */
function grownBy(name: string, data: Uint8Array): number {
  return name === 'RunLengthDecode' ? lengthOfRuns(data) : data.length;
}

const DECODERS: Record<string, (data: Uint8Array) => Uint8Array | null> = {
  ASCIIHexDecode: decodeHex,
  ASCII85Decode: decode85,
  RunLengthDecode: decodeRuns,
};

function decodeHex(data: Uint8Array): Uint8Array | null {
  const digits = latin1(data, 0, data.length).replace(/[\0\t\n\f\r ]/g, '');
  const end = digits.indexOf('>');
  const body = end === -1 ? digits : digits.slice(0, end);
  return /^[0-9a-fA-F]*$/.test(body) ? Buffer.from(body.length % 2 ? `${body}0` : body, 'hex') : null;
}

/** Five digits from `!` for four bytes, `z` for four zeros, `~>` at the end (7.4.3). */
function decode85(data: Uint8Array): Uint8Array | null {
  const zeros = data.reduce((count, code) => count + Number(code === 0x7a), 0);
  const out = Buffer.alloc((Math.ceil(data.length / 5) + 1 + zeros) * 4);
  let [to, count, value] = [0, 0, 0];
  for (const code of data) {
    if (code === 0x7e) break;
    if (code <= 0x20) continue;
    if (code === 0x7a && count === 0) {
      to += 4;
      continue;
    }
    if (code < 0x21 || code > 0x75) return null;
    value = value * 85 + code - 0x21;
    if (++count < 5) continue;
    if (value > 0xffff_ffff) return null;
    to = out.writeUInt32BE(value, to);
    [count, value] = [0, 0];
  }
  if (count === 0) return out.subarray(0, to);
  for (let missing = count; missing < 5; missing++) value = value * 85 + 84;
  if (count === 1 || value > 0xffff_ffff) return null;
  out.writeUInt32BE(value, to);
  return out.subarray(0, to + count - 1);
}

/** Up to 127 for that many bytes and one more as they are, from 129 on for one that is repeated, 128 for the end (7.4.5). */
function decodeRuns(data: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(lengthOfRuns(data));
  for (let at = 0, to = 0; to < out.length; ) {
    const length = data[at]!;
    const count = length < 128 ? length + 1 : 257 - length;
    const end = at + (length < 128 ? length + 2 : 2);
    if (end > data.length) return null;
    if (length < 128) out.set(data.subarray(at + 1, end), to);
    else out.fill(data[at + 1]!, to, to + count);
    at = end;
    to += count;
  }
  return out;
}

function lengthOfRuns(data: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < data.length && data[at] !== 128; ) {
    const length = data[at]!;
    sum += length < 128 ? length + 1 : 257 - length;
    at += length < 128 ? length + 2 : 2;
  }
  return sum;
}
