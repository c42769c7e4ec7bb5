/**
 * IPTC-IIM records (IIM 4.2) in Photoshop's image resources (Photoshop File Formats §Image Resource Blocks), where
 * JPEG and TIFF keep them: reads them, and keeps of them what a policy says.
 */
import type { MetadataPolicy } from '../../contract.ts';
import { latin1, viewOf } from '../bytes.ts';

export interface Dataset {
  record: number;
  number: number;
  value: Uint8Array;
}

interface Resource {
  id: number;
  data: Uint8Array;
}

/** As it stands in its block, name and padding included. */
interface StoredResource extends Resource {
  stored: Uint8Array;
}

const IPTC_RESOURCE = 0x0404;
const RESOLUTION_RESOURCE = 0x03ed;
/** Copyright flag and address. */
const COPYRIGHT_RESOURCES = [0x040a, 0x040b];
/** Clipping paths, and which one counts. */
const isPath = (id: number) => id >= 0x07d0 && id <= 0x0bb7;

/** Thumbnails, of version 4 and since. */
const PREVIEW_RESOURCES = [0x0409, 0x040c];

/** Larger blocks are not looked into. */
const MOST_BYTES = 1 << 20;
const MARKER = 0x1c;

/** Of record 2: by-line and its title, credit, source, copyright notice, contact. */
const COPYRIGHT_DATASETS = [80, 85, 110, 115, 116, 118];
/** Of record 2: where it was, which document it is, previews, notes, history, camera. */
const PRIVATE_DATASETS = [
  26, 27, 90, 92, 95, 100, 101, 184, 185, 186, 187, 188, 200, 201, 202, 230, 231, 232,
];

/** Of record 2: an object's preview, its format and that one's version. */
const PREVIEW_DATASETS = [200, 201, 202];

/** @returns null when nothing is left, or the block cannot be read. */
export function filterIptc(block: Uint8Array, policy: Exclude<MetadataPolicy, 'all'>): Uint8Array | null {
  if (policy === 'none') return null;
  const isKept = policy === 'copyright' ? isCopyright : isPublic;
  const isKeptResource = (id: number) =>
    COPYRIGHT_RESOURCES.includes(id) ||
    (policy !== 'copyright' && (id === RESOLUTION_RESOURCE || isPath(id)));
  const kept = readResources(block).flatMap(({ id, data }) => {
    if (id !== IPTC_RESOURCE) return isKeptResource(id) ? [{ id, data }] : [];
    const datasets = readDatasets(data).filter(isKept);
    return datasets.some(({ record }) => record > 1) ? [{ id, data: writeDatasets(datasets) }] : [];
  });
  const says = kept.some(({ id }) => id !== RESOLUTION_RESOURCE);
  return says ? Buffer.concat(kept.map(writeResource)) : null;
}

/** @returns what can be read of a block but its previews, as it stands there; null when that is nothing. */
export function withoutPreviewResources(block: Uint8Array): Uint8Array | null {
  const resources = readResources(block);
  const kept = resources.flatMap(({ id, data, stored }) => {
    if (PREVIEW_RESOURCES.includes(id)) return [];
    const datasets = id === IPTC_RESOURCE ? readDatasets(data) : [];
    const plain = datasets.filter((dataset) => !isPreview(dataset));
    return [plain.length < datasets.length ? writeResource({ id, data: writeDatasets(plain) }) : stored];
  });
  return kept.length === 0 ? null : Buffer.concat(kept);
}

function isPreview({ record, number }: Dataset): boolean {
  return record === 2 && PREVIEW_DATASETS.includes(number);
}

/** Record 1 says how text is encoded, data set 0 of record 2 which version this is. */
function isEnvelope({ record, number }: Dataset): boolean {
  return (record === 1 && (number === 0 || number === 90)) || (record === 2 && number === 0);
}

function isCopyright(dataset: Dataset): boolean {
  return isEnvelope(dataset) || (dataset.record === 2 && COPYRIGHT_DATASETS.includes(dataset.number));
}

function isPublic(dataset: Dataset): boolean {
  return isEnvelope(dataset) || (dataset.record === 2 && !PRIVATE_DATASETS.includes(dataset.number));
}

/** All data sets of a block of resources; none of one that cannot be read. */
export function datasetsIn(block: Uint8Array): Dataset[] {
  return readResources(block)
    .filter(({ id }) => id === IPTC_RESOURCE)
    .flatMap(({ data }) => readDatasets(data));
}

/** Bare records, as TIFF has them, as a block of resources. */
export function wrapIptc(records: Uint8Array): Uint8Array {
  return writeResource({ id: IPTC_RESOURCE, data: records });
}

/** `8BIM`, an id, a name with its length before it, a size, data; name and data are padded to even lengths. */
function readResources(block: Uint8Array): StoredResource[] {
  const found: StoredResource[] = [];
  if (block.length > MOST_BYTES) return found;
  const view = viewOf(block);
  for (let at = 0; at + 12 <= block.length && latin1(block, at, 4) === '8BIM'; ) {
    const id = view.getUint16(at + 4);
    const sizeAt = at + 6 + evenly(1 + block[at + 6]!);
    if (sizeAt + 4 > block.length) break;
    const [start, size] = [sizeAt + 4, view.getUint32(sizeAt)];
    if (start + size > block.length) break;
    const end = start + evenly(size);
    found.push({ id, data: block.subarray(start, start + size), stored: block.subarray(at, end) });
    at = end;
  }
  return found;
}

function writeResource({ id, data }: Resource): Uint8Array {
  const bytes = Buffer.alloc(12 + evenly(data.length));
  bytes.write('8BIM', 0, 'latin1');
  bytes.writeUInt16BE(id, 4);
  bytes.writeUInt32BE(data.length, 8);
  bytes.set(data, 12);
  return bytes;
}

function evenly(size: number): number {
  return size + (size % 2);
}

/** A marker, record, number, and a length of 15 bits; longer ones, which nobody writes, end the list. */
function readDatasets(data: Uint8Array): Dataset[] {
  const view = viewOf(data);
  const found: Dataset[] = [];
  for (let at = 0; at + 5 <= data.length && data[at] === MARKER; ) {
    const size = view.getUint16(at + 3);
    const end = at + 5 + size;
    if (size > 0x7fff || end > data.length) break;
    found.push({ record: data[at + 1]!, number: data[at + 2]!, value: data.subarray(at + 5, end) });
    at = end;
  }
  return found;
}

function writeDatasets(datasets: Dataset[]): Uint8Array {
  return Buffer.concat(
    datasets.flatMap(({ record, number, value }) => [
      Uint8Array.of(MARKER, record, number, value.length >> 8, value.length & 0xff),
      value,
    ]),
  );
}
