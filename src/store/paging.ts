/**
 * Long lists a page at a time, newest first: a page ends at a place, which is the time and the id of its last row, so
 * that rows that come in meanwhile shift nothing. Which rows there are is their readers' to say.
 */

/** Of its time in microseconds, which no Date has, and its id. */
const PLACE = /^(\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function isPlace(text: string): boolean {
  return PLACE.test(text);
}

/** The values of `isAfter`. @param place undefined for the first page */
export function placeValues(place: string | undefined): [micros: string | null, id: string | null] {
  const [, micros = null, id = null] = PLACE.exec(place ?? '') ?? [];
  return [micros, id];
}

/** SQL of a row's place. */
export const placeOf = (table: string): string =>
  `(extract(epoch FROM ${table}.created_at) * 1000000)::bigint || '.' || ${table}.id`;

/** SQL of whether a row comes after a place, whose values are the parameters `$first` and the next. */
export const isAfter = (table: string, first: number): string =>
  `($${first}::bigint IS NULL OR (${table}.created_at, ${table}.id)
     < (timestamptz 'epoch' + $${first}::bigint * interval '1 microsecond', $${first + 1}::uuid))`;

export const newestFirst = (table: string): string => `${table}.created_at DESC, ${table}.id DESC`;

/** Makes a page of rows of which one more was asked for than it has. @returns the place for the next; null on the last page */
export function toPage<Row extends { place: string }>(
  rows: Row[],
  limit: number,
): { shown: Omit<Row, 'place'>[]; next: string | null } {
  const page = rows.slice(0, limit);
  return {
    shown: page.map(({ place: _place, ...row }) => row),
    next: rows.length > page.length ? page.at(-1)!.place : null,
  };
}
