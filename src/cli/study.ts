/** `keeneye study`: studies of what people see, made, listed, closed, exported and deleted in the server's own data. */
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StudyEntry } from '../studies/study.ts';
import { EXIT } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { listOf, wholeNumberFrom } from './options.ts';
import { type CreateFlags, createStudy, linkTo } from './study/create.ts';
import { terminal } from './terminal.ts';
import { type Opened, withDatabase } from './with-database.ts';

const DESCRIPTION =
  flow(`Finds out what people see: a study shows an original and an encode of it in the same place, by turns, and
asks whether anything changes and where. Whoever has its link takes part in a browser; the running server
serves the page. Works on the server's own configuration (DATABASE_URL or DATA_DIR), whether the server is
running or not. docs/use/study.md tells how to run a study and how to train on its answers.`);

const CREATE_DESCRIPTION =
  flow(`Makes a study of the images in PATHS and prints its link, alone, on stdout. Of each image the part in which
encoding would show most is encoded at several estimated differences, and checks are added: identical
pairs, and pairs that are damaged for all to see. Takes some ten seconds an image and core.`);

const FORMATS = ['jpeg', 'webp', 'avif'] as const;
const LEVELS = [0.3, 0.6, 0.9, 1.3, 1.8, 2.5];
const LONGEST_NAME = 200;

export function registerStudy(program: Command): void {
  const study = program
    .command('study')
    .summary('ask people what they see')
    .description(DESCRIPTION)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'done'],
        [EXIT.failed, 'failed, or there is no such study; the reason is on stderr'],
        [EXIT.usage, 'the command line makes no sense'],
        [EXIT.interrupted, 'interrupted; no study is left behind'],
      ]),
    );
  registerCreate(study);
  study
    .command('list')
    .summary('list all studies')
    .description('Lists all studies, with what has come of them so far.')
    .option('--json', 'print one line of JSON a study')
    .action(({ json }) => withStudies((opened) => list(opened, json === true)));
  study
    .command('close')
    .summary('take no more answers')
    .description('Ends a study for good: its link then says so. Its answers stay.')
    .argument('<id>', 'the id that list shows, or the link')
    .action((id) => withStudies((opened) => close(opened, idOf(id))));
  study
    .command('export')
    .summary('print the answers')
    .description('Prints all answers so far, with what was measured of each pair, on stdout.')
    .argument('<id>', 'the id that list shows, or the link')
    .addOption(
      new Option('--format <format>', 'json, which npm run train reads, or csv, a line an answer')
        .choices(['json', 'csv'])
        .default('json'),
    )
    .action((id, { format }) => withStudies((opened) => exportAnswers(opened, idOf(id), format)));
  study
    .command('delete')
    .summary('delete a study with its answers')
    .description('Deletes a study with its images and all answers. They cannot be brought back.')
    .argument('<id>', 'the id that list shows, or the link')
    .action((id) => withStudies((opened) => remove(opened, idOf(id))));
}

function registerCreate(study: Command): void {
  study
    .command('create')
    .summary('make a study of a folder and print its link')
    .description(CREATE_DESCRIPTION)
    .argument('<paths...>', 'images, folders, patterns')
    .option('--name <name>', 'what viewers see it is called', studyName, 'What do you see?')
    .addOption(
      new Option('--formats <list>', `what to encode as: ${FORMATS.join(', ')}`)
        .argParser(listOf(FORMATS))
        .default([...FORMATS], FORMATS.join(',')),
    )
    .addOption(
      new Option('--levels <list>', 'estimated differences to show, in JND')
        .argParser(levels)
        .default(LEVELS, LEVELS.join(',')),
    )
    .addOption(
      new Option('--trials <number>', 'trials for each viewer, checks among them')
        .argParser(wholeNumberFrom(12, 400))
        .default(60),
    )
    .addOption(
      new Option('--images <number>', 'images at most; of more, a sample is taken')
        .argParser(wholeNumberFrom(1, 60))
        .default(24),
    )
    .addOption(
      new Option('--side <pixels>', 'longest side of what is shown')
        .argParser(wholeNumberFrom(200, 1200))
        .default(600),
    )
    .addOption(
      new Option('--jobs <number>', 'images in work at once')
        .argParser(wholeNumberFrom(1, 512))
        .default(availableParallelism(), 'processor cores'),
    )
    .action((paths: string[], flags: CreateFlags) => createStudy(paths, flags));
}

function withStudies(work: (opened: Opened) => Promise<void>): Promise<void> {
  return withDatabase({ keeps: 'studies', ifNone: 'refuse' }, work);
}

async function list({ database, config }: Opened, json: boolean): Promise<void> {
  const { listStudies } = await import('../studies/study.ts');
  const studies = await listStudies(database);
  if (json)
    for (const each of studies) terminal.print(JSON.stringify({ ...each, url: linkTo(each.id, config) }));
  else
    for (const line of studies.flatMap((each) => describe(each, linkTo(each.id, config))))
      terminal.print(line);
}

function describe(
  { id, name, status, images, pairs, viewers, finished, answers, createdAt }: StudyEntry,
  url: string,
): string[] {
  const made = `${images} images, ${pairs} pairs, ${createdAt.toISOString().slice(0, 10)}`;
  return [
    `${id}  ${status}  ${name.replace(/\p{Cc}/gu, ' ')}`,
    `    ${viewers} viewers, ${finished} of them through; ${answers} answers; ${made}`,
    ...(status === 'open' ? [`    ${url}`] : []),
  ];
}

async function close({ database }: Opened, id: string): Promise<void> {
  const { closeStudy } = await import('../studies/study.ts');
  if (!(await closeStudy(database, id))) missing(id);
}

async function exportAnswers({ database }: Opened, id: string, format: 'json' | 'csv'): Promise<void> {
  const { exportStudy, toCsv } = await import('../studies/export.ts');
  const exported = await exportStudy(database, id);
  if (!exported) return missing(id);
  terminal.print(format === 'csv' ? toCsv(exported).trimEnd() : JSON.stringify(exported, null, 1));
}

async function remove({ database }: Opened, id: string): Promise<void> {
  const { deleteStudy } = await import('../studies/study.ts');
  if (!(await deleteStudy(database, id))) missing(id);
}

function missing(id: string): void {
  terminal.complain(`There is no study with the id ${id}.`);
  process.exitCode = EXIT.failed;
}

/** A link that was handed out is as good as the id in it. */
function idOf(text: string): string {
  return /\/study\/([0-9a-f]{32})\/?$/.exec(text)?.[1] ?? text;
}

function studyName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > LONGEST_NAME)
    throw new InvalidArgumentError(`It must have 1 to ${LONGEST_NAME} characters.`);
  return name;
}

function levels(text: string): number[] {
  const values = [...new Set(text.split(',').map(Number))].sort((a, b) => a - b);
  if (values.length <= 12 && values.every((value) => value >= 0.05 && value <= 5)) return values;
  throw new InvalidArgumentError('At most 12 numbers from 0.05 to 5, separated by commas.');
}
