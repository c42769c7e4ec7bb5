/** Brings floating-point TIFFs to 16 bits; what is brighter than white has no place there. */
import { Decline } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { corrupt } from '../bytes.ts';
import type { Samples } from '../samples.ts';
import { openImage } from '../sharp.ts';

/** White, and as much above it as rounding makes. */
const BRIGHTEST = 1.001;
const MOST = 65_535;

/**
 * @returns samples in the space of the file's profile, else in sRGB: without one they are linear light, as libvips
 *   and Photoshop take them.
 * @throws Decline `would-lose-hdr`; `corrupt` when the image does not decode or has samples that are no numbers.
 */
export async function decodeFloatTiff({ bytes, limits, embedded }: Source): Promise<Samples> {
  const image = openImage(bytes, limits, { ignoreIcc: true }).toColourspace('scrgb').raw({ depth: 'float' });
  const { data, info } = await image.toBuffer({ resolveWithObject: true }).catch((error: Error) => {
    throw corrupt(`The image does not decode cleanly: ${error.message.split('\n')[0]}`);
  });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw corrupt(`The TIFF has ${channels} channels.`);
  const light = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const deep = new Uint16Array(light.length);
  for (let at = 0; at < light.length; at++) {
    const value = light[at]!;
    if (Number.isNaN(value)) throw corrupt('The TIFF has samples that are no numbers.');
    if (value > BRIGHTEST && at % channels < 3)
      throw new Decline(
        'would-lose-hdr',
        'The image holds light brighter than white; a result would lose it.',
      );
    const isLevel = embedded.icc !== null || at % channels === 3;
    deep[at] = Math.round(MOST * clamp(isLevel ? value : toLevel(value)));
  }
  return { data: deep, width, height, channels };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** The transfer curve of sRGB (IEC 61966-2-1). */
function toLevel(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}
