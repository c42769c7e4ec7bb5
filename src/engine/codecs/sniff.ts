/** Tells what a file is by its first bytes, never by its name; nothing else decides which decoder sees it. */
import type { InputFormat } from '../contract.ts';
import { latin1 } from './bytes.ts';

/** What the engine does not read, and how to call it in a sentence. */
const STRANGERS: [name: string, matches: (start: string) => boolean][] = [
  ['a PDF document', (start) => start.includes('%PDF-')],
  [
    'an SVG drawing',
    (start) => /^(\xef\xbb\xbf)?\s*<(\?xml|!doctype svg|!--|svg)/i.test(start) && /<svg[\s>]/i.test(start),
  ],
  ['a web page', (start) => /^\s*<(!doctype html|html)/i.test(start)],
  ['a BMP image', (start) => start.startsWith('BM') && start.slice(6, 10) === '\0\0\0\0'],
  [
    'a JPEG XL image',
    (start) => start.startsWith('\xff\x0a') || start.slice(4, 12) === 'JXL \x0d\x0a\x87\x0a',
  ],
  ['a JPEG 2000 image', (start) => start.startsWith('\xff\x4f\xff\x51') || start.slice(4, 8) === 'jP  '],
  ['a Windows icon', (start) => start.startsWith('\0\0\x01\0')],
  ['a Photoshop document', (start) => start.startsWith('8BPS')],
  ['a BigTIFF image', (start) => start.startsWith('II+\0') || start.startsWith('MM\0+')],
  ['an OpenEXR image', (start) => start.startsWith('\x76\x2f\x31\x01')],
  ['a ZIP archive', (start) => start.startsWith('PK\x03\x04')],
];

const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs'];

export type Sniffed = { format: InputFormat } | { stranger: string | null };

/** @returns the format, or a name for what the file is instead, null where nobody can tell. */
export function sniff(bytes: Uint8Array): Sniffed {
  const start = latin1(bytes, 0, 1024);
  const format = formatOf(start);
  if (format) return { format };
  if (start.slice(4, 8) === 'ftyp') return { stranger: nameOfMedia(brandsOf(start)) };
  return { stranger: STRANGERS.find(([, matches]) => matches(start))?.[0] ?? null };
}

function formatOf(start: string): InputFormat | null {
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'webp';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'gif';
  if (start.startsWith('II*\0') || start.startsWith('MM\0*')) return 'tiff';
  const isAvif =
    start.slice(4, 8) === 'ftyp' && brandsOf(start).some((brand) => brand === 'avif' || brand === 'avis');
  return isAvif ? 'avif' : null;
}

/** The major brand and the compatible ones of a file type box. */
function brandsOf(start: string): string[] {
  const size = Math.min(start.length, Buffer.from(start.slice(0, 4), 'latin1').readUInt32BE(0));
  const brands = [start.slice(8, 12)];
  for (let at = 16; at + 4 <= size; at += 4) brands.push(start.slice(at, at + 4));
  return brands;
}

function nameOfMedia(brands: string[]): string {
  return brands.some((brand) => HEIC_BRANDS.includes(brand))
    ? 'a HEIC image'
    : 'a video or another media file';
}
