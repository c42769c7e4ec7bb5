/**
 * Makes a PNG smaller without changing a sample: oxipng chooses colour type, filters and compression
 * anew. It sees only the chunks that hold the image; those that say how to show it are put back.
 */
import { losslessCompressPng } from '@napi-rs/image';
import type { EffortLevel, MetadataPolicy } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { embeddedAsStored } from '../metadata.ts';
import { embeddedChunks } from './carrier.ts';
import { type Chunk, findChunk, insertChunks, readChunks, writeChunks } from './chunks.ts';
import { samplesAsPng } from './samples.ts';
import { isTextKept } from './text.ts';
import { deflateByZopfli } from './zopfli.ts';

const IMAGE = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
const METADATA = ['eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME', 'pHYs'];
/** How bright the mastering display and the content are (PNG third edition §11.3.2.7 and .8), also as first written. */
const LIGHT = ['mDCV', 'cLLI', 'mDCv', 'cLLi'];
/** None, sub, up, average, Paeth (PNG third edition §9.2). */
const FILTERS = [0, 1, 2, 3, 4];
/** The orientation that needs no turn. */
const AS_STORED = 1;
const SRGB: Chunk = { type: 'sRGB', data: Uint8Array.of(0) };

/**
 * Of what decodes though it is not as it should be, such as more samples than there is room for, which oxipng does not read, as
 * it is decoded.
 * @returns the same samples, with the chunks that say how they look and what the policy keeps.
 */
export async function transcodePng(
  source: Source,
  policy: MetadataPolicy,
  effort: EffortLevel = 'usual',
): Promise<Uint8Array> {
  const chunks = readChunks(source.bytes);
  const bare = writeChunks(chunks.filter(({ type }) => IMAGE.includes(type)));
  const colour = colourChunks(chunks, source, policy);
  const hasProfile = colour.some(({ type }) => type === 'iCCP');
  const profiled = hasProfile ? source.colour : null;
  const packed = await packPng(bare, profiled, effort).catch(async () =>
    packPng(await samplesAsPng(source, AS_STORED), profiled, effort),
  );
  return insertChunks(packed, [...colour, ...metadataChunks(chunks, source, policy)]);
}

/**
 * Runs oxipng, with every change of representation that is free of loss; thoroughly, with each filter for all rows as
 * well, and zopfli after what comes close to the best.
 * @param profiled the kind of colour profile that the file will have: a profile for RGB forbids to store grey, one
 *   for grey forbids to store a palette (PNG third edition §11.3.2.3).
 */
export async function packPng(
  png: Uint8Array,
  profiled: Source['colour'] | null,
  effort: EffortLevel = 'usual',
): Promise<Uint8Array> {
  const options = {
    strip: true,
    grayscaleReduction: profiled !== 'rgb',
    paletteReduction: profiled !== 'grey',
  };
  const packed = await losslessCompressPng(png, options);
  if (effort !== 'thorough') return packed;
  const filtered = FILTERS.map((filter) => losslessCompressPng(png, { ...options, filter: [filter] }));
  return deflateByZopfli([packed, ...(await Promise.all(filtered))]);
}

/** In the order of precedence of PNG third edition §4.3; a profile that amounts to sRGB becomes the chunk that says so. */
export function colourChunks(chunks: Chunk[], { wideGamut, isHdr }: Source, policy: MetadataPolicy): Chunk[] {
  const pick = (...types: string[]) => chunks.filter(({ type }) => types.includes(type));
  if (findChunk(chunks, 'cICP')) return pick('cICP', ...LIGHT);
  if (findChunk(chunks, 'iCCP')) return wideGamut || isHdr || policy === 'all' ? pick('iCCP') : [SRGB];
  if (findChunk(chunks, 'sRGB')) return pick('sRGB');
  return pick('gAMA', 'cHRM');
}

/** Whether two files say the same of what colour and light their samples stand for; false of what is no PNG. */
export function showsSameLight(...sources: [Source, Source]): boolean {
  if (sources.some(({ facts }) => facts.format !== 'png')) return false;
  const [a, b] = sources.map((source) => writeChunks(colourChunks(readChunks(source.bytes), source, 'all')));
  return Buffer.compare(a!, b!) === 0;
}

export function metadataChunks(chunks: Chunk[], source: Source, policy: MetadataPolicy): Chunk[] {
  if (policy === 'all') return chunks.filter(({ type }) => METADATA.includes(type));
  const embedded = embeddedChunks({ ...embeddedAsStored(source, policy), icc: null });
  return [...embedded, ...chunks.filter((chunk) => isTextKept(chunk, policy))];
}
