/**
 * Brings sources that sharp does not open into a PNG that it does: samples by our own decoders, with the source's own
 * profile. Everything behind this sees a file like any other.
 */
import { decodeBmp } from './codecs/bmp/header.ts';
import { corrupt } from './codecs/bytes.ts';
import { decodeHeic } from './codecs/heic/heic.ts';
import { decodeIco } from './codecs/ico/header.ts';
import { encodePngSamples } from './codecs/png/carrier.ts';
import type { Samples } from './codecs/samples.ts';
import { decodeFloatTiff } from './codecs/tiff/float.ts';
import { isFloatTiff } from './codecs/tiff/header.ts';
import type { InputFormat } from './contract.ts';
import type { Source } from './inspect.ts';

/** Gives samples as stored, or a whole PNG that is in the file as it is; null where sharp opens the file. */
type Decoder = (source: Source) => Samples | Uint8Array | null | Promise<Samples | null>;

const DECODERS: Partial<Record<InputFormat, Decoder>> = {
  bmp: ({ bytes }) => decodeBmp(bytes),
  ico: ({ bytes }) => decodeIco(bytes),
  heic: (source) => decodeHeic(source.bytes, source),
  tiff: (source) => (isFloatTiff(source.bytes) ? decodeFloatTiff(source) : null),
};

/**
 * @returns the source itself where sharp opens its bytes; else one with the same facts and other bytes.
 * @throws Decline as the format's decoder does; `corrupt` when it finds another size than the header said.
 */
export async function carry(source: Source): Promise<Source> {
  const decoder = source.isCarried ? undefined : DECODERS[source.facts.format];
  const decoded = await decoder?.(source);
  if (!decoded) return source;
  if (decoded instanceof Uint8Array) return { ...source, bytes: decoded, isCarried: true };
  const { data, width, height, channels } = decoded;
  if (width !== source.width || height !== source.height) {
    const [said, found] = [`${source.width} x ${source.height}`, `${width} x ${height}`];
    throw corrupt(`The header says ${said} pixels, but there are ${found}.`);
  }
  const { icc } = source.embedded;
  const bytes = await encodePngSamples(data, width, height, channels, { icc });
  return { ...source, bytes, bitDepth: data instanceof Uint16Array ? 16 : 8, isCarried: true };
}
