/** Which of PNG's own texts and times (PNG third edition §11.3.3) a metadata policy keeps; XMP is not among them. */
import type { MetadataPolicy } from '../../contract.ts';
import { latin1 } from '../bytes.ts';
import { type Chunk, XMP_KEYWORD } from './chunks.ts';

/** A keyword and its NUL have at most so many bytes. */
const KEYWORD_BYTES = 80;
const COPYRIGHT = ['Author', 'Copyright', 'Disclaimer'];
/** Whole metadata blocks in hexadecimal, as ImageMagick writes them, and single fields of them. */
const PRIVATE = /^raw profile type|gps|latitude|longitude|serial|owner/i;

export function isTextKept({ type, data }: Chunk, policy: MetadataPolicy): boolean {
  if (policy === 'none') return false;
  if (type === 'tIME') return policy !== 'copyright';
  if (!['tEXt', 'zTXt', 'iTXt'].includes(type)) return false;
  const keyword = latin1(data, 0, KEYWORD_BYTES).split('\0')[0]!;
  if (policy === 'copyright') return COPYRIGHT.includes(keyword);
  return keyword !== XMP_KEYWORD && !PRIVATE.test(keyword);
}
