/** Makes a source of pixels out of a drawing, for the formats made of pixels: rendered once, in the size that will be asked of it. */
import { encodePngSamples } from '../codecs/png/carrier.ts';
import { Decline, type Transforms } from '../contract.ts';
import { decodeSource } from '../decode.ts';
import type { Source } from '../inspect.ts';
import type { Drawing } from './drawing.ts';
import { sizeFor } from './size.ts';
import { unseenIn } from './unseen.ts';

/** Most pixels of a rendered drawing. */
const MOST_PIXELS = 40_000_000;

/**
 * @returns a source whose bytes are a PNG and whose facts are the drawing's, but for the size at which it was drawn.
 * @throws Decline `would-lose-animation`; `unsupported` where viewers show more than the renderer; `too-large`.
 */
export async function rasterize(
  source: Source & { drawing: Drawing },
  transforms: Transforms,
): Promise<Source> {
  checkShown(source.drawing, transforms);
  const size = sizeFor(source.drawing.viewport, transforms);
  if (size.width * size.height > Math.min(MOST_PIXELS, source.limits.maxPixels)) {
    throw new Decline(
      'too-large',
      `The SVG is ${size.width} x ${size.height} pixels large; ask for a smaller size to have it drawn.`,
    );
  }
  const sized = { ...source, ...size, facts: { ...source.facts, ...size } };
  const { data, channels } = await decodeSource(sized);
  const bytes = await encodePngSamples(data, size.width, size.height, channels);
  return { ...sized, bytes, drawing: undefined, isCarried: true };
}

function checkShown({ root, prolog }: Drawing, { frames }: Transforms): void {
  const { moves, foreign, styled } = unseenIn(root, prolog);
  if (moves && frames !== 'first')
    throw new Decline('would-lose-animation', 'The SVG moves; a result made of pixels would show its start.');
  if (foreign)
    throw new Decline('unsupported', 'The SVG holds parts, such as HTML, that are not drawn here.');
  if (styled && !moves)
    throw new Decline(
      'unsupported',
      'The SVG has styles for other devices or moments, which pixels would lose.',
    );
}
