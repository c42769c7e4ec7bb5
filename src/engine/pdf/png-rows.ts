/** Samples packed as PNG packs them, which PDF's Flate understands as a predictor (ISO 32000-1, 7.4.4.4): oxipng chooses the filters. */
import { deflateSync, inflateSync } from 'node:zlib';
import { losslessCompressPng } from '@napi-rs/image';
import { readChunks, writeChunks } from '../codecs/png/chunks.ts';
import type { Layers } from './filters.ts';
import type { Dictionary, Value } from './objects.ts';
import { bytesOf, isSound, type Rows, unpredict } from './predictors.ts';

/** PNG's colour types by how many samples a pixel has (PNG third edition §11.2.1). */
const COLOUR_TYPES: Record<number, number> = { 1: 0, 2: 4, 3: 2, 4: 6 };
/** Nothing but filters and compression may change. */
const OPTIONS = {
  strip: true,
  bitDepthReduction: false,
  colorTypeReduction: false,
  grayscaleReduction: false,
  paletteReduction: false,
};

/** @returns the samples by Flate with a predictor; null where they are not whole rows. */
export async function packRows(samples: Uint8Array, rows: Rows): Promise<Layers | null> {
  if (!isSound(rows) || samples.length === 0 || samples.length % bytesOf(rows).rowBytes !== 0) return null;
  const shape = shapeInPng(rows);
  const packed = await losslessCompressPng(asPng(samples, shape), OPTIONS);
  const data = Buffer.concat(
    readChunks(packed).flatMap((chunk) => (chunk.type === 'IDAT' ? [chunk.data] : [])),
  );
  const parameters = parametersFor(shape);
  const back = unpredict(inflateSync(data, { maxOutputLength: 2 * samples.length }), parameters);
  if (!back || Buffer.compare(back, samples) !== 0) return null;
  return { data, filters: [{ name: 'FlateDecode', parameters }] };
}

/** Predictors need not know what samples mean: those that no PNG can have go as bytes. */
function shapeInPng(rows: Rows): Rows {
  const { components, bits } = rows;
  const isKnown = components === 1 || (components in COLOUR_TYPES && bits >= 8);
  return isKnown ? rows : { components: 1, bits: 8, columns: bytesOf(rows).rowBytes };
}

/** Filtered by none, each row behind a byte that says so. */
function asPng(samples: Uint8Array, rows: Rows): Uint8Array {
  const { rowBytes } = bytesOf(rows);
  const height = samples.length / rowBytes;
  const filtered = new Uint8Array(samples.length + height);
  for (let row = 0; row < height; row++)
    filtered.set(samples.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(rows.columns, 0);
  header.writeUInt32BE(height, 4);
  header.set([rows.bits, COLOUR_TYPES[rows.components]!], 8);
  return writeChunks([
    { type: 'IHDR', data: header },
    { type: 'IDAT', data: deflateSync(filtered, { level: 1 }) },
    { type: 'IEND', data: new Uint8Array() },
  ]);
}

function parametersFor({ components, bits, columns }: Rows): Dictionary {
  const entries: [string, Value][] = [['Predictor', { atom: '15' }]];
  if (components !== 1) entries.push(['Colors', { atom: `${components}` }]);
  if (bits !== 8) entries.push(['BitsPerComponent', { atom: `${bits}` }]);
  return new Map([...entries, ['Columns', { atom: `${columns}` }]]);
}
