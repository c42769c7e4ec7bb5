/** Reads single objects out of a PDF's bytes (ISO 32000-1, 7.2 and 7.3); where they lie is for `document.ts` to know. */
import { corrupt, latin1 } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import type { ReadBudget } from './filters.ts';
import {
  type Atom,
  type Dictionary,
  type IndirectObject,
  isDictionary,
  NULL,
  type Value,
} from './objects.ts';

/** Arrays and dictionaries within each other. */
const MAX_NESTING = 100;

const WHITE = /[\0\t\n\f\r ]/;
const DELIMITER = /[()<>[\]{}/%]/;
const [WHITE_CODES, DELIMITER_CODES] = [WHITE, DELIMITER].map((kind) =>
  Array.from({ length: 256 }, (_, code) => kind.test(String.fromCharCode(code))),
) as [boolean[], boolean[]];

export interface Parser {
  /** Where the next token begins or the last one ended. */
  at: number;
  /** The next object that is not indirect. */
  value(): Value;
  /** A run of regular characters, empty where there is none. */
  word(): string;
  /** Goes on to what is neither white space nor a comment. */
  skipBlank(): void;
}

/** @throws Decline from each of its methods: `corrupt` when there is no such token, `too-large` beyond the budget. */
export function createParser(
  bytes: Uint8Array,
  start: number,
  budget: Pick<ReadBudget, 'leftParts'>,
): Parser {
  const end = bytes.length;
  const parser: Parser = { at: start, value: () => value(0), word, skipBlank };
  return parser;

  function value(depth: number): Value {
    if (depth > MAX_NESTING)
      throw corrupt(`Objects of the PDF lie more than ${MAX_NESTING} deep in each other.`);
    if (--budget.leftParts < 0)
      throw new Decline('too-large', 'The objects of the PDF have more parts than are read.');
    skipBlank();
    const code = bytes[parser.at];
    if (parser.at >= end || code === undefined) throw corrupt('The PDF ends within an object.');
    if (code === 0x2f) return { name: name() };
    if (code === 0x28) return literal();
    if (code === 0x5b) return array(depth);
    if (code === 0x3c) return bytes[parser.at + 1] === 0x3c ? dictionary(depth) : hexadecimal();
    return numberOrKeyword();
  }

  function numberOrKeyword(): Value {
    const text = word();
    if (text === 'true' || text === 'false' || text === 'null') return { atom: text };
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) throw corrupt('The PDF has an object of no known kind.');
    return /^\d{1,10}$/.test(text) ? (referenceFrom(Number(text)) ?? { atom: text }) : { atom: text };
  }

  function referenceFrom(to: number): Value | null {
    const back = parser.at;
    skipBlank();
    const generation = word();
    if (/^\d{1,5}$/.test(generation)) {
      skipBlank();
      if (word() === 'R') return { to, generation: Number(generation) };
    }
    parser.at = back;
    return null;
  }

  function array(depth: number): Value[] {
    const list: Value[] = [];
    parser.at++;
    for (;;) {
      skipBlank();
      if (bytes[parser.at] === 0x5d) break;
      list.push(value(depth + 1));
    }
    parser.at++;
    return list;
  }

  function dictionary(depth: number): Dictionary {
    const entries: Dictionary = new Map();
    parser.at += 2;
    for (;;) {
      skipBlank();
      if (bytes[parser.at] === 0x3e && bytes[parser.at + 1] === 0x3e) break;
      if (bytes[parser.at] !== 0x2f) throw corrupt('A dictionary of the PDF has a key that is no name.');
      const key = name();
      // Readers differ in which of two entries counts.
      if (entries.has(key))
        throw corrupt(`A dictionary of the PDF has two entries for ${JSON.stringify(key)}.`);
      entries.set(key, value(depth + 1));
    }
    parser.at += 2;
    return entries;
  }

  function name(): string {
    parser.at++;
    return word().replace(/#([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }

  function literal(): Atom {
    const from = parser.at;
    let open = 0;
    for (; parser.at < end; parser.at++) {
      const code = bytes[parser.at];
      if (code === 0x5c) parser.at++;
      else if (code === 0x28) open++;
      else if (code === 0x29 && --open === 0) return { atom: latin1(bytes, from, ++parser.at - from) };
    }
    throw corrupt('The PDF ends within a string.');
  }

  function hexadecimal(): Atom {
    const close = bytes.indexOf(0x3e, parser.at);
    const text = close === -1 || close >= end ? '' : latin1(bytes, parser.at, close + 1 - parser.at);
    if (!/^<[0-9a-fA-F\0\t\n\f\r ]*>$/.test(text))
      throw corrupt('The PDF has a string of other than hexadecimal digits.');
    parser.at = close + 1;
    return { atom: text };
  }

  function word(): string {
    const from = parser.at;
    while (parser.at < end && !WHITE_CODES[bytes[parser.at]!] && !DELIMITER_CODES[bytes[parser.at]!])
      parser.at++;
    return latin1(bytes, from, parser.at - from);
  }

  function skipBlank(): void {
    for (; parser.at < end; parser.at++) {
      if (bytes[parser.at] === 0x25) {
        while (parser.at < end && bytes[parser.at] !== 0x0a && bytes[parser.at] !== 0x0d) parser.at++;
      } else if (!WHITE_CODES[bytes[parser.at]!]) return;
    }
  }
}

/** An indirect object with its number, and where it ended. */
export interface Numbered {
  number: number;
  generation: number;
  object: IndirectObject;
  end: number;
}

/**
 * Reads `12 0 obj ... endobj` (7.3.10) or the stream in it, whose length is then that of its data.
 * @param lengthOf resolves a stream's length, which may be an object of its own, given also where its data begin.
 * @throws Decline `corrupt` when there is no such thing at `offset`, `too-large` beyond the budget.
 */
export function parseIndirect(
  bytes: Uint8Array,
  offset: number,
  lengthOf: (length: Value, start: number) => number | null,
  budget: ReadBudget,
): Numbered {
  const parser = createParser(bytes, offset, budget);
  const head = /^[\0\t\n\f\r ]*(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj/.exec(
    latin1(bytes, offset, 64),
  );
  if (!head) throw corrupt('The PDF has no object where its cross-reference table says.');
  parser.at = offset + head[0].length;
  const body = /^[\0\t\n\f\r ]*endobj/.test(latin1(bytes, parser.at, 32)) ? NULL : parser.value();
  const [number, generation] = [Number(head[1]), Number(head[2])];
  const opening = /^([\0\t\n\f\r ]|%[^\r\n]*[\r\n])*(stream|endobj)(\r?\n)?/.exec(
    latin1(bytes, parser.at, 256),
  );
  if (opening?.[2] !== 'stream') return { number, generation, object: body, end: parser.at };
  if (!isDictionary(body) || !opening[3]) throw corrupt('A stream of the PDF does not begin as it must.');
  const start = parser.at + opening[0].length;
  const length = lengthOf(body.get('Length') ?? NULL, start);
  const end = start + (length ?? Number.NaN);
  if (!(end <= bytes.length) || !/^[\0\t\n\f\r ]*endstream/.test(latin1(bytes, end, 16)))
    throw corrupt('A stream of the PDF has another length than it says.');
  body.delete('Length');
  return { number, generation, object: { dictionary: body, data: bytes.subarray(start, end) }, end };
}
