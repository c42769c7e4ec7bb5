/** Reads a JPEG's frame header and metadata; refuses the kinds of JPEG that no browser shows. */
import { corrupt, unsupported, viewOf } from '../bytes.ts';
import { exifOrientation } from '../exif.ts';
import { EVERYTHING_PLAIN, type Header } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import { codedQualityOfJpeg } from './coded-quality.ts';
import { hasGainMap } from './gain-map.ts';
import { embeddedIn, readSegments, type Segment, SOS } from './segments.ts';

/** @throws Decline `corrupt` or `unsupported`. */
export function readJpegHeader(bytes: Uint8Array): Header {
  const { list } = readSegments(bytes);
  const frame = readFrame(list);
  const embedded = embeddedIn(list);
  return {
    ...EVERYTHING_PLAIN,
    ...frame,
    orientation: exifOrientation(embedded.exif),
    bitDepth: 8,
    isLossless: false,
    codedQuality: codedQualityOfJpeg(list),
    isHdr: !isSdrProfile(embedded.icc),
    hasGainMap: hasGainMap(bytes, list),
    embedded,
  };
}

/** The frame header, SOF0 to SOF15 (T.81 B.2.2). */
function readFrame(list: Segment[]): Pick<Header, 'width' | 'height' | 'colour'> {
  const frames = list.filter(
    ({ marker }) => (marker >= 0xc0 && marker <= 0xcf && marker % 4 !== 0) || marker === 0xc0,
  );
  const frame = frames[0];
  if (!frame || frames.length > 1 || !list.some(({ marker }) => marker === SOS)) {
    throw corrupt('The JPEG has no image in it.');
  }
  if (frame.marker > 0xc8) throw unsupported('The JPEG is arithmetic-coded, which browsers cannot show.');
  if (frame.marker > 0xc2)
    throw unsupported('The JPEG is of the lossless or hierarchical kind, which browsers cannot show.');
  const view = viewOf(frame.payload);
  const [precision, height, width, components] = [
    view.getUint8(0),
    view.getUint16(1),
    view.getUint16(3),
    view.getUint8(5),
  ];
  if (precision !== 8) throw unsupported(`The JPEG has ${precision} bits a sample; only 8 are supported.`);
  if (width === 0 || height === 0) throw corrupt('The JPEG says that it has no pixels.');
  if (frame.payload.length < 6 + 3 * components) throw corrupt('The JPEG frame header is too short.');
  if (![1, 3, 4].includes(components)) throw unsupported(`The JPEG has ${components} components.`);
  return { width, height, colour: components === 1 ? 'grey' : components === 3 ? 'rgb' : 'cmyk' };
}
