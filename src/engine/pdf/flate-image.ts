/** A PNG's pixels as a PDF stores images without loss: Flate over PNG's own predictors (ISO 32000-1, 7.4.4.4). */
import { readChunks } from '../codecs/png/chunks.ts';
import { openSamples } from '../codecs/sharp.ts';
import type { Limits } from '../contract.ts';
import { decodeNative } from '../decode.ts';
import { inspect } from '../inspect.ts';
import { createReadBudget, decodeFully, type Layers } from './filters.ts';
import type { Dictionary, Value } from './objects.ts';

/** @returns null where the pixels do not read back as they were. */
export async function flateOf(png: Uint8Array, components: 1 | 3, limits: Limits): Promise<Layers | null> {
  const { data: pixels, width, height, channels } = await decodeNative(await inspect(png, limits));
  if (channels !== 3) return null;
  const samples = components === 3 ? pixels : pixels.filter((_, at) => at % 3 === 0);
  const image = openSamples(samples, width, height, components).toColourspace(
    components === 1 ? 'b-w' : 'srgb',
  );
  const file = await image.png({ compressionLevel: 9, adaptiveFiltering: true, palette: false }).toBuffer();
  const rows = readChunks(file).filter(({ type }) => type === 'IDAT');
  const parameters: Dictionary = new Map<string, Value>([
    ['Predictor', { atom: '15' }],
    ['Colors', { atom: `${components}` }],
    ['Columns', { atom: `${width}` }],
  ]);
  const layers = {
    data: Buffer.concat(rows.map(({ data }) => data)),
    filters: [{ name: 'FlateDecode', parameters }],
  };
  const back = decodeFully({ dictionary: new Map(), data: layers.data }, layers.filters, createReadBudget());
  return back?.filters.length === 0 && Buffer.compare(back.data, samples) === 0 ? layers : null;
}
