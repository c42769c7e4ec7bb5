/**
 * Turns a file into the pixels that a viewer shows: upright, in sRGB or in the embedded profile's own space, with
 * all the bits of a sample for who asks for them. Whether the file may be decoded at all is `inspect.ts`' question.
 */
import type { Sharp } from 'sharp';
import { carry } from './carry.ts';
import { convertToSrgb } from './codecs/colour-encoding.ts';
import { convertByProfile } from './codecs/icc-conversion.ts';
import { keepsProfile } from './codecs/metadata.ts';
import { turnUpright } from './codecs/orientation.ts';
import { encodePngSamples } from './codecs/png/carrier.ts';
import type { DeepSamples, Samples, ShallowSamples } from './codecs/samples.ts';
import { keepInks, openImage } from './codecs/sharp.ts';
import { Decline, type Limits, type Pixels, type Transforms } from './contract.ts';
import { type Depth, deepPixels, emptyLike, fillUp, mostOf, roundToBytes } from './depth.ts';
import { inspect, type Source } from './inspect.ts';
import { render } from './svg/render.ts';

/**
 * @param frames whether the first frame or page may stand for the whole.
 * @param depth 16 for pixels that are as deep as the file is, 8 for such that are rounded where it is deeper.
 * @returns pixels in sRGB, with 4 channels only where something is transparent.
 * @throws Decline as `inspect` does, and `corrupt` when the pixels do not decode cleanly.
 */
export async function decode(
  bytes: Uint8Array,
  limits: Limits,
  frames: Transforms['frames'] = 'all',
  depth: Depth = 8,
): Promise<Pixels> {
  return decodeSource(await carry(await inspect(bytes, limits, frames)), depth);
}

/**
 * `decode` of bytes that have been inspected, and carried where sharp does not open them.
 * @throws Decline `corrupt`, or `unsupported` for documents.
 */
export async function decodeSource(source: Source, depth: Depth = 8): Promise<Pixels> {
  // What draws them has 8 bits.
  if (source.drawing) return asPixels(withoutNeedlessAlpha(await render(source.drawing, source)));
  if (source.facts.format === 'pdf') throw new Decline('unsupported', 'The pages of a PDF are not drawn.');
  const samples = await readSamples(source, false, depth);
  if (source.encoding) convertToSrgb(samples, source.encoding);
  return asPixels(withoutNeedlessAlpha(samples));
}

/**
 * As `decodeSource`, but where results keep the source's profile (`keepsProfile`) samples stay in its space.
 * @throws Decline('corrupt').
 */
export async function decodeNative(source: Source, depth: Depth = 8): Promise<Pixels> {
  if (!keepsProfile(source)) return decodeSource(source, depth);
  return asPixels(withoutNeedlessAlpha(await readSamples(source, true, depth)));
}

/**
 * The inks of a CMYK image, upright, 8 bits each: as many as a JPEG has, the only result that keeps them.
 * @throws Decline `corrupt`, and `unsupported` where there is more than four inks.
 */
export async function decodeInks(source: Source): Promise<Pixels> {
  const image = keepInks(openImage(source.bytes, source.limits, { ignoreIcc: true }));
  const pixels = await readBytes(turnUpright(image, source.orientation).raw({ depth: 'uchar' }), source);
  if (pixels.data.length !== pixels.width * pixels.height * 4)
    throw new Decline('unsupported', 'The image has more than the four inks of CMYK, which cannot be kept.');
  return { ...pixels, inks: source.presentation?.plainInks ? 'plain' : 'inverted' };
}

function readSamples(source: Source, ignoreIcc: boolean, depth: Depth): Promise<Samples> {
  if (source.bitDepth === 8) return readShallow(source, ignoreIcc);
  return depth === 8 ? readRounded(source, ignoreIcc) : readDeep(source, ignoreIcc);
}

async function readShallow(source: Source, ignoreIcc: boolean): Promise<ShallowSamples> {
  const image = openImage(source.bytes, source.limits, { ignoreIcc });
  return readBytes(turnUpright(image, source.orientation).toColourspace('srgb').raw(), source);
}

/** Deep samples are rounded before a profile is applied: sharp would cut bits off where viewers round. */
async function readRounded(source: Source, ignoreIcc: boolean): Promise<ShallowSamples> {
  const stored = await readStored(source);
  const rounded = { ...stored, data: roundToBytes(stored.data, source.bitDepth) };
  const { icc } = source.embedded;
  if (ignoreIcc || !icc || !source.wideGamut) return rounded;
  // To sharp it is RGB by now, to which it applies no profile for grey.
  if (source.colour === 'grey' && convertByProfile(rounded, icc)) return rounded;
  const { data, width, height, channels } = rounded;
  const tagged = await encodePngSamples(data, width, height, channels, { icc });
  return readBytes(openImage(tagged, source.limits).toColourspace('srgb').raw(), source);
}

/** In 8 bits where the profile is one that only sharp can apply. */
async function readDeep(source: Source, ignoreIcc: boolean): Promise<Samples> {
  const stored = await readStored(source);
  fillUp(stored.data, source.bitDepth);
  const { icc } = source.embedded;
  if (ignoreIcc || !icc || !source.wideGamut) return stored;
  return convertByProfile(stored, icc) ? stored : readRounded(source, false);
}

/** Upright, in the space of the file, only the highest `bitDepth` bits of each sample in use. */
async function readStored(source: Source): Promise<DeepSamples> {
  const image = openImage(source.bytes, source.limits, { ignoreIcc: true });
  const upright = turnUpright(image, source.orientation).toColourspace('rgb16').raw({ depth: 'ushort' });
  const { data, ...shape } = await readBytes(upright, source);
  return { data: new Uint16Array(data.buffer, data.byteOffset, data.length / 2), ...shape };
}

/** @throws Decline('corrupt') when libvips stumbles, or finds another size than the header said. */
async function readBytes(image: Sharp, { facts: { width, height } }: Source): Promise<ShallowSamples> {
  const { data, info } = await image.toBuffer({ resolveWithObject: true }).catch((error: Error) => {
    throw new Decline('corrupt', `The image does not decode cleanly: ${firstLine(error.message)}.`);
  });
  if (info.width !== width || info.height !== height) {
    const [said, found] = [`${width} x ${height}`, `${info.width} x ${info.height}`];
    throw new Decline('corrupt', `The header says ${said} pixels, but there are ${found}.`);
  }
  return { data, width, height, channels: info.channels === 4 ? 4 : 3 };
}

function withoutNeedlessAlpha(samples: Samples): Samples {
  const { data, width, height, channels } = samples;
  const most = mostOf(data);
  if (channels === 3) return samples;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== most) return samples;
  const opaque = emptyLike(data, width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    opaque[to] = data[from]!;
    opaque[to + 1] = data[from + 1]!;
    opaque[to + 2] = data[from + 2]!;
  }
  return { data: opaque, width, height, channels: 3 };
}

function asPixels({ data, ...shape }: Samples): Pixels {
  return data instanceof Uint16Array ? deepPixels(data, shape) : { data, ...shape };
}

/** The first line of what libvips says, without its full stop. */
function firstLine(message: string): string {
  return message.trim().split('\n')[0]!.replace(/\.$/, '');
}
