/** Keys as people read them: one a line of a table, or one with all that is known of it. */
import type { Account } from '../../accounts/account.ts';
import type { Key } from '../../accounts/keys.ts';

const HEADINGS = ['ID', 'PREFIX', 'CREDITS', 'USED', 'CREATED', 'STATE', 'NAME'];

export function tabulateKeys(keys: Key[]): string[] {
  return tabulate(
    HEADINGS,
    keys.map((key) => [
      key.id,
      `${key.prefix}…`,
      creditsOf(key),
      String(key.creditsUsed),
      day(key.createdAt),
      stateOf(key),
      printable(key.name),
    ]),
  );
}

export function tabulate(headings: string[], rows: string[][]): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
  return [headings, ...rows].map((row) => line(row).trimEnd());
}

export function describeKey(key: Key, { creditsLeft, creditsUsed, plan }: Account): string[] {
  const facts: [string, string | null | undefined][] = [
    ['id', key.id],
    ['name', printable(key.name)],
    ['email', key.email && printable(key.email)],
    ['secret', `${key.prefix}…`],
    ['state', stateOf(key)],
    ['plan', key.plan],
    ['credits', creditsOf(key)],
    [
      'left',
      creditsLeft === null ? 'any' : `${creditsLeft}${plan.exhausted === 'parent' ? ', of the parent' : ''}`,
    ],
    ['used', plan.used === creditsUsed ? `${creditsUsed}` : `${plan.used}, in all ${creditsUsed}`],
    ['reserved', `${key.creditsReserved}`],
    ['renewed in', key.plan === 'monthly' ? `${plan.daysToRenewal} days` : null],
    ['parent', key.parentId],
    ['domains', key.domains.join(', ')],
    [
      'rates',
      Object.entries(key.rateLimits)
        .map(([endpoint, rate]) => `${endpoint}=${rate}`)
        .join(', '),
    ],
    ['floor', key.floor === null ? null : `${key.floor}`],
    ['formats', key.formats?.join(', ')],
    ['admin', key.admin ? 'yes' : null],
    ['created', key.createdAt.toISOString()],
    ['expires', key.expiresAt?.toISOString()],
    ['revoked', key.revokedAt?.toISOString()],
  ];
  return facts.filter(([, fact]) => fact).map(([name, fact]) => `${`${name}:`.padEnd(12)}${fact}`);
}

function creditsOf({ plan, credits }: Key): string {
  if (credits === null) return 'any';
  return plan === 'monthly' ? `${credits}/month` : `${credits}`;
}

function stateOf({ revokedAt, expiresAt }: Key): string {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt.getTime() <= Date.now() ? 'expired' : 'valid';
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}

export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
