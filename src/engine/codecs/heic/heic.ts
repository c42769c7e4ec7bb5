/**
 * Reads HEIC: images coded as HEVC in the boxes that AVIF uses too (ISO/IEC 23008-12). Header by our own reader, pixels by
 * libheif, which is loaded with the first HEIC and only ever in an engine child.
 */
import { Decline, type Limits } from '../../contract.ts';
import { findBox, type Items } from '../avif/boxes.ts';
import { readHeifHeader, type Sampling } from '../avif/header.ts';
import { corrupt, latin1, viewOf } from '../bytes.ts';
import type { Header } from '../header.ts';
import type { Samples } from '../samples.ts';

/** The part of libheif's JavaScript interface that is used here (libheif-js, `libheif.d.ts`). */
interface Libheif {
  heif_context_alloc(): object;
  heif_context_free(context: object): void;
  heif_context_read_from_memory(
    context: object,
    bytes: Uint8Array,
  ): { code: { value: number }; message: string };
  heif_js_context_get_primary_image_handle(context: object): object & Failure;
  heif_image_handle_has_alpha_channel(handle: object): number;
  heif_image_handle_is_premultiplied_alpha(handle: object): number;
  heif_image_handle_release(handle: object): void;
  heif_js_decode_image2(
    handle: object,
    space: object,
    chroma: object,
  ): Promise<(Decoded & Failure) | undefined>;
  heif_image_release(image: object): void;
  heif_colorspace: { heif_colorspace_RGB: object };
  heif_chroma: Record<string, object>;
}

interface Failure {
  code?: { value: number };
  message?: string;
}

interface Decoded {
  image: object;
  channels: { data: Uint8Array; width: number; height: number; stride: number; bits_per_pixel: number }[];
}

/** `heif_error_Memory_allocation_error`: libheif's own bounds on memory. */
const TOO_MUCH_MEMORY = 6;
const APPLE_GAIN_MAP = 'urn:com:apple:photo:2020:aux:hdrgainmap';

/**
 * Width and height are those after the file's own cropping, turning and mirroring.
 * @throws Decline `corrupt`; `too-large` when a part is, though the whole is not.
 */
export function readHeicHeader(bytes: Uint8Array, { maxPixels }: Limits): Header {
  return readHeifHeader(bytes, (items) => {
    checkParts(items, maxPixels);
    return samplingOf(items);
  });
}

/** What is decoded may be larger than what is shown of it. */
function checkParts({ properties }: Items, maxPixels: number): void {
  for (const { data } of properties.filter(({ type }) => type === 'ispe')) {
    const [width, height] = [viewOf(data).getUint32(4), viewOf(data).getUint32(8)];
    if (width * height > maxPixels)
      throw new Decline(
        'too-large',
        `A part of the HEIC has ${width} x ${height} pixels; at most ${maxPixels} are read.`,
      );
  }
}

/** From the HEVC configuration (ISO/IEC 14496-15 §8.3.3.1); a grid has none, and its tiles are alike. */
function samplingOf({ primary, properties }: Items): Sampling {
  const configuration = findBox(primary.properties, 'hvcC') ?? findBox(properties, 'hvcC');
  if (!configuration || configuration.length < 19) throw corrupt('The HEIC has no HEVC image in it.');
  const depth = 8 + Math.max(configuration[17]! & 7, configuration[18]! & 7);
  return {
    colour: (configuration[16]! & 3) === 0 ? 'grey' : 'rgb',
    bitDepth: depth === 8 ? 8 : depth <= 10 ? 10 : depth <= 12 ? 12 : 16,
    isHdr: properties.some(
      ({ type, data }) => type === 'auxC' && latin1(data, 4, 64).startsWith(APPLE_GAIN_MAP),
    ),
  };
}

/**
 * The primary image, whatever else is in the file: cropped, turned, mirrored, put together of tiles.
 * @throws Decline `corrupt`, or `too-large` where libheif needs more memory than it allows itself.
 */
export async function decodeHeic(
  bytes: Uint8Array,
  { bitDepth }: Pick<Header, 'bitDepth'>,
): Promise<Samples> {
  // A new instance each time: what a damaged file does to its memory ends with it, and so does its size.
  const { default: open } = (await import(
    // @ts-expect-error: the bundle has no types of its own.
    'libheif-js/libheif-wasm/libheif-bundle.js'
  )) as { default: (settings: object) => Libheif };
  const silent = () => undefined;
  try {
    return await decodePrimary(open({ print: silent, printErr: silent }), bytes, bitDepth > 8);
  } catch (error) {
    if (error instanceof Decline) throw error;
    throw corrupt(`The HEIC does not decode cleanly: ${(error as Error).message}`);
  }
}

async function decodePrimary(heif: Libheif, bytes: Uint8Array, isDeep: boolean): Promise<Samples> {
  const context = heif.heif_context_alloc();
  failIf(heif.heif_context_read_from_memory(context, bytes));
  const handle = heif.heif_js_context_get_primary_image_handle(context);
  failIf(handle);
  const channels = heif.heif_image_handle_has_alpha_channel(handle) ? 4 : 3;
  const layout = `heif_chroma_interleaved_${isDeep ? 'RRGGBB' : 'RGB'}${channels === 3 ? '' : isDeep ? 'AA' : 'A'}${isDeep ? '_LE' : ''}`;
  const decoded = await heif.heif_js_decode_image2(
    handle,
    heif.heif_colorspace.heif_colorspace_RGB,
    heif.heif_chroma[layout]!,
  );
  failIf(decoded);
  const samples = copyRows(decoded!.channels[0]!, channels, isDeep);
  if (channels === 4 && heif.heif_image_handle_is_premultiplied_alpha(handle)) unpremultiply(samples);
  return samples;
}

function failIf(result: Failure | undefined): void {
  const code = result ? (result.code?.value ?? 0) : 1;
  if (code === 0) return;
  if (code === TOO_MUCH_MEMORY)
    throw new Decline('too-large', 'The HEIC needs more memory than its decoder may use.');
  throw corrupt(`The HEIC does not decode cleanly: ${result?.message || 'no image came of it'}.`);
}

/** Without padding; 16-bit samples are filled up from the bits that there are. */
function copyRows(
  { data, width, height, stride, bits_per_pixel: bits }: Decoded['channels'][number],
  channels: 3 | 4,
  isDeep: boolean,
): Samples {
  const row = width * channels;
  if (!isDeep) {
    const bytes = new Uint8Array(row * height);
    for (let y = 0; y < height; y++) bytes.set(data.subarray(y * stride, y * stride + row), y * row);
    return { data: bytes, width, height, channels };
  }
  const deep = new Uint16Array(row * height);
  for (let y = 0, to = 0; y < height; y++)
    for (let from = y * stride; from < y * stride + 2 * row; from += 2) {
      const level = data[from]! | (data[from + 1]! << 8);
      deep[to++] = (level << (16 - bits)) | (level >> (2 * bits - 16));
    }
  return { data: deep, width, height, channels };
}

function unpremultiply({ data }: Samples): void {
  const most = data instanceof Uint16Array ? 65_535 : 255;
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!;
    if (alpha === 0 || alpha === most) continue;
    for (let channel = at; channel < at + 3; channel++)
      data[channel] = Math.min(most, Math.round((data[channel]! * most) / alpha));
  }
}
