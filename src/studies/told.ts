/** Reads what a viewer's browser tells: every member is checked, whatever else is there is passed over. Pure. */
import { Problem } from '../lib/problem.ts';
import type { Answer, Display } from './viewers.ts';
import { PARTS } from './viewing-plan.ts';

const MOST_PIXELS = 100_000;
const MOST_PIXEL_RATIO = 20;
/** A day: whoever goes to lunch before answering comes back. */
const MOST_MS = 24 * 3600 * 1000;

/** @throws Problem `invalid-parameter` */
export function readDisplay(told: unknown): Display {
  const members = membersOf(told);
  return {
    devicePixelRatio: numberOf(members, 'devicePixelRatio', MOST_PIXEL_RATIO),
    screenWidth: numberOf(members, 'screenWidth', MOST_PIXELS),
    screenHeight: numberOf(members, 'screenHeight', MOST_PIXELS),
    windowWidth: numberOf(members, 'windowWidth', MOST_PIXELS),
    windowHeight: numberOf(members, 'windowHeight', MOST_PIXELS),
  };
}

/** @throws Problem `invalid-parameter` */
export function readAnswer(told: unknown): Answer {
  const members = membersOf(told);
  const { answer, part = null } = members;
  const tookMs = Math.round(numberOf(members, 'tookMs', MOST_MS));
  if (answer === 'same' && part === null) return { answer, part, tookMs };
  if (answer === 'different' && isPart(part)) return { answer, part, tookMs };
  throw new Problem(
    'invalid-parameter',
    `answer must be "same", or "different" with a part from 0 to ${PARTS - 1}.`,
    { parameter: answer === 'same' || answer === 'different' ? 'part' : 'answer' },
  );
}

function membersOf(told: unknown): Record<string, unknown> {
  if (typeof told === 'object' && told !== null && !Array.isArray(told))
    return told as Record<string, unknown>;
  throw new Problem('invalid-parameter', 'The body must be a JSON object.');
}

function numberOf(members: Record<string, unknown>, name: string, most: number): number {
  const value = members[name];
  if (typeof value === 'number' && value >= 0 && value <= most) return value;
  throw new Problem('invalid-parameter', `${name} must be a number from 0 to ${most}.`, { parameter: name });
}

function isPart(part: unknown): part is number {
  return Number.isInteger(part) && (part as number) >= 0 && (part as number) < PARTS;
}
