/** `keeneye webhooks`: callbacks listed, looked at and sent again, and the secrets that sign them. */
import { type Command, Option } from 'commander';
import type { Database } from '../store/database.ts';
import type { CallbackEntry, CallbackFilter, CallbackStatus } from '../webhooks/callback-record.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { wholeNumberFrom } from './options.ts';
import { terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

const DESCRIPTION =
  flow(`Looks after callbacks: what receivers are told once all images that they sent in together are done. A callback
is tried for 24 hours; one that nobody took by then is dead, and can be sent again. Works on the server's own
configuration (DATABASE_URL or DATA_DIR), whether the server is running or not; only a running one sends.
docs/use/webhooks.md tells what receivers get.`);

const STATUSES: CallbackStatus[] = ['waiting', 'due', 'delivered', 'dead'];

export function registerWebhooks(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .summary('list callbacks and send them again')
    .description(DESCRIPTION)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'done'],
        [EXIT.failed, 'failed, or there is no such callback or key; the reason is on stderr'],
        [EXIT.usage, 'the command line makes no sense'],
      ]),
    );
  registerList(webhooks);
  webhooks
    .command('show')
    .summary('print all of one callback')
    .description('Prints a callback as JSON, with what it says once it has been sent for the first time.')
    .argument('<id>', 'the id that list shows; receivers have it as webhook-id')
    .action((id) => withCallbacks((database) => show(database, id)));
  webhooks
    .command('replay')
    .summary('send again')
    .description(
      'Sends a callback again, dead or delivered: the same body under the same id, for up to another 24 hours.',
    )
    .argument('[id]', 'the id that list shows')
    .option('--dead', 'all that are dead, instead of one; prints how many')
    .action((id, { dead }) => replay(id, dead === true));
  webhooks
    .command('secret')
    .summary("print a key's signing secret")
    .description("Prints the secret with which receivers check the callbacks of a key's images.")
    .argument('<key>', 'the id that keys list shows')
    .action((key) => withCallbacks((database) => printSecret(database, key)));
}

function registerList(webhooks: Command): void {
  webhooks
    .command('list')
    .summary('list callbacks')
    .description('Lists callbacks, newest first.')
    .addOption(new Option('--status <status>', 'only those').choices(STATUSES))
    .addOption(
      new Option('--limit <number>', 'callbacks at most')
        .argParser(wholeNumberFrom(1, 1_000_000))
        .default(100),
    )
    .option('--json', 'print one line of JSON a callback')
    .action(({ status, limit, json }) =>
      withCallbacks((database) => list(database, { status, limit }, json === true)),
    );
}

function withCallbacks(work: (database: Database) => Promise<void>): Promise<void> {
  return withDatabase({ keeps: 'callbacks', ifNone: 'refuse' }, ({ database }) => work(database));
}

async function list(database: Database, filter: CallbackFilter, json: boolean): Promise<void> {
  const { listCallbacks } = await import('../webhooks/callback-record.ts');
  const { callbacks } = await listCallbacks(database, filter);
  if (json) for (const each of callbacks) terminal.print(JSON.stringify(each));
  else for (const line of callbacks.flatMap(describe)) terminal.print(line);
}

function describe({ id, status, url, attempts, createdAt, nextAt, lastError }: CallbackEntry): string[] {
  const facts = [
    `made ${createdAt.toISOString()}`,
    `${attempts} attempts`,
    ...(status === 'due' && nextAt ? [`next ${nextAt.toISOString()}`] : []),
    ...(status !== 'delivered' && lastError !== null ? [lastError] : []),
  ];
  return [`${id}  ${status}  ${url}`, `    ${facts.join('; ')}`].map((line) => line.replace(/\p{Cc}/gu, ' '));
}

async function show(database: Database, id: string): Promise<void> {
  const { findCallback } = await import('../webhooks/callback-record.ts');
  const callback = await findCallback(database, id);
  if (callback) terminal.print(JSON.stringify(callback, null, 2));
  else fail(`There is no callback with the id ${id}.`);
}

async function replay(id: string | undefined, dead: boolean): Promise<void> {
  if ((id !== undefined) === dead)
    throw new UsageError('Name one callback by its id, or all dead ones by --dead.');
  await withCallbacks(async (database) => {
    const { replayCallback, replayDeadCallbacks } = await import('../webhooks/callback-record.ts');
    if (id === undefined) terminal.print(String(await replayDeadCallbacks(database)));
    else if (!(await replayCallback(database, id)))
      fail(`There is no callback with the id ${id} whose images are all done.`);
  });
}

async function printSecret(database: Database, keyId: string): Promise<void> {
  const { webhookSecretOf } = await import('../webhooks/secret.ts');
  const secret = await webhookSecretOf(database, keyId);
  if (secret !== null) terminal.print(secret);
  else fail(`There is no key with the id ${keyId}.`);
}

function fail(reason: string): void {
  terminal.complain(reason);
  process.exitCode = EXIT.failed;
}
