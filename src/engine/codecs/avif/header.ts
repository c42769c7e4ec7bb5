/** Reads an AVIF's size, colour and metadata (AVIF 1.1, ISO/IEC 23008-12), and checks that the file is whole. */
import { corrupt, indexOfText, latin1, viewOf } from '../bytes.ts';
import { encodingOfCicp, isHdrTransfer } from '../colour-encoding.ts';
import { type Embedded, EVERYTHING_PLAIN, type Header } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import { exifDensity } from '../metadata/exif-policy.ts';
import { type Box, findBox, findNested, type Item, type Items, readFileBoxes, readItems } from './boxes.ts';

const GAIN_MAP_ITEM = 'tmap';

/** What the coding inside the boxes says of itself. */
export interface Sampling extends Pick<Header, 'colour' | 'bitDepth'> {
  /** Whether there is a gain map of a kind that only files of this coding have. */
  isHdr: boolean;
}

/** @throws Decline('corrupt'). */
export function readAvifHeader(bytes: Uint8Array): Header {
  return readHeifHeader(bytes, samplingOf);
}

function samplingOf({ primary, properties }: Items): Sampling {
  const sampling = (findBox(primary.properties, 'av1C') ?? findBox(properties, 'av1C'))?.[2] ?? 0;
  return {
    colour: (sampling & 0x10) !== 0 ? 'grey' : 'rgb',
    bitDepth: (sampling & 0x40) === 0 ? 8 : (sampling & 0x20) === 0 ? 10 : 12,
    isHdr: false,
  };
}

/**
 * Of an image in HEIF's boxes, however it is coded. Width, height and pixels are as decoders give them: cropped,
 * turned and mirrored by the file's own properties, which take the place of EXIF's orientation.
 * @throws Decline('corrupt'); what `readSampling` throws.
 */
export function readHeifHeader(bytes: Uint8Array, readSampling: (items: Items) => Sampling): Header {
  const items = readItems(bytes);
  const { primary, all } = items;
  const colours = primary.properties.filter(({ type }) => type === 'colr').map(({ data }) => data);
  const nclx = colours.find((data) => latin1(data, 0, 4) === 'nclx');
  const [primaries, transfer] = nclx ? [viewOf(nclx).getUint16(4), viewOf(nclx).getUint16(6)] : [1, 13];
  const embedded = embeddedIn(items, colours, bytes.length);
  const sampling = readSampling(items);
  return {
    ...EVERYTHING_PLAIN,
    ...sizeOf(primary.properties),
    pages: framesIn(bytes),
    colour: sampling.colour,
    bitDepth: sampling.bitDepth,
    isLossless: false,
    isHdr:
      sampling.isHdr ||
      isHdrTransfer(transfer) ||
      all.some(({ type }) => type === GAIN_MAP_ITEM) ||
      !isSdrProfile(embedded.icc),
    encoding: embedded.icc ? null : encodingOfCicp(primaries, transfer),
    embedded,
  };
}

function sizeOf(properties: Box[]): { width: number; height: number } {
  const extent = findBox(properties, 'ispe');
  if (!extent) throw corrupt('The image does not say how large it is.');
  const clean = findBox(properties, 'clap');
  const numbers = viewOf(clean ?? extent);
  const [width, height] = clean
    ? [
        Math.round(numbers.getUint32(0) / numbers.getUint32(4)),
        Math.round(numbers.getUint32(8) / numbers.getUint32(12)),
      ]
    : [numbers.getUint32(4), numbers.getUint32(8)];
  if (!(width > 0 && height > 0)) throw corrupt('The image says that it has no pixels.');
  const quarterTurns = (findBox(properties, 'irot')?.[0] ?? 0) & 3;
  return quarterTurns % 2 === 1 ? { width: height, height: width } : { width, height };
}

/** An image sequence is a film track beside the still image; its samples are its frames. */
function framesIn(bytes: Uint8Array): number {
  const sizes = findNested(readFileBoxes(bytes), ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz']);
  return sizes ? Math.max(1, viewOf(sizes).getUint32(8)) : 1;
}

function embeddedIn({ all }: Items, colours: Uint8Array[], fileBytes: number): Embedded {
  const block = bytesOf(
    all.find(({ type }) => type === 'Exif'),
    fileBytes,
  );
  // The block begins with the offset of its TIFF header (ISO/IEC 23008-12 annex A.2.1).
  const exif = block && block.length > 4 ? block.subarray(4 + viewOf(block).getUint32(0)) : null;
  const profile = colours.find((data) => ['prof', 'rICC'].includes(latin1(data, 0, 4)));
  return {
    exif,
    xmp: bytesOf(
      all.find((item) => item.type === 'mime' && isXmp(item)),
      fileBytes,
    ),
    iptc: null,
    icc: profile ? profile.subarray(4) : null,
    density: exifDensity(exif),
  };
}

function isXmp(item: Item): boolean {
  return item.extents[0] !== undefined && indexOfText(item.extents[0], 'x:xmpmeta') !== -1;
}

/** @throws Decline('corrupt') where its places overlap so much that it would be larger than the file. */
function bytesOf(item: Item | undefined, fileBytes: number): Uint8Array | null {
  if (!item) return null;
  if (item.extents.reduce((sum, { length }) => sum + length, 0) > fileBytes)
    throw corrupt('A part of the file is larger than the file itself.');
  return Buffer.concat(item.extents);
}
