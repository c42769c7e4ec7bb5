/**
 * Makes a PNG smaller without changing a sample: oxipng chooses colour type, filters and compression
 * anew. It sees only the chunks that hold the image; those that say how to show it are put back.
 */
import { losslessCompressPng } from '@napi-rs/image';
import type { MetadataPolicy } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { embeddedAsStored } from '../metadata.ts';
import { embeddedChunks } from './carrier.ts';
import { type Chunk, findChunk, insertChunks, readChunks, writeChunks } from './chunks.ts';
import { isTextKept } from './text.ts';

const IMAGE = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
const METADATA = ['eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME', 'pHYs'];
/** How bright the mastering display and the content are (PNG third edition §11.3.2.7 and .8), also as first written. */
const LIGHT = ['mDCV', 'cLLI', 'mDCv', 'cLLi'];
const SRGB: Chunk = { type: 'sRGB', data: Uint8Array.of(0) };

/** @returns the same samples, with the chunks that say how they look and what the policy keeps. */
export async function transcodePng(source: Source, policy: MetadataPolicy): Promise<Uint8Array> {
  const chunks = readChunks(source.bytes);
  const bare = writeChunks(chunks.filter(({ type }) => IMAGE.includes(type)));
  const colour = colourChunks(chunks, source, policy);
  const hasProfile = colour.some(({ type }) => type === 'iCCP');
  const packed = await packPng(bare, hasProfile ? source.colour : null);
  return insertChunks(packed, [...colour, ...metadataChunks(chunks, source, policy)]);
}

/**
 * Runs oxipng, with every change of representation that is free of loss.
 * @param profiled the kind of colour profile that the file will have: a profile for RGB forbids to store grey, one
 *   for grey forbids to store a palette (PNG third edition §11.3.2.3).
 */
export function packPng(png: Uint8Array, profiled: Source['colour'] | null): Promise<Uint8Array> {
  const grayscaleReduction = profiled !== 'rgb';
  const paletteReduction = profiled !== 'grey';
  return losslessCompressPng(png, { strip: true, grayscaleReduction, paletteReduction });
}

/** In the order of precedence of PNG third edition §4.3; a profile that amounts to sRGB becomes the chunk that says so. */
export function colourChunks(chunks: Chunk[], { wideGamut, isHdr }: Source, policy: MetadataPolicy): Chunk[] {
  const pick = (...types: string[]) => chunks.filter(({ type }) => types.includes(type));
  if (findChunk(chunks, 'cICP')) return pick('cICP', ...LIGHT);
  if (findChunk(chunks, 'iCCP')) return wideGamut || isHdr || policy === 'all' ? pick('iCCP') : [SRGB];
  if (findChunk(chunks, 'sRGB')) return pick('sRGB');
  return pick('gAMA', 'cHRM');
}

export function metadataChunks(chunks: Chunk[], source: Source, policy: MetadataPolicy): Chunk[] {
  if (policy === 'all') return chunks.filter(({ type }) => METADATA.includes(type));
  const embedded = embeddedChunks({ ...embeddedAsStored(source, policy), icc: null });
  return [...embedded, ...chunks.filter((chunk) => isTextKept(chunk, policy))];
}
