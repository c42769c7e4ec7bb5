/** Readers of option values that several verbs share; what they reject, commander words and refuses. */
import { InvalidArgumentError } from 'commander';
import { readDecimal } from '../lib/decimal.ts';

/** @returns a parser of a number from `min` to `max`. */
export function numberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = readDecimal(text);
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
    return value;
  };
}

/** @returns a parser of a whole number from `min` to `max`. */
export function wholeNumberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < min || Number(text) > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return Number(text);
  };
}

const OTHER_NAMES: Record<string, string> = { jpg: 'jpeg' };

/** @returns a parser of a comma-separated list of words out of `choices`; repeated words count once. */
export function listOf<T extends string>(choices: readonly T[]): (text: string) => T[] {
  return (text) => {
    const words = new Set(text.split(',').map((word) => OTHER_NAMES[word.trim()] ?? word.trim()));
    const wrong = [...words].find((word) => !choices.includes(word as T));
    if (wrong !== undefined) throw new InvalidArgumentError(`Allowed are ${choices.join(', ')}.`);
    return [...words] as T[];
  };
}
