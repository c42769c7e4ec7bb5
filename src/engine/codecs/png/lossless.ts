/** Lossless PNG of any source that keeps its samples, and of pixels that a transform made. */
import type { EffortLevel, MetadataPolicy, Pixels } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { embeddedFor } from '../metadata.ts';
import { embeddedChunks, encodePngSamples } from './carrier.ts';
import { insertChunks } from './chunks.ts';
import { samplesAsPng } from './samples.ts';
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
