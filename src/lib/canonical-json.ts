/**
 * The JSON Canonicalization Scheme (RFC 8785): one text for one value, whoever writes it, so that a value
 * can be signed or hashed and checked again after it has been through any number of JSON writers.
 */

/**
 * Members sorted by the UTF-16 code units of their names, no white space, numbers and strings as ECMAScript
 * writes them. Members whose value is undefined are left out, as they are by `JSON.stringify`.
 * @throws TypeError for what JSON cannot say: a number that is not finite, half of a surrogate pair, a date.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return canonicalObject(value);
  if (typeof value === 'string' && !value.isWellFormed())
    throw new TypeError('A text with half of a surrogate pair has no canonical form.');
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${value} has no canonical form.`);
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`A ${typeof value} has no canonical form.`);
  return text;
}

function canonicalObject(value: object): string {
  if (!isPlain(value)) throw new TypeError(`A ${value.constructor.name} has no canonical form.`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`).join(',')}}`;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
