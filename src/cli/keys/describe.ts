/** Keys as people read them: one a line of a table, or one with all that is known of it. */
import type { Account } from '../../accounts/account.ts';
import type { Key } from '../../accounts/keys.ts';

const HEADINGS = ['ID', 'PREFIX', 'CREDITS', 'USED', 'CREATED', 'STATE', 'NAME'];

/** @param keys all of them: what holds for one may hold for those below it */
export function tabulateKeys(keys: Key[]): string[] {
  const byId = new Map(keys.map((key) => [key.id, key]));
  return tabulate(
    HEADINGS,
    keys.map((key) => [
      key.id,
      `${key.prefix}…`,
      creditsOf(key),
      String(key.creditsUsed),
      day(key.createdAt),
      stateOf(key, above(key, byId)),
      printable(key.name),
    ]),
  );
}

export function tabulate(headings: string[], rows: string[][]): string[] {
  const widths = headings.map((heading, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]!.length), heading.length),
  );
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
  return [headings, ...rows].map((row) => line(row).trimEnd());
}

/** @param chain the key and those above it, upwards */
export function describeKey(chain: Key[], { creditsLeft, creditsUsed, plan }: Account): string[] {
  const [key, ...parents] = chain as [Key, ...Key[]];
  const facts: [string, string | null | undefined][] = [
    ['id', key.id],
    ['name', printable(key.name)],
    ['email', key.email && printable(key.email)],
    ['secret', `${key.prefix}…`],
    ['state', stateOf(key, parents)],
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

function above({ parentId }: Key, byId: Map<string, Key>): Key[] {
  const parent = byId.get(parentId ?? '');
  return parent ? [parent, ...above(parent, byId)] : [];
}

function stateOf(key: Key, parents: Key[]): string {
  const own = ownState(key);
  if (own !== 'valid') return own;
  const states = parents.map(ownState);
  const inherited = ['revoked', 'expired'].find((state) => states.includes(state));
  return inherited ? `parent ${inherited}` : 'valid';
}

function ownState({ revokedAt, expiresAt }: Key): string {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt.getTime() <= Date.now() ? 'expired' : 'valid';
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}

export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
