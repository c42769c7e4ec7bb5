/**
 * Files damaged in all the ways that files are: by chance from a seed, so that a failure can be repeated. Whole files to
 * damage come from the other generators beside this one.
 */
import { randomNumbers } from './pixels.ts';

export type Damage = (copy: Buffer, random: () => number) => Uint8Array;

export const DAMAGES: Damage[] = [flipBits, cut, overwriteRun, blowUpNumber, moveRun, appendTail];
/** Of what is written in words and digits as well: a byte of it rarely goes wrong so that it is still read. */
export const TEXT_DAMAGES: Damage[] = [...DAMAGES, editNumber, repeatTag];
const TAILS = ['PK\x03\x04', '<?php system($_GET[0]); ?>', '<script>alert(1)</script>', '\0'.repeat(64)];

/**
 * @returns `count` damaged copies, every kind of damage equally often.
 */
export function mutants(bytes: Uint8Array, seed: number, count: number, damages = DAMAGES): Uint8Array[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, index) =>
    damages[index % damages.length]!(Buffer.from(bytes), random),
  );
}

function flipBits(copy: Buffer, random: () => number): Uint8Array {
  for (let left = 1 + below(8, random); left > 0; left--)
    copy[below(copy.length, random)]! ^= 1 << below(8, random);
  return copy;
}

function cut(copy: Buffer, random: () => number): Uint8Array {
  return copy.subarray(0, below(copy.length, random));
}

function overwriteRun(copy: Buffer, random: () => number): Uint8Array {
  const start = below(copy.length, random);
  const value = [0, 0xff, below(256, random)][below(3, random)]!;
  return copy.fill(value, start, Math.min(copy.length, start + 1 + below(32, random)));
}

/** Sets what may be a length, an offset or a count to an extreme, in the first part of the file, where those stand. */
function blowUpNumber(copy: Buffer, random: () => number): Uint8Array {
  const extremes = [0xffffffff, 0x7fffffff, 0x80000000, 0xffff, 0x10000, 0, 1, copy.length];
  const value = extremes[below(extremes.length, random)]!;
  const at = below(Math.max(1, Math.min(copy.length - 4, 512)), random);
  if (at + 4 > copy.length) return copy;
  if (random() < 0.5) copy.writeUInt32BE(value, at);
  else copy.writeUInt32LE(value, at);
  return copy;
}

function moveRun(copy: Buffer, random: () => number): Uint8Array {
  const [from, to] = [below(copy.length, random), below(copy.length, random)];
  copy.copy(copy, to, from, Math.min(copy.length, from + 1 + below(64, random)));
  return copy;
}

function appendTail(copy: Buffer, random: () => number): Uint8Array {
  return Buffer.concat([copy, Buffer.from(TAILS[below(TAILS.length, random)]!, 'latin1')]);
}

/** Writes other numbers for some that are written in digits. */
function editNumber(copy: Buffer, random: () => number): Uint8Array {
  const text = copy.toString('latin1');
  const places = [...text.matchAll(/\d+(\.\d+)?/g)];
  if (places.length === 0) return copy;
  const chosen = new Set(Array.from({ length: 1 + below(4, random) }, () => below(places.length, random)));
  const numbers = ['0', '-1', '1e9', '4294967296', '99999999999999999999', '0.0000001', '', '7 7'];
  let at = 0;
  const edited = text.replace(/\d+(\.\d+)?/g, (number) =>
    chosen.has(at++) ? numbers[below(numbers.length, random)]! : number,
  );
  return Buffer.from(edited, 'latin1');
}

/** Puts what stands in angle brackets in other places, over and over. */
function repeatTag(copy: Buffer, random: () => number): Uint8Array {
  const text = copy.toString('latin1');
  const tags = [...text.matchAll(/<[^<>]{1,400}>/g)];
  if (tags.length === 0) return copy;
  const [tag] = tags[below(tags.length, random)]!;
  const { index } = tags[below(tags.length, random)]!;
  const times = [1, 2, 50][below(3, random)]!;
  return Buffer.from(text.slice(0, index) + tag.repeat(times) + text.slice(index), 'latin1');
}

function below(limit: number, random: () => number): number {
  return Math.floor(random() * limit);
}
