/**
 * Writes ASN.1 values by the distinguished encoding rules (ITU-T X.690), those that a certificate consists of. What a
 * certificate says is left to `self-signed.ts`.
 */

export type Der = Uint8Array;

/** A value of any type: its tag, its length and `parts`. */
export function value(tag: number, ...parts: Der[]): Der {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content), content]);
}

function lengthOf({ length }: Uint8Array): Der {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes = Buffer.from(length.toString(16).replace(/^(?=(..)*.$)/, '0'), 'hex');
  return Buffer.concat([Uint8Array.of(0x80 | bytes.length), bytes]);
}

export const sequence = (...parts: Der[]) => value(0x30, ...parts);
export const setOf = (part: Der) => value(0x31, part);
export const octets = (content: Uint8Array) => value(0x04, content);
export const text = (content: string) => value(0x0c, Buffer.from(content, 'utf8'));
export const yes = value(0x01, Uint8Array.of(0xff));

/** A number above zero by its bytes, the first of which is not 0. */
export function positive(bytes: Uint8Array): Der {
  // A first bit that is set would make it negative.
  return value(0x02, bytes[0]! >= 0x80 ? Uint8Array.of(0) : new Uint8Array(), bytes);
}

/** @param unused how many of the last byte's bits do not count. */
export function bits(content: Uint8Array, unused = 0): Der {
  return value(0x03, Uint8Array.of(unused), content);
}

/** @param dotted such as `2.5.29.17`. */
export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return value(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(number: number): number[] {
  const digits = [number & 0x7f];
  for (let left = number >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f));
  return digits;
}

/** To the second. RFC 5280 (4.1.2.5) has years up to 2049 written with two digits. */
export function time(date: Date): Der {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? value(0x17, Buffer.from(digits.slice(2)))
    : value(0x18, Buffer.from(digits));
}

/** A value that the context tells from others by its number, for one that it stands in place of or around. */
export const tagged = (number: number, content: Uint8Array, around = false) =>
  value((around ? 0xa0 : 0x80) | number, content);
