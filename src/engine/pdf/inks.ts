/**
 * Images of printers' inks, carried to the judge and back. A document says beside the JPEG whether full ink is 0 or 255;
 * Adobe's marker, by which readers of files know that, says nothing here (ISO 32000-1, table 13).
 */
import { APP14, insertSegments, withoutSegments, writeSegment } from '../codecs/jpeg/segments.ts';
import { inksAsTiff } from '../codecs/tiff/carrier.ts';
import { DEFAULT_LIMITS, Decline } from '../contract.ts';
import { decodeInks } from '../decode.ts';
import { inspect } from '../inspect.ts';
import type { Colour } from './colours.ts';

type Meaning = Pick<Colour, 'icc' | 'isInverted'>;

/** @returns a file of the inks as they are; null where the JPEG does not decode. */
export async function inksOfJpeg(
  jpeg: Uint8Array,
  { icc, isInverted }: Meaning,
  maxPixels: number,
): Promise<Uint8Array | null> {
  try {
    // As of files, so inverted.
    const inks = await decodeInks(await inspect(jpeg, { ...DEFAULT_LIMITS, maxPixels }));
    return inksAsTiff(isInverted ? inks : { ...inks, data: inverted(inks.data) }, icc);
  } catch (error) {
    if (error instanceof Decline) return null;
    throw error;
  }
}

/** @param samples four a pixel, as the document stores them. */
export function inksOfSamples(
  samples: Uint8Array,
  width: number,
  height: number,
  { icc, isInverted }: Meaning,
): Uint8Array {
  return inksAsTiff({ data: isInverted ? inverted(samples) : samples, width, height }, icc);
}

function inverted(samples: Uint8Array): Uint8Array {
  return samples.map((sample) => 255 - sample);
}

/** Version 100, no flags, and the components are inks as they are (Adobe technical note 5116). */
const ADOBE = Buffer.from('Adobe\0\x64\0\0\0\0\0', 'latin1');

/** A JPEG of inks with Adobe's marker or without: some viewers take its presence for more than it says. */
export function marked(jpeg: Uint8Array, hasMarker: boolean): Uint8Array {
  const bare = withoutSegments(jpeg, ({ marker }) => marker === APP14);
  return hasMarker ? insertSegments(bare, [writeSegment(APP14, ADOBE)]) : bare;
}
