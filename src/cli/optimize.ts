/** `keeneye optimize`: its options, what they mean together, and its help. The work is in `optimize/`. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { userConfigFolder } from '../config/env.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { type EngineFlags, engineOptions, readOptions } from './optimize/engine-options.ts';
import type { Destination } from './optimize/placement.ts';
import { IMAGE_EXTENSIONS } from './optimize/sources.ts';
import { wholeNumberFrom } from './options.ts';
import { abortOnInterrupt } from './terminal.ts';

const DESCRIPTION =
  flow(`Writes each image again as small as it gets without a visible difference. Every result is decoded
and compared with its original; where none is smaller and faithful, the file is declined with the
reason and nothing is written. Needs no server and no database.

Folders are searched recursively for files called ${IMAGE_EXTENSIONS.join(', ')}; hidden
files and folders are passed over. Files that are named themselves are taken whatever their name.

Without --out or --in-place, results go beside their originals: photo.jpg becomes
photo.optimized.jpg, or photo.webp when the format changes and that name is free. The next run passes
over such a result while its original is there. No original is ever overwritten without a backup, and
no file is ever half written.

A report says what was measured on the result, and can be checked later, by anyone who has both files:
see keeneye verify. It is signed with a key of yours in ~/.config/keeneye (or XDG_CONFIG_HOME), which is
made when it is first needed.`);

const JSON_HELP = `
With --json, one object a file, then {"summary":{...}}:
  file, status (done | declined | skipped | failed); reason and detail unless done;
  input {format, bytes, width, height, sha256}; engine; backup (the original's new path, or null);
  outputs [{path, format, bytes, width, height, frames, sha256, score, worstTile {x, y, width, height,
  score}, visibility {jnd, spread, probability, iwssim (null: too small)}, encoder, quality (null:
  lossless), evaluations, report (its path, with --report)}].
  summary {files, done, declined, skipped, failed, bytesIn, bytesOut, bytesSaved, lowestScore,
  lowestTileScore, seconds, dryRun}; bytes are those of the files done, by their smallest output.`;

interface OptimizeFlags extends EngineFlags {
  out?: string;
  inPlace?: true;
  backup?: true;
  backupDir?: string;
  jobs: number;
  report?: true;
  json?: true;
  dryRun?: true;
}

export function registerOptimize(program: Command): void {
  const command = program
    .command('optimize')
    .summary('make images smaller without a visible difference')
    .description(DESCRIPTION)
    .argument('<paths...>', 'files, folders, or patterns such as "images/**/*.png"');
  for (const option of [...destinationOptions(), ...engineOptions(), ...runOptions()])
    command.addOption(option);
  command
    .addHelpText('after', JSON_HELP)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'every file is done, declined or skipped'],
        [EXIT.failed, 'a file could not be read, understood or written; the others are done'],
        [EXIT.usage, 'the command line makes no sense; nothing is done'],
        [EXIT.interrupted, 'interrupted by Ctrl-C (143 by SIGTERM, 141 by the reader of the output)'],
      ]),
    )
    .action(async (paths: string[], flags: OptimizeFlags) => {
      const [destination, options] = [readDestination(flags), readOptions(flags)];
      const { runOptimize } = await import('./optimize/run.ts');
      const { jobs, report = false, json = false, dryRun = false } = flags;
      const reportKey = report ? join(userConfigFolder(), 'report-key.pem') : null;
      process.exitCode = await runOptimize(
        { paths, destination, options, jobs, reportKey, json, dryRun },
        abortOnInterrupt(),
      );
    });
}

function destinationOptions(): Option[] {
  return [
    new Option('-o, --out <dir>', 'write results under this folder, laid out as the folders searched'),
    new Option('--in-place', 'replace the originals; needs --backup or --backup-dir').conflicts('out'),
    new Option(
      '--backup',
      'with --in-place: keep each original as NAME.orig; a file that has one is skipped',
    ),
    new Option(
      '--backup-dir <dir>',
      'with --in-place: keep the originals under this folder instead',
    ).conflicts('backup'),
  ];
}

function runOptions(): Option[] {
  return [
    new Option('-j, --jobs <count>', 'files in work at the same time')
      .argParser(wholeNumberFrom(1, 256))
      .default(availableParallelism(), 'one a processor core'),
    new Option('--report', 'write a signed report beside each output: photo.webp.report.json'),
    new Option('--json', 'print JSON, one object a line'),
    new Option('--dry-run', 'do all the work and write nothing'),
  ];
}

function readDestination({ out, inPlace, backup, backupDir, format }: OptimizeFlags): Destination {
  if (!inPlace) {
    if (backup || backupDir !== undefined)
      throw new UsageError('--backup and --backup-dir go with --in-place.');
    return out === undefined ? { kind: 'beside' } : { kind: 'out', folder: out };
  }
  if (!backup && backupDir === undefined) {
    throw new UsageError(
      '--in-place needs --backup or --backup-dir: no original is replaced without a backup.',
    );
  }
  if ((format?.length ?? 1) > 1)
    throw new UsageError('--in-place can replace an original by one format only.');
  return { kind: 'in-place', backupFolder: backupDir ?? null };
}
