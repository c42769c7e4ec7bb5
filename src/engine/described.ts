/** What a source says of itself, as far as it holds of what was made of it: a thumbnail may show another picture. */
import { withoutPreviews } from './codecs/metadata/previews.ts';
import type { Transforms } from './contract.ts';
import type { Source } from './inspect.ts';
import type { Size } from './transform/size.ts';

/**
 * The source, without pictures in its metadata that a result does not show.
 * @param upright the source's size, and `result` that of what was made of it.
 */
export function describedAsMade(source: Source, upright: Size, result: Size, transforms: Transforms): Source {
  if (showsSamePicture(upright, result, transforms)) return source;
  return { ...source, embedded: withoutPreviews(source.embedded) };
}

/** All of it, the same way up, in proportion as near as whole pixels get. */
function showsSamePicture(upright: Size, result: Size, { crop, turn }: Transforms): boolean {
  const isPart = crop !== undefined && (crop.width < upright.width || crop.height < upright.height);
  const skew = Math.abs(result.width * upright.height - result.height * upright.width);
  return !isPart && !turn && skew <= Math.max(upright.width, upright.height);
}
