/**
 * Turns a file into the pixels that a viewer shows: upright, 8 bits a sample, in sRGB or in the
 * embedded profile's own space. Whether the file may be decoded at all is `inspect.ts`' question.
 */
import type { Sharp } from 'sharp';
import { carry } from './carry.ts';
import { convertToSrgb } from './codecs/colour-encoding.ts';
import { keepsProfile } from './codecs/metadata.ts';
import { turnUpright } from './codecs/orientation.ts';
import { encodePngSamples } from './codecs/png/carrier.ts';
import { keepInks, openImage } from './codecs/sharp.ts';
import { Decline, type Limits, type Pixels, type Transforms } from './contract.ts';
import { inspect, type Source } from './inspect.ts';
import { render } from './svg/render.ts';

/**
 * @param frames whether the first frame or page may stand for the whole.
 * @returns pixels in sRGB, with 4 channels only where something is transparent.
 * @throws Decline as `inspect` does, and `corrupt` when the pixels do not decode cleanly.
 */
export async function decode(
  bytes: Uint8Array,
  limits: Limits,
  frames: Transforms['frames'] = 'all',
): Promise<Pixels> {
  return decodeSource(await carry(await inspect(bytes, limits, frames)));
}

/**
 * `decode` of bytes that have been inspected, and carried where sharp does not open them.
 * @throws Decline `corrupt`, or `unsupported` for documents.
 */
export async function decodeSource(source: Source): Promise<Pixels> {
  if (source.drawing) return withoutNeedlessAlpha(await render(source.drawing, source));
  if (source.facts.format === 'pdf') throw new Decline('unsupported', 'The pages of a PDF are not drawn.');
  const pixels = source.bitDepth > 8 ? await readDeep(source, false) : await readShallow(source, false);
  if (source.encoding) convertToSrgb(pixels, source.encoding);
  return withoutNeedlessAlpha(pixels);
}

/**
 * As `decodeSource`, but where results keep the source's profile (`keepsProfile`) samples stay in its space.
 * @throws Decline('corrupt').
 */
export async function decodeNative(source: Source): Promise<Pixels> {
  if (!keepsProfile(source)) return decodeSource(source);
  return withoutNeedlessAlpha(
    source.bitDepth > 8 ? await readDeep(source, true) : await readShallow(source, true),
  );
}

/**
 * The inks of a CMYK image, upright, 8 bits each.
 * @throws Decline `corrupt`, and `unsupported` where there is more than four inks.
 */
export async function decodeInks(source: Source): Promise<Pixels> {
  const image = keepInks(openImage(source.bytes, source.limits, { ignoreIcc: true }));
  const pixels = await readPixels(turnUpright(image, source.orientation).raw({ depth: 'uchar' }), source);
  if (pixels.data.length !== pixels.width * pixels.height * 4)
    throw new Decline('unsupported', 'The image has more than the four inks of CMYK, which cannot be kept.');
  return { ...pixels, inks: true };
}

async function readShallow(source: Source, ignoreIcc: boolean): Promise<Pixels> {
  const image = openImage(source.bytes, source.limits, { ignoreIcc });
  return readPixels(turnUpright(image, source.orientation).toColourspace('srgb').raw(), source);
}

/**
 * Deep samples are rounded to 8 bits before a profile is applied: sharp would take them to Display P3
 * and leave them there, and cuts bits off where viewers round.
 */
async function readDeep(source: Source, ignoreIcc: boolean): Promise<Pixels> {
  const image = openImage(source.bytes, source.limits, { ignoreIcc: true });
  const upright = turnUpright(image, source.orientation).toColourspace('rgb16').raw({ depth: 'ushort' });
  const deep = await readPixels(upright, source);
  const pixels = { ...deep, data: roundToBytes(deep.data, source.bitDepth) };
  const { icc } = source.embedded;
  if (ignoreIcc || !icc || !source.wideGamut) return pixels;
  const { data, width, height, channels } = pixels;
  const tagged = await encodePngSamples(data, width, height, channels, { icc });
  return readPixels(openImage(tagged, source.limits).toColourspace('srgb').raw(), source);
}

/** @throws Decline('corrupt') when libvips stumbles, or finds another size than the header said. */
async function readPixels(image: Sharp, { facts: { width, height } }: Source): Promise<Pixels> {
  const { data, info } = await image.toBuffer({ resolveWithObject: true }).catch((error: Error) => {
    throw new Decline('corrupt', `The image does not decode cleanly: ${firstLine(error.message)}.`);
  });
  if (info.width !== width || info.height !== height) {
    const [said, found] = [`${width} x ${height}`, `${info.width} x ${info.height}`];
    throw new Decline('corrupt', `The header says ${said} pixels, but there are ${found}.`);
  }
  return { data, width, height, channels: info.channels === 4 ? 4 : 3 };
}

/** @param samples native-endian 16-bit samples whose highest `bitDepth` bits count, as libvips gives them. */
function roundToBytes(samples: Uint8Array, bitDepth: number): Uint8Array {
  const deep = new Uint16Array(samples.buffer, samples.byteOffset, samples.length / 2);
  const bytes = new Uint8Array(deep.length);
  const unused = 16 - bitDepth;
  const most = 2 ** bitDepth - 1;
  const rounded = Uint8Array.from({ length: most + 1 }, (_, level) => Math.round((level * 255) / most));
  for (let at = 0; at < deep.length; at++) bytes[at] = rounded[deep[at]! >> unused]!;
  return bytes;
}

function withoutNeedlessAlpha(pixels: Pixels): Pixels {
  const { data, width, height } = pixels;
  if (pixels.channels === 3) return pixels;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return pixels;
  const opaque = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    opaque[to] = data[from]!;
    opaque[to + 1] = data[from + 1]!;
    opaque[to + 2] = data[from + 2]!;
  }
  return { data: opaque, width, height, channels: 3 };
}

/** The first line of what libvips says, without its full stop. */
function firstLine(message: string): string {
  return message.trim().split('\n')[0]!.replace(/\.$/, '');
}
