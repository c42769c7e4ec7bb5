/** Turns a file into the pixels that a viewer shows: upright, in sRGB, 8 bits a sample. */
import { openImage } from './codecs/sharp.ts';
import { Decline, type Limits, type Pixels } from './contract.ts';
import { inspect, type Source } from './inspect.ts';

/** @throws Decline as `inspect` does, and `corrupt` when the pixels do not decode cleanly. */
export async function decode(bytes: Uint8Array, limits: Limits): Promise<Pixels> {
  return decodeSource(await inspect(bytes, limits));
}

/** `decode` of bytes that have been inspected. */
export async function decodeSource(source: Source): Promise<Pixels> {
  return read(source, { ignoreIcc: false });
}

/** As `decodeSource`, but samples stay in the embedded profile's space: for results that keep the profile. */
export async function decodeNative(source: Source): Promise<Pixels> {
  return read(source, { ignoreIcc: source.colour === 'rgb' });
}

async function read(source: Source, options: { ignoreIcc: boolean }): Promise<Pixels> {
  const image = openImage(source.bytes, source.limits, options)
    .autoOrient()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' });
  const { data, info } = await image.toBuffer({ resolveWithObject: true }).catch(() => {
    throw new Decline('corrupt', 'The image does not decode cleanly.');
  });
  return { data, width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 };
}
