/**
 * Turns a file into the pixels that a viewer shows: upright, 8 bits a sample, in sRGB or in the
 * embedded profile's own space. Whether the file may be decoded at all is `inspect.ts`' question.
 */
import type { Sharp } from 'sharp';
import { convertToSrgb } from './codecs/colour-encoding.ts';
import { keepsProfile } from './codecs/metadata.ts';
import { openImage } from './codecs/sharp.ts';
import { Decline, type Limits, type Pixels } from './contract.ts';
import { inspect, type Source } from './inspect.ts';

/**
 * @returns pixels in sRGB, with 4 channels only where something is transparent.
 * @throws Decline as `inspect` does, and `corrupt` when the pixels do not decode cleanly.
 */
export async function decode(bytes: Uint8Array, limits: Limits): Promise<Pixels> {
  return decodeSource(await inspect(bytes, limits));
}

/**
 * `decode` of bytes that have been inspected.
 * @throws Decline('corrupt').
 */
export async function decodeSource(source: Source): Promise<Pixels> {
  const pixels = await read(source, false);
  if (source.encoding) convertToSrgb(pixels, source.encoding);
  return pixels;
}

/**
 * As `decodeSource`, but where results keep the source's profile (`keepsProfile`) samples stay in its space.
 * @throws Decline('corrupt').
 */
export async function decodeNative(source: Source): Promise<Pixels> {
  return keepsProfile(source) ? read(source, true) : decodeSource(source);
}

async function read(source: Source, ignoreIcc: boolean): Promise<Pixels> {
  const image = openImage(source.bytes, source.limits, { ignoreIcc });
  // Left alone, sharp takes deep samples with a profile to Display P3 and leaves them there.
  if (source.bitDepth === 16) image.pipelineColourspace(source.colour === 'grey' ? 'b-w' : 'srgb');
  const upright = turnUpright(image, source.orientation).toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await upright.toBuffer({ resolveWithObject: true }).catch((error: Error) => {
    throw new Decline('corrupt', `The image does not decode cleanly: ${firstLine(error.message)}.`);
  });
  const { width, height } = source.facts;
  if (info.width !== width || info.height !== height) {
    throw new Decline(
      'corrupt',
      `The header says ${width} x ${height} pixels, but there are ${info.width} x ${info.height}.`,
    );
  }
  return withoutNeedlessAlpha({ data, width, height, channels: info.channels === 4 ? 4 : 3 });
}

/** Undoes an EXIF orientation (EXIF 2.32, tag 274); sharp mirrors before it turns. */
function turnUpright(image: Sharp, orientation: number): Sharp {
  if (orientation === 2) return image.flop();
  if (orientation === 3) return image.rotate(180);
  if (orientation === 4) return image.flip();
  if (orientation === 5) return image.flop().rotate(270);
  if (orientation === 6) return image.rotate(90);
  if (orientation === 7) return image.flop().rotate(90);
  if (orientation === 8) return image.rotate(270);
  return image;
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
