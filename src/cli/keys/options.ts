/** What `keeneye keys create` and `set` let one say of a key, and what that makes of it. */
import { InvalidArgumentError, Option } from 'commander';
import type { KeyChange } from '../../accounts/change-key.ts';
import { EMAIL, ENDPOINT, KEY_BOUNDS } from '../../accounts/key-bounds.ts';
import type { KeyFormat } from '../../accounts/keys.ts';
import { readTime } from '../../accounts/read-time.ts';
import { PIXEL_FORMATS } from '../../engine/contract.ts';
import { listOf, numberFrom, wholeNumberFrom } from '../options.ts';

/** Takes a limit away. A word, because commander knows no null. */
type None = 'none';

export interface KeyFlags {
  name?: string;
  email?: string | None;
  credits?: number;
  monthly?: number;
  metered?: true;
  domains?: string[] | None;
  expires?: Date | None;
  rate?: Record<string, number | None>;
  floor?: number | None;
  formats?: KeyFormat[] | None;
  admin?: boolean;
}

export function keyOptions(): Option[] {
  return [
    new Option('--name <name>', 'what the key is for').argParser(keyName),
    new Option('--email <address>', 'whom to write to').argParser(orNone(email)),
    ...planOptions().map((option) => option.helpGroup('Plan:')),
    ...limitOptions().map((option) => option.helpGroup('Limits (none takes one away):')),
  ];
}

function planOptions(): Option[] {
  const credits = wholeNumberFrom(0, KEY_BOUNDS.credits);
  return [
    new Option('--credits <number>', 'successful images it may have, in all').argParser(credits),
    new Option('--monthly <number>', 'successful images it may have a month').argParser(credits),
    new Option('--metered', 'any number of images, counted'),
  ].map((option, at) =>
    option.conflicts(['credits', 'monthly', 'metered'].filter((_, other) => other !== at)),
  );
}

function limitOptions(): Option[] {
  const { min, max } = KEY_BOUNDS.floor;
  return [
    new Option('--domains <list>', 'sites that it is for, with all below them').argParser(orNone(words)),
    new Option('--expires <time>', 'when it ends: a day, as it begins in UTC, or a time').argParser(
      orNone(time),
    ),
    new Option(
      '--rate <endpoint=number>',
      'requests a minute to an endpoint of a protocol, * for all others; may be repeated',
    ).argParser(rate),
    new Option('--floor <score>', `lossy results are never below it, ${min} to ${max}`).argParser(
      orNone(numberFrom(min, max)),
    ),
    new Option('--formats <list>', `what results may be: ${PIXEL_FORMATS.join(', ')}`).argParser(
      orNone(listOf(PIXEL_FORMATS)),
    ),
  ];
}

/** @param present the limits that the key has, of which the flags name those that change */
export function changeOf(flags: KeyFlags, present: Record<string, number> = {}): KeyChange {
  const { name, admin, domains, rate } = flags;
  return {
    name,
    admin,
    email: orNull(flags.email),
    floor: orNull(flags.floor),
    formats: orNull(flags.formats),
    expiresAt: orNull(flags.expires),
    domains: domains === 'none' ? [] : domains,
    rateLimits: rate && merge(present, rate),
    ...planOf(flags),
  };
}

function orNull<T>(value: T | None | undefined): T | null | undefined {
  return value === 'none' ? null : value;
}

function planOf({ credits, monthly, metered }: KeyFlags): Pick<KeyChange, 'plan' | 'credits'> {
  if (metered) return { plan: 'metered', credits: null };
  if (monthly !== undefined) return { plan: 'monthly', credits: monthly };
  return credits === undefined ? {} : { plan: 'prepaid', credits };
}

function merge(
  present: Record<string, number>,
  changes: Record<string, number | None>,
): Record<string, number> {
  const all = Object.entries({ ...present, ...changes });
  return Object.fromEntries(all.filter((entry): entry is [string, number] => entry[1] !== 'none'));
}

function orNone<T>(parse: (text: string) => T): (text: string) => T | None {
  return (text) => (text === 'none' ? text : parse(text));
}

function keyName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > KEY_BOUNDS.nameLength)
    throw new InvalidArgumentError(`It must have 1 to ${KEY_BOUNDS.nameLength} characters.`);
  return name;
}

function email(text: string): string {
  if (text.length <= KEY_BOUNDS.emailLength && EMAIL.test(text)) return text;
  throw new InvalidArgumentError('It must be an e-mail address.');
}

function words(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}

export function time(text: string): Date {
  const read = readTime(text);
  if (read) return read;
  throw new InvalidArgumentError('It must be a day (2030-01-31) or a time (2030-01-31T18:00Z).');
}

function rate(text: string, before: Record<string, number | None> = {}): Record<string, number | None> {
  const [, endpoint, number] = /^(.+)=(\w+)$/.exec(text) ?? [];
  if (endpoint === undefined || number === undefined || !ENDPOINT.test(endpoint))
    throw new InvalidArgumentError('It must be an endpoint and a number, such as optimize=60 or *=600.');
  return { ...before, [endpoint]: orNone(wholeNumberFrom(1, KEY_BOUNDS.requests))(number) };
}
