/** `keeneye keys`: API keys, made, listed and revoked in the server's own database. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Key, NewKey } from '../accounts/keys.ts';
import type { Database } from '../store/database.ts';
import { EXIT } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { wholeNumberFrom } from './options.ts';
import { terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

const DESCRIPTION =
  flow(`Makes, lists and revokes API keys. Works on the server's own configuration (DATABASE_URL or DATA_DIR),
whether the server is running or not.`);

const MOST_CREDITS = 2_000_000_000;
const LONGEST_NAME = 200;

export function registerKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('make, list and revoke API keys')
    .description(DESCRIPTION)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'done'],
        [EXIT.failed, 'failed, or there is no such key; the reason is on stderr'],
        [EXIT.usage, 'the command line makes no sense'],
      ]),
    );
  keys
    .command('create')
    .summary('make a key and print its secret, this once')
    .description('Makes a key and prints its secret on stdout. It is kept nowhere and cannot be shown again.')
    .addOption(new Option('--name <name>', 'what the key is for').argParser(keyName).default('unnamed'))
    .addOption(
      new Option(
        '--credits <number>',
        'successful images it may have, in all; without it, any number',
      ).argParser(wholeNumberFrom(0, MOST_CREDITS)),
    )
    .action(({ name, credits }) =>
      withDatabase({ keeps: 'keys', ifNone: 'make' }, ({ database }) =>
        create(database, { name, credits: credits ?? null }),
      ),
    );
  keys
    .command('list')
    .summary('list all keys')
    .description('Lists all keys, revoked ones included. Secrets are not kept; PREFIX is how each begins.')
    .option('--json', 'print one line of JSON a key')
    .action(({ json }) =>
      withDatabase({ keeps: 'keys', ifNone: 'refuse' }, ({ database }) => list(database, json === true)),
    );
  keys
    .command('revoke')
    .summary('end a key for good')
    .description('Ends a key at once. Images that it sent in before are still worked on.')
    .argument('<id>', 'the id that list shows')
    .action((id) =>
      withDatabase({ keeps: 'keys', ifNone: 'refuse' }, ({ database }) => revoke(database, id)),
    );
}

async function create(database: Database, wanted: NewKey): Promise<void> {
  const { createKey } = await import('../accounts/keys.ts');
  terminal.print((await createKey(database, wanted)).secret);
}

async function list(database: Database, json: boolean): Promise<void> {
  const { listKeys } = await import('../accounts/keys.ts');
  const keys = await listKeys(database);
  if (json) for (const key of keys) terminal.print(JSON.stringify(key));
  else for (const line of tabulate(keys)) terminal.print(line);
}

async function revoke(database: Database, id: string): Promise<void> {
  const { revokeKey } = await import('../accounts/keys.ts');
  if (await revokeKey(database, id)) return;
  terminal.complain(`There is no key with the id ${id}.`);
  process.exitCode = EXIT.failed;
}

function keyName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > LONGEST_NAME)
    throw new InvalidArgumentError(`It must have 1 to ${LONGEST_NAME} characters.`);
  return name;
}

const HEADINGS = ['ID', 'PREFIX', 'CREDITS', 'USED', 'CREATED', 'STATE', 'NAME'];

function tabulate(keys: Key[]): string[] {
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}…`,
    key.credits === null ? 'any' : String(key.credits),
    String(key.creditsUsed),
    key.createdAt.toISOString().slice(0, 10),
    key.revokedAt ? 'revoked' : 'valid',
    key.name.replace(/\p{Cc}/gu, ' '),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length)),
  );
  return [HEADINGS, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
