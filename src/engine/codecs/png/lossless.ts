/** Lossless PNG of any source that keeps its samples, and of pixels that a transform made. */
import type { EffortLevel, MetadataPolicy, Pixels } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { embeddedFor } from '../metadata.ts';
import { turnUpright } from '../orientation.ts';
import { openImage } from '../sharp.ts';
import { embeddedChunks, encodePngSamples } from './carrier.ts';
import { insertChunks } from './chunks.ts';
import { packPng, transcodePng } from './transcode.ts';

/** See `LosslessEncoder` in `codec.ts`. */
export async function encodePngLosslessly(
  source: Source,
  resized: Pixels | null,
  policy: MetadataPolicy,
  effort: EffortLevel = 'usual',
): Promise<Uint8Array | null> {
  const embedded = embeddedFor(source, policy, resized ?? source.facts);
  if (resized) {
    const { data, deep, width, height, channels } = resized;
    const plain = await encodePngSamples(deep ?? data, width, height, channels);
    return insertChunks(await packPng(plain, embedded.icc && 'rgb', effort), embeddedChunks(embedded));
  }
  if (source.facts.format === 'png') return transcodePng(source, policy, effort);
  if (!source.isLossless || source.colour === 'cmyk') return null;
  const icc = source.wideGamut ? source.embedded.icc : embedded.icc;
  const packed = await packPng(await samplesAsPng(source), icc && source.colour, effort);
  return insertChunks(packed, embeddedChunks({ ...embedded, icc }));
}

/** The source's own samples, upright, at their own depth; sharp would make 8 bits and sRGB of them unasked. */
function samplesAsPng(source: Source): Promise<Uint8Array> {
  const image = openImage(source.bytes, source.limits, { ignoreIcc: true });
  const space = { rgb: ['srgb', 'rgb16'], grey: ['b-w', 'grey16'], cmyk: [] }[source.colour];
  return turnUpright(image, source.orientation)
    .toColourspace(space[source.bitDepth > 8 ? 1 : 0])
    .png({ compressionLevel: 0 })
    .toBuffer();
}
