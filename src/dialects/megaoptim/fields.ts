/** The vendor's kinds of form fields, all of them text on the wire. An empty field is one that was not sent, but for flags. */
import { Problem } from '../../lib/problem.ts';

type Fields = Record<string, string>;

/** Beyond what any image has, and never an enlargement. */
const MOST_PIXELS = 65_535;

export function invalid(parameter: string, what: string): Problem {
  return new Problem('invalid-parameter', `The parameter ${parameter} ${what}.`, { parameter });
}

/** @throws Problem `invalid-parameter` */
export function readChoice<Word extends string>(
  fields: Fields,
  name: string,
  words: Word[],
): Word | undefined {
  const text = fields[name]?.trim();
  if (!text) return undefined;
  const word = words.find((each) => each === text);
  if (!word) throw invalid(name, `must be one of ${words.join(', ')}`);
  return word;
}

/**
 * 1 or 0; `true` and `false` are what the Python and Node clients make of their languages' own, and an empty field
 * is PHP's false.
 * @throws Problem `invalid-parameter`
 */
export function readFlag(fields: Fields, name: string, otherwise: boolean): boolean {
  const text = fields[name]?.trim().toLowerCase();
  if (text === undefined) return otherwise;
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false' || text === '') return false;
  throw invalid(name, 'must be 1 or 0');
}

/** 0 for no limit. @throws Problem `invalid-parameter` */
export function readPixels(fields: Fields, name: string): number {
  const text = fields[name]?.trim() || '0';
  if (!/^\d+$/.test(text)) throw invalid(name, 'must be a number of pixels, or 0');
  return Math.min(Number(text), MOST_PIXELS);
}

/** @throws Problem `invalid-parameter` */
export function readAddress(fields: Fields, name: string): string | undefined {
  const text = fields[name]?.trim();
  if (!text) return undefined;
  if (!/^https?:\/\/./i.test(text) || !URL.canParse(text))
    throw invalid(name, 'must be a URL that begins with http:// or https://');
  return text;
}
