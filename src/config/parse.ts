/**
 * Parsers of configuration values. Each takes the text of one variable and returns its value, or
 * throws an Error whose message completes "NAME …", e.g. "must be a whole number from 0 to 65535".
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDecimal } from '../lib/decimal.ts';

export type Parser<Value> = (text: string) => Value;

export function numberBetween(min: number, max: number): Parser<number> {
  return (text) => {
    const value = readDecimal(text);
    if (!(value >= min && value <= max)) throw new Error(`must be a number from ${min} to ${max}`);
    return value;
  };
}

export function wholeNumber(min: number, max: number): Parser<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

export const onOrOff: Parser<boolean> = (text) => {
  if (text !== '0' && text !== '1') throw new Error('must be 0 or 1');
  return text === '1';
};

export function oneOf<Choice extends string>(choices: readonly Choice[]): Parser<Choice> {
  return (text) => {
    const choice = choices.find((known) => known === text.toLowerCase());
    if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}`);
    return choice;
  };
}

const DURATION_UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_UNITS = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};
const PIXEL_UNITS = { px: 1, mp: 1e6 };

/** A duration such as `90s`, in milliseconds; the bounds are written the same way. */
export function duration(min: string, max: string): Parser<number> {
  return quantity(DURATION_UNITS, undefined, min, max, 'a duration such as 90s, 30m or 24h');
}

/** A size such as `50MB` or a plain number of bytes, in bytes. */
export function size(min: string, max: string): Parser<number> {
  return quantity(SIZE_UNITS, 'b', min, max, 'a size such as 50MB, 50MiB or a number of bytes');
}

/** An area such as `100MP` or a plain number of pixels, in pixels. */
export function area(min: string, max: string): Parser<number> {
  return quantity(PIXEL_UNITS, 'px', min, max, 'an area such as 100MP or a number of pixels');
}

function quantity(
  units: Record<string, number>,
  bareUnit: string | undefined,
  min: string,
  max: string,
  described: string,
): Parser<number> {
  const read = (text: string): number => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
    const factor = units[unit?.toLowerCase() || (bareUnit ?? '')];
    return digits === undefined || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  };
  return (text) => {
    const value = read(text);
    if (Number.isNaN(value)) throw new Error(`must be ${described}`);
    if (value < read(min) || value > read(max)) throw new Error(`must be from ${min} to ${max}`);
    return value;
  };
}

export function hostName(text: string): string {
  if (/[\s/]/.test(text)) throw new Error('must be a host name or an IP address');
  return text;
}

/** A folder, made absolute from the working directory. */
export function folder(text: string): string {
  return resolve(text);
}

/** A file, made absolute from the working directory; whether it is there is left to who reads it. */
export function file(text: string): string {
  return resolve(text);
}

/** The folder that a `file:` URL names. */
export function fileUrlFolder(text: string): string {
  const url = parseUrl(text, ['file:'], 'a file: URL such as file:///var/lib/keeneye/blobs');
  return fileURLToPath(url);
}

export function postgresUrl(text: string): string {
  parseUrl(text, ['postgres:', 'postgresql:'], 'a URL such as postgres://user:password@host:5432/database');
  return text;
}

/** An http or https address without query or fragment; a slash at its end is dropped. */
export function webUrl(text: string): string {
  const described = 'an address such as https://images.example.org';
  const url = parseUrl(text, ['http:', 'https:'], described);
  if (url.search || url.hash || url.username) throw new Error(`must be ${described}`);
  return url.href.replace(/\/+$/, '');
}

export function secretText(minLength: number): Parser<string> {
  return (text) => {
    if (text.length < minLength) throw new Error(`must have at least ${minLength} characters`);
    if (/\s/.test(text)) throw new Error('must not contain blanks or line ends');
    return text;
  };
}

function parseUrl(text: string, protocols: string[], described: string): URL {
  const url = URL.parse(text);
  if (!url || !protocols.includes(url.protocol)) throw new Error(`must be ${described}`);
  return url;
}
