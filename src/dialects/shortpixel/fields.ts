/**
 * Reads a call's fields, however they are sent: JSON under any content type (the WordPress plugin sends none, the SDK a
 * form's), multipart, urlencoded, in the query. What fields mean is left to others; this file only reads their types.
 */
import type { FormFile, Request } from '../dialect.ts';

export type Fields = Record<string, unknown>;

export interface Call {
  fields: Fields;
  files: FormFile[];
}

/** @throws Problem `malformed-body` | `body-too-large` */
export async function readCall(request: Request): Promise<Call> {
  const query = Object.fromEntries(request.query);
  if (/^multipart\//i.test(request.headers['content-type'] ?? '')) {
    const { fields, lists, files } = await request.form();
    return { fields: { ...query, ...fields, ...lists }, files };
  }
  const { buffer, byteOffset, length } = await request.bytes();
  const body = Buffer.from(buffer, byteOffset, length).toString('utf8').trim();
  return { fields: { ...query, ...(readObject(body) ?? readUrlencoded(body)) }, files: [] };
}

function readObject(body: string): Fields | null {
  const value = structured(body);
  return isObject(value) ? value : null;
}

function readUrlencoded(body: string): Fields {
  const form = new URLSearchParams(body);
  return Object.fromEntries(
    [...form].map(([name, value]) =>
      name.endsWith('[]') ? [name.slice(0, -2), form.getAll(name)] : [name, value],
    ),
  );
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as it is, or what a text says in JSON: structures travel as texts in forms. */
export function structured(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Numbers and booleans as forms would have them; empty for what has no text. */
export function text(value: unknown): string {
  if (value === true) return '1';
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** Whole numbers, also with a fraction or a unit behind; null for anything else. */
export function integer(value: unknown): number | null {
  const [digits] = /^[+-]?\d{1,9}/.exec(text(value)) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** Whether something was asked for by other words than the ones for "no". */
export function isSet(value: unknown): boolean {
  return !['', '0', 'false', 'null', 'NA'].includes(text(value));
}

/** A list, the values of an object (PHP's lists with gaps), or a single value; texts among them. */
export function list(value: unknown): unknown[] {
  const whole = structured(value);
  if (Array.isArray(whole)) return whole;
  if (isObject(whole)) return Object.values(whole);
  return text(whole) === '' ? [] : [whole];
}
