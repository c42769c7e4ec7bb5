/**
 * What an Accept header says about images (RFC 9110, 12.5.1): whether the caller would rather have
 * the image itself than JSON, and in which formats. Pure.
 */
import type { PixelFormat } from '../dialect.ts';
import { FORMATS } from './words.ts';

interface Range {
  type: string;
  weight: number;
}

/** True when an image type is the header's first choice before JSON and before "anything". */
export function prefersImage(accept: string | undefined): boolean {
  const first = byPreference(accept).find(
    ({ type }) => isImage(type) || /^(application\/(json|\*)|\*\/\*)$/.test(type),
  );
  return first !== undefined && isImage(first.type);
}

/** The formats listed one by one; none when the header would take any image. */
export function listedFormats(accept: string | undefined): PixelFormat[] {
  const types = byPreference(accept).map(({ type }) => type);
  if (types.includes('image/*') || types.includes('*/*')) return [];
  return FORMATS.filter((format) => types.includes(`image/${format}`));
}

function isImage(type: string): boolean {
  return type.startsWith('image/');
}

/** Media ranges that are acceptable at all, the most wanted first, ties as written. */
function byPreference(accept = ''): Range[] {
  const ranges = accept.split(',').map((item) => {
    const [type = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    return { type, weight: Number.isNaN(weight) ? 1 : weight };
  });
  return ranges.filter(({ type, weight }) => type !== '' && weight > 0).sort((a, b) => b.weight - a.weight);
}
