/** `keeneye keys usage`: what was done for whom, in sums or as CSV. */
import { type Command, Option } from 'commander';
import type { UsageFilter } from '../../accounts/ledger.ts';
import type { Database } from '../../store/database.ts';
import { formatBytes } from '../format.ts';
import { terminal } from '../terminal.ts';
import { withDatabase } from '../with-database.ts';
import { printable, tabulate } from './describe.ts';
import { missing } from './missing.ts';
import { time } from './options.ts';

interface UsageFlags {
  csv?: true;
  from?: Date;
  to?: Date;
  key?: string;
}

export function registerUsage(keys: Command): void {
  keys
    .command('usage')
    .summary('print what was done for whom')
    .description(
      'Prints what was done for each key. With --csv, an entry for each image, as spreadsheets and bills want it.',
    )
    .option('--csv', 'print CSV, an entry a line')
    .addOption(new Option('--from <time>', 'from this day or time on').argParser(time))
    .addOption(new Option('--to <time>', 'before this day or time').argParser(time))
    .option('--key <id>', 'of this key and those below it')
    .action((flags: UsageFlags) =>
      withDatabase({ keeps: 'keys', ifNone: 'refuse' }, ({ database }) => usage(database, flags)),
    );
}

async function usage(database: Database, { csv, from, to, key }: UsageFlags): Promise<void> {
  const { findKey } = await import('../../accounts/keys.ts');
  const { exportUsage } = await import('../../accounts/ledger.ts');
  if (key !== undefined && !(await findKey(database, key))) return missing(key);
  const filter: UsageFilter = { from, to, keyId: key };
  if (csv) await terminal.pour(exportUsage(database, filter));
  else await printSums(database, filter);
}

const HEADINGS = ['ID', 'DONE', 'DECLINED', 'FAILED', 'CREDITS', 'IN', 'SAVED', 'NAME'];

async function printSums(database: Database, filter: UsageFilter): Promise<void> {
  const { sumUsage } = await import('../../accounts/usage-sums.ts');
  const rows = (await sumUsage(database, filter)).map((sum) => [
    sum.keyId,
    `${sum.done}`,
    `${sum.declined}`,
    `${sum.failed}`,
    `${sum.credits}`,
    formatBytes(sum.bytesIn),
    formatBytes(sum.bytesSaved),
    printable(sum.name),
  ]);
  for (const line of tabulate(HEADINGS, rows)) terminal.print(line);
}
