/** `keeneye jobs`: jobs listed, looked at, tried again and called off. */
import { type Command, Option } from 'commander';
import { JOB_STATUSES } from '../jobs/job-list.ts';
import type { JobStatus } from '../jobs/job-record.ts';
import type { LeaseQueues } from '../jobs/lease-queue.ts';
import { EXIT } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { describeJob, tabulateJobs } from './jobs/describe.ts';
import { wholeNumberFrom } from './options.ts';
import { terminal } from './terminal.ts';
import { type Opened, withDatabase } from './with-database.ts';

const DESCRIPTION =
  flow(`Looks after jobs: each is an image on its way to its results. One that has ended is known for RESULT_TTL. Works on
the server's own configuration (DATABASE_URL or DATA_DIR), whether the server is running or not; only a running one
works on jobs.`);

const RETRY_DESCRIPTION =
  flow(`Has a failed job begin anew under the same id. Its image must still be stored, or have come by an address, from
which it is then fetched again, without a password if there was one. It reserves its credit again. What a callback has
said already is not taken back.`);

const CANCEL_DESCRIPTION =
  flow(`Ends a job that waits or is worked on as failed, for the reason cancelled. Its credit is given back, and whoever
waits for it or wants to be called back is told.`);

interface ListFlags {
  status?: JobStatus;
  key?: string;
  dialect?: string;
  limit: number;
  json?: boolean;
}

export function registerJobs(program: Command): void {
  const jobs = program
    .command('jobs')
    .summary('list jobs, try them again, call them off')
    .description(DESCRIPTION)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'done'],
        [EXIT.failed, 'failed, or there is no such job; the reason is on stderr'],
        [EXIT.usage, 'the command line makes no sense'],
      ]),
    );
  registerReaders(jobs);
  jobs
    .command('retry')
    .summary('try a failed one again')
    .description(RETRY_DESCRIPTION)
    .argument('<id>', 'the id that list shows')
    .action((id) => withJobs((opened) => retry(opened, id)));
  jobs
    .command('cancel')
    .summary('call one off')
    .description(CANCEL_DESCRIPTION)
    .argument('<id>', 'the id that list shows')
    .action((id) => withJobs((opened) => cancel(opened, id)));
}

function registerReaders(jobs: Command): void {
  jobs
    .command('list')
    .summary('list jobs')
    .description('Lists jobs, newest first.')
    .addOption(new Option('--status <status>', 'only those').choices(JOB_STATUSES))
    .option('--key <id>', 'only those of this key')
    .option('--dialect <name>', 'only those that came by this API')
    .addOption(
      new Option('--limit <number>', 'jobs at most').argParser(wholeNumberFrom(1, 1_000_000)).default(100),
    )
    .option('--json', 'print one line of JSON a job')
    .action((flags: ListFlags) => withJobs((opened) => list(opened, flags)));
  jobs
    .command('show')
    .summary('show all about one job')
    .description('Shows all that is known of a job: source, results, times, batches and their callbacks.')
    .argument('<id>', 'the id that list shows')
    .option('--json', 'print it as JSON')
    .action((id, { json }) => withJobs((opened) => show(opened, id, json === true)));
}

function withJobs(work: (opened: Opened) => Promise<void>): Promise<void> {
  return withDatabase({ keeps: 'jobs', ifNone: 'refuse' }, work);
}

async function list({ database }: Opened, { status, key, dialect, limit, json }: ListFlags): Promise<void> {
  const { listJobs } = await import('../jobs/job-list.ts');
  const { jobs } = await listJobs(database, { status, keyId: key, dialect, limit });
  const lines = json ? jobs.map((job) => JSON.stringify(job)) : tabulateJobs(jobs);
  for (const line of lines) terminal.print(line);
}

async function show({ database }: Opened, id: string, json: boolean): Promise<void> {
  const { inspectJob } = await import('../jobs/job-list.ts');
  const job = await inspectJob(database, id);
  if (!job) {
    terminal.complain(`There is no job with the id ${id}.`);
    process.exitCode = EXIT.failed;
  } else if (json) terminal.print(JSON.stringify(job, null, 2));
  else for (const line of describeJob(job)) terminal.print(line);
}

async function retry(opened: Opened, id: string): Promise<void> {
  const { retryJob } = await import('../jobs/intervene.ts');
  await withQueues(opened, async (queues) => {
    terminal.print(await retryJob(opened.database, queues, id));
  });
}

async function cancel(opened: Opened, id: string): Promise<void> {
  const { cancelJob } = await import('../jobs/intervene.ts');
  const { database, config } = opened;
  await withQueues(opened, async (queues) => {
    await cancelJob(database, queues, id, config.resultTtlMs);
  });
}

async function withQueues(
  { database, config }: Opened,
  work: (queues: LeaseQueues) => Promise<void>,
): Promise<void> {
  const { createLeaseQueues } = await import('../jobs/lease-queue.ts');
  const { createLog } = await import('../lib/log.ts');
  const queues = createLeaseQueues(database, config.jobTimeoutMs, createLog('warn'));
  try {
    await queues.start();
    await work(queues);
  } finally {
    await queues.stop();
  }
}
