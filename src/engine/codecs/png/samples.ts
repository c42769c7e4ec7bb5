/** What a file of any format holds as a PNG that is not packed yet. */
import type { Source } from '../../inspect.ts';
import { turnUpright } from '../orientation.ts';
import { openImage } from '../sharp.ts';

/**
 * The source's own samples at their own depth; sharp would make 8 bits and sRGB of them unasked.
 * @param orientation in which they lie, to be upright: the source's, or another for other turns.
 */
export function samplesAsPng(source: Source, orientation = source.orientation): Promise<Uint8Array> {
  const image = openImage(source.bytes, source.limits, { ignoreIcc: true });
  const space = { rgb: ['srgb', 'rgb16'], grey: ['b-w', 'grey16'], cmyk: [] }[source.colour];
  return turnUpright(image, orientation)
    .toColourspace(space[source.bitDepth > 8 ? 1 : 0])
    .png({ compressionLevel: 0 })
    .toBuffer();
}
