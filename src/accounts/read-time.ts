/** Times as operators write them, wherever they do. */

/** A day, or a time with its zone: one without would mean something else on another machine. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** @returns null for what is no time; a day is the time at which it begins in UTC. */
export function readTime(text: string): Date | null {
  const day = TIME.exec(text)?.[1];
  const time = new Date(text);
  // The 31st of February would be taken for the 3rd of March.
  const isDay = day !== undefined && dayOf(new Date(day)) === day;
  return isDay && !Number.isNaN(time.getTime()) ? time : null;
}

function dayOf(time: Date): string {
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 10);
}
