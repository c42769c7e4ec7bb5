/**
 * `keeneye keys`: API keys, made, listed and revoked where the server keeps them: in DATABASE_URL, or in
 * the database in DATA_DIR, which is joined when a server runs on it and started for the moment when not.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Key, NewKey } from '../accounts/keys.ts';
import type { Database } from '../store/database.ts';
import { EXIT } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { wholeNumberFrom } from './options.ts';
import { terminal } from './terminal.ts';

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
      withDatabase('make', (database) => create(database, { name, credits: credits ?? null })),
    );
  keys
    .command('list')
    .summary('list all keys')
    .description('Lists all keys, revoked ones included. Secrets are not kept; PREFIX is how each begins.')
    .option('--json', 'print one line of JSON a key')
    .action(({ json }) => withDatabase('refuse', (database) => list(database, json === true)));
  keys
    .command('revoke')
    .summary('end a key for good')
    .description('Ends a key at once. Images that it sent in before are still worked on.')
    .argument('<id>', 'the id that list shows')
    .action((id) => withDatabase('refuse', (database) => revoke(database, id)));
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

/**
 * Loaded here and not above, so that the other verbs need not wait for a database driver.
 * @param ifNone what to do where DATA_DIR has no database: whoever is in the wrong folder should notice.
 */
async function withDatabase(
  ifNone: 'make' | 'refuse',
  work: (database: Database) => Promise<void>,
): Promise<void> {
  const [{ readConfig }, { createLog }, { openDatabase }, embeddedPostgres, { migrate }] = await Promise.all([
    import('../config/config.ts'),
    import('../lib/log.ts'),
    import('../store/database.ts'),
    import('../store/embedded-postgres.ts'),
    import('../store/migrate.ts'),
  ]);
  const { databaseUrl, dataDir } = readConfig();
  const log = createLog('warn');
  const parts = new AsyncDisposableStack();
  try {
    const isNew = databaseUrl === null && !(await embeddedPostgres.hasEmbeddedPostgres(dataDir));
    if (isNew && ifNone === 'refuse') {
      throw new Error(
        `There is no database in ${dataDir}, so there are no keys. Is it the server's DATA_DIR?`,
      );
    }
    const embedded =
      databaseUrl === null ? await embeddedPostgres.reachEmbeddedPostgres({ dataDir, log }) : null;
    if (embedded) parts.defer(() => embedded.stop());
    const database = openDatabase(databaseUrl ?? embedded!.connection, log);
    parts.defer(() => database.close());
    await migrate(database);
    await work(database);
    if (isNew) {
      terminal.complain(`There was no database in ${dataDir}: made one. The server must use that DATA_DIR.`);
    }
  } finally {
    await parts.disposeAsync();
  }
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
