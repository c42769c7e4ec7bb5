/** `keeneye keys`: API keys, made, listed, changed and revoked in the server's own database. */
import type { Command } from 'commander';
import type { Database } from '../store/database.ts';
import { EXIT } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { describeKey, tabulateKeys } from './keys/describe.ts';
import { missing } from './keys/missing.ts';
import { changeOf, type KeyFlags, keyOptions } from './keys/options.ts';
import { charactersOption, type NewKeyFlags, readSecret } from './keys/secret-options.ts';
import { registerUsage } from './keys/usage.ts';
import { terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

const DESCRIPTION =
  flow(`Makes, lists, changes and revokes API keys. Works on the server's own configuration (DATABASE_URL or DATA_DIR),
whether the server is running or not.`);

const CREATE_DESCRIPTION =
  flow(`Makes a key and prints its secret on stdout. It is kept nowhere and cannot be shown again. Without a plan, it may have
any number of images.

A key with a parent spends of its own credits and of its parent's, and what its parent may not, it may not either.`);

const SET_DESCRIPTION = flow(
  `Changes what the options say of a key, at once; all else stays. Another plan begins to count anew.`,
);

/** Of `withDatabase`, for all verbs but `create`. */
const EXISTING = { keeps: 'keys', ifNone: 'refuse' } as const;

export function registerKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('make, list, change and revoke API keys')
    .description(DESCRIPTION)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'done'],
        [EXIT.failed, 'failed, or there is no such key; the reason is on stderr'],
        [EXIT.usage, 'the command line makes no sense'],
      ]),
    );
  registerCreate(keys);
  registerReaders(keys);
  registerSet(keys);
  keys
    .command('revoke')
    .summary('end a key for good')
    .description(
      'Ends a key and those below it at once. Images that they sent in before are still worked on.',
    )
    .argument('<id>', 'the id that list shows')
    .action((id) => withDatabase(EXISTING, ({ database }) => revoke(database, id)));
  registerUsage(keys);
}

function registerCreate(keys: Command): void {
  const create = keys
    .command('create')
    .summary('make a key and print its secret, this once')
    .description(CREATE_DESCRIPTION);
  for (const option of keyOptions())
    create.addOption(option.attributeName() === 'name' ? option.default('unnamed') : option);
  create
    .option('--parent <id>', 'the key that it is below')
    .option('--admin', 'let it make and change keys over HTTP')
    .addOption(charactersOption())
    .option('--secret-stdin', 'take the secret from stdin, so that clients can keep the one they have')
    .action((flags: NewKeyFlags) =>
      withDatabase({ keeps: 'keys', ifNone: 'make' }, ({ database }) => make(database, flags)),
    );
}

function registerReaders(keys: Command): void {
  keys
    .command('list')
    .summary('list all keys')
    .description('Lists all keys, revoked ones included. Secrets are not kept; PREFIX is how each begins.')
    .option('--json', 'print one line of JSON a key')
    .action(({ json }) => withDatabase(EXISTING, ({ database }) => list(database, json === true)));
  keys
    .command('show')
    .summary('show all about one key')
    .description('Shows all that is known of a key, and what is left of its credits.')
    .argument('<id>', 'the id that list shows')
    .option('--json', 'print it as JSON')
    .action((id, { json }) => withDatabase(EXISTING, ({ database }) => show(database, id, json === true)));
}

function registerSet(keys: Command): void {
  const set = keys
    .command('set')
    .summary('change what a key may')
    .description(SET_DESCRIPTION)
    .argument('<id>', 'the id that list shows');
  for (const option of keyOptions()) set.addOption(option);
  set
    .option('--admin', 'let it make and change keys over HTTP')
    .option('--no-admin', 'do not let it any more')
    .action((id, flags: KeyFlags) => withDatabase(EXISTING, ({ database }) => change(database, id, flags)));
}

async function make(database: Database, flags: NewKeyFlags): Promise<void> {
  const { createKey } = await import('../accounts/keys.ts');
  const { name, parent } = flags;
  const wanted = { credits: null, ...changeOf(flags), name, parentId: parent };
  const { key, secret } = await createKey(database, wanted, await readSecret(flags));
  // Whoever brought the secret has it.
  terminal.print(flags.secretStdin ? key.id : secret);
}

async function list(database: Database, json: boolean): Promise<void> {
  const { listKeys } = await import('../accounts/keys.ts');
  const keys = await listKeys(database);
  const lines = json ? keys.map((key) => JSON.stringify(key)) : tabulateKeys(keys);
  for (const line of lines) terminal.print(line);
}

async function show(database: Database, id: string, json: boolean): Promise<void> {
  const { findChain } = await import('../accounts/keys.ts');
  const { describeAccount } = await import('../accounts/account.ts');
  const chain = await findChain(database, id);
  const [key] = chain;
  if (!key) return missing(id);
  const account = await describeAccount(database, key);
  const { creditsLeft, plan } = account;
  const { daysToRenewal, exhausted } = plan;
  if (json) terminal.print(JSON.stringify({ ...key, creditsLeft, daysToRenewal, exhausted }));
  else for (const line of describeKey(chain, account)) terminal.print(line);
}

async function change(database: Database, id: string, flags: KeyFlags): Promise<void> {
  const { findKey } = await import('../accounts/keys.ts');
  const { changeKey } = await import('../accounts/change-key.ts');
  const key = await findKey(database, id);
  if (!key) return missing(id);
  await changeKey(database, id, changeOf(flags, key.rateLimits));
}

async function revoke(database: Database, id: string): Promise<void> {
  const { revokeKey } = await import('../accounts/keys.ts');
  if (!(await revokeKey(database, id))) missing(id);
}
