/**
 * Sources whose gain maps tell brighter screens more than their pixels: which results may take these along, and that
 * they do. How a format holds them is its codec's (`Codec.gainMaps`).
 */
import type { Codec, GainMaps } from './codecs/codec.ts';
import type { Judged } from './lossy.ts';
import type { Subject } from './subject.ts';
import { turningFor } from './turned.ts';

/** The gain maps that go behind a result; null where the result would lose them: in another format, or at another size. */
export async function gainMapsFor(
  codec: Codec,
  { source, options, transformed }: Subject,
): Promise<GainMaps | null> {
  if (codec.format !== source.facts.format || transformed || turningFor(source, options)) return null;
  return (await codec.gainMaps?.(source.bytes, options.metadata)) ?? null;
}

/** Whether only the samples as they are stored fit the gain maps: results of pixels are upright, and in another space. */
export function mustStayAsStored({ source, embedded }: Subject): boolean {
  return source.hasGainMap === true && (source.orientation !== 1 || (source.wideGamut && !embedded.icc));
}

/** @throws Error when the result shows anything else with its gain maps than without them: our fault. */
export async function withGainMaps(found: Judged, maps: GainMaps, { judge }: Subject): Promise<Judged> {
  const data = maps.attach(found.data);
  const isSame =
    found.quality === null ? await judge.sees(data) : (await judge.judge(data)).score === found.score;
  if (!isSame) throw new Error('gain maps changed what an image shows');
  return { ...found, data };
}
