/** Tells what a file is by its first bytes, never by its name; nothing else decides which decoder sees it. */
import type { InputFormat } from '../contract.ts';
import { looksLikeSvg } from '../svg/text.ts';
import { latin1 } from './bytes.ts';

/** What the engine does not read, and how to call it in a sentence. */
const STRANGERS: [name: string, matches: (start: string) => boolean][] = [
  ['a web page', (start) => /^\s*<(!doctype html|html)/i.test(start)],
  [
    'a JPEG XL image',
    (start) => start.startsWith('\xff\x0a') || start.slice(4, 12) === 'JXL \x0d\x0a\x87\x0a',
  ],
  ['a JPEG 2000 image', (start) => start.startsWith('\xff\x4f\xff\x51') || start.slice(4, 8) === 'jP  '],
  ['a Windows cursor', (start) => start.startsWith('\0\0\x02\0')],
  ['a Photoshop document', (start) => start.startsWith('8BPS')],
  ['an OpenEXR image', (start) => start.startsWith('\x76\x2f\x31\x01')],
  ['a ZIP archive', (start) => start.startsWith('PK\x03\x04')],
];

/** Either byte order, the usual and the big kind. */
const TIFF_STARTS = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

/** Brands of still images and of sequences whose pixels are HEVC (ISO/IEC 23008-12 annex B). */
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];

/** Sizes of a bitmap's own header, whose first byte tells a BMP from a text that begins with BM. */
const BITMAP_HEADERS = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

export type Sniffed = { format: InputFormat } | { stranger: string | null };

/** @returns the format, or a name for what the file is instead, null where nobody can tell. */
export function sniff(bytes: Uint8Array): Sniffed {
  const start = latin1(bytes, 0, 1024);
  const format = formatOf(start);
  if (format) return { format };
  if (looksLikeSvg(bytes)) return { format: 'svg' };
  if (start.slice(4, 8) === 'ftyp') return { stranger: 'a video or another media file' };
  return { stranger: STRANGERS.find(([, matches]) => matches(start))?.[0] ?? null };
}

/** The format of a file that has been made or read already; null of what is none. */
export function formatOfFile(bytes: Uint8Array): InputFormat | null {
  const sniffed = sniff(bytes);
  return 'format' in sniffed ? sniffed.format : null;
}

function formatOf(start: string): InputFormat | null {
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'webp';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'gif';
  if (TIFF_STARTS.some((each) => start.startsWith(each))) return 'tiff';
  if (start.startsWith('BM') && BITMAP_HEADERS.has(start.charCodeAt(14)) && start.slice(15, 18) === '\0\0\0')
    return 'bmp';
  // The count of images follows, and of the first its colours and a zero.
  if (start.startsWith('\0\0\x01\0') && start.slice(4, 6) !== '\0\0' && start[9] === '\0') return 'ico';
  if (start.slice(4, 8) === 'ftyp') return formatOfBrands(brandsOf(start));
  // Adobe's readers take what has its header anywhere here.
  return start.includes('%PDF-') ? 'pdf' : null;
}

function formatOfBrands(brands: string[]): InputFormat | null {
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'avif';
  return brands.some((brand) => HEIC_BRANDS.includes(brand)) ? 'heic' : null;
}

/** The major brand and the compatible ones of a file type box. */
function brandsOf(start: string): string[] {
  const size = Math.min(start.length, Buffer.from(start.slice(0, 4), 'latin1').readUInt32BE(0));
  const brands = [start.slice(8, 12)];
  for (let at = 16; at + 4 <= size; at += 4) brands.push(start.slice(at, at + 4));
  return brands;
}
