/** Makes a still image of an animation's first frame, for who asks for no more. */
import { encodePngSamples } from '../codecs/png/carrier.ts';
import { inspect, type Source } from '../inspect.ts';
import { isMovingFormat, play } from './play.ts';

/**
 * @returns a source that is the frame alone, upright and in sRGB; what is known of the file stays its own.
 * @throws Decline('corrupt').
 */
export async function firstFrame(source: Source): Promise<Source> {
  // What decoders show of other files is their first frame or page.
  if (!isMovingFormat(source.facts.format)) return source;
  const { value } = await play(source, { frames: 'first' }).next();
  const { data, width, height, channels } = value!.pixels;
  const still = await inspect(await encodePngSamples(data, width, height, channels), source.limits);
  return { ...still, facts: source.facts, embedded: { ...source.embedded, icc: null } };
}
