/** Reads an AVIF's size, colour and metadata (AVIF 1.1, ISO/IEC 23008-12), and checks that the file is whole. */
import { corrupt, indexOfText, latin1, viewOf } from '../bytes.ts';
import { encodingOfCicp, isHdrTransfer } from '../colour-encoding.ts';
import { type Embedded, EVERYTHING_PLAIN, type Header } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import { exifDensity } from '../metadata/exif-policy.ts';
import { type Box, findBox, findNested, type Item, type Items, readBoxes, readItems } from './boxes.ts';

const GAIN_MAP_ITEM = 'tmap';

/**
 * Width, height and pixels are as decoders give them: cropped, turned and mirrored by the file's own
 * properties, which take the place of EXIF's orientation.
 * @throws Decline('corrupt').
 */
export function readAvifHeader(bytes: Uint8Array): Header {
  const items = readItems(bytes);
  const { primary, properties, all } = items;
  const colours = primary.properties.filter(({ type }) => type === 'colr').map(({ data }) => data);
  const nclx = colours.find((data) => latin1(data, 0, 4) === 'nclx');
  const [primaries, transfer] = nclx ? [viewOf(nclx).getUint16(4), viewOf(nclx).getUint16(6)] : [1, 13];
  const embedded = embeddedIn(items, colours);
  const sampling = (findBox(primary.properties, 'av1C') ?? findBox(properties, 'av1C'))?.[2] ?? 0;
  return {
    ...EVERYTHING_PLAIN,
    ...sizeOf(primary.properties),
    pages: framesIn(bytes),
    colour: (sampling & 0x10) !== 0 ? 'grey' : 'rgb',
    bitDepth: (sampling & 0x40) === 0 ? 8 : (sampling & 0x20) === 0 ? 10 : 12,
    isLossless: false,
    isHdr:
      isHdrTransfer(transfer) ||
      all.some(({ type }) => type === GAIN_MAP_ITEM) ||
      !isSdrProfile(embedded.icc),
    encoding: embedded.icc ? null : encodingOfCicp(primaries, transfer),
    embedded,
  };
}

function sizeOf(properties: Box[]): { width: number; height: number } {
  const extent = findBox(properties, 'ispe');
  if (!extent) throw corrupt('The AVIF does not say how large it is.');
  const clean = findBox(properties, 'clap');
  const numbers = viewOf(clean ?? extent);
  const [width, height] = clean
    ? [
        Math.round(numbers.getUint32(0) / numbers.getUint32(4)),
        Math.round(numbers.getUint32(8) / numbers.getUint32(12)),
      ]
    : [numbers.getUint32(4), numbers.getUint32(8)];
  if (!(width > 0 && height > 0)) throw corrupt('The AVIF says that it has no pixels.');
  const quarterTurns = (findBox(properties, 'irot')?.[0] ?? 0) & 3;
  return quarterTurns % 2 === 1 ? { width: height, height: width } : { width, height };
}

/** An image sequence is a film track beside the still image; its samples are its frames. */
function framesIn(bytes: Uint8Array): number {
  const sizes = findNested(readBoxes(bytes), ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz']);
  return sizes ? Math.max(1, viewOf(sizes).getUint32(8)) : 1;
}

function embeddedIn({ all }: Items, colours: Uint8Array[]): Embedded {
  const block = bytesOf(all.find(({ type }) => type === 'Exif'));
  // The block begins with the offset of its TIFF header (ISO/IEC 23008-12 annex A.2.1).
  const exif = block && block.length > 4 ? block.subarray(4 + viewOf(block).getUint32(0)) : null;
  const profile = colours.find((data) => ['prof', 'rICC'].includes(latin1(data, 0, 4)));
  return {
    exif,
    xmp: bytesOf(all.find((item) => item.type === 'mime' && isXmp(item))),
    iptc: null,
    icc: profile ? profile.subarray(4) : null,
    density: exifDensity(exif),
  };
}

function isXmp(item: Item): boolean {
  return item.extents[0] !== undefined && indexOfText(item.extents[0], 'x:xmpmeta') !== -1;
}

function bytesOf(item: Item | undefined): Uint8Array | null {
  return item ? Buffer.concat(item.extents) : null;
}
