/** A PNG's pixels as a PDF stores images without loss. */
import type { Limits } from '../contract.ts';
import { decodeNative } from '../decode.ts';
import { inspect } from '../inspect.ts';
import type { Layers } from './filters.ts';
import { packRows } from './png-rows.ts';

/** @returns null where the pixels do not read back as they were. */
export async function flateOf(png: Uint8Array, components: 1 | 3, limits: Limits): Promise<Layers | null> {
  const { data: pixels, width, channels } = await decodeNative(await inspect(png, limits));
  if (channels !== 3) return null;
  const samples = components === 3 ? pixels : pixels.filter((_, at) => at % 3 === 0);
  return packRows(samples, { components, bits: 8, columns: width });
}
