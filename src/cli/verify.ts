/** `keeneye verify`: whether a report is as it was signed, is about these files, and is true. Needs no server. */
import type { Command } from 'commander';
import { type CompareOptions, DEFAULT_LIMITS, Decline, type Transforms } from '../engine/contract.ts';
import { ENGINE_VERSION } from '../engine/version.ts';
import type { Report, ReportedOutput } from '../lib/report.ts';
import { openPool } from './engine-pool.ts';
import { EXIT } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import {
  type Check,
  checkFormats,
  checkMeasurement,
  checkOptimized,
  checkOriginal,
  checkSigner,
  findOutput,
} from './proof/checks.ts';
import type { ReadReport } from './proof/read-report.ts';
import { readNamedFile } from './read-file.ts';
import { oneLine, sentence } from './sentence.ts';
import { abortOnInterrupt, terminal } from './terminal.ts';

const DESCRIPTION =
  flow(`Checks a report, of keeneye optimize --report or of a server, against the two files it speaks of: that
nobody changed it after it was signed, that the files are those whose hashes it names, and that its
scores are true, by measuring again. Needs no server and no network.

A signature says that the report is as its signer wrote it, not who that is. With --keys, the key must
be one of those in the file: a server's /.well-known/keeneye-keys.json, saved once over a connection that
you trust, or a key (signature.jwk) out of a report of your own.`);

const JSON_HELP = `
With --json, one line:
  {"verdict":"valid","checks":[{"name":"signature","passed":true,"detail":"..."},...]}
  names: signature, signer (with --keys), original, optimized, format, size, score, worst tile,
  frames (of animations and documents), pace (of animations), lossless (where that is claimed), visibility, floor.`;

/** The largest image that the metric takes. */
const LIMITS = { ...DEFAULT_LIMITS, maxPixels: 200_000_000 };

interface Files {
  original: Uint8Array;
  optimized: Uint8Array;
  /** Null without `--keys`. */
  keys: Set<string> | null;
  report: ReadReport;
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .summary('check a report against the files it speaks of')
    .description(DESCRIPTION)
    .argument('<report>', 'the report, as JSON')
    .argument('<original>', 'the image that came in')
    .argument('<optimized>', 'the image that came out')
    .option('--keys <file>', 'a JWK set, or a JWK, with the keys to trust')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', JSON_HELP)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'every check passed'],
        [EXIT.failed, 'a check failed; the output says which'],
        [EXIT.usage, 'a file cannot be read or is no report, or the command line makes no sense'],
      ]),
    )
    .action(runVerify);
}

async function runVerify(
  report: string,
  original: string,
  optimized: string,
  { keys, json }: { keys?: string; json?: true },
): Promise<void> {
  const signal = abortOnInterrupt();
  try {
    // Brings a schema library along, which no other command should load.
    const { readKeySet, readReport } = await import('./proof/read-report.ts');
    const files: Files = {
      original: await readNamedFile(original),
      optimized: await readNamedFile(optimized),
      keys: keys === undefined ? null : await readTextAt(keys, readKeySet),
      report: await readTextAt(report, readReport),
    };
    const checks = await check(files, signal);
    const valid = checks.every(({ passed }) => passed);
    const verdict = valid ? 'valid' : 'invalid';
    terminal.print(
      json ? JSON.stringify({ verdict, checks }) : describe(checks, verdict, files.keys === null),
    );
    process.exitCode = valid ? EXIT.ok : EXIT.failed;
  } catch (error) {
    // Not 1: that would say that the report was checked and is wrong.
    process.exitCode = signal.aborted ? signal.reason : EXIT.usage;
    if (!signal.aborted) terminal.complain(sentence(error));
  }
}

async function check(files: Files, signal: AbortSignal): Promise<Check[]> {
  const { report, transforms, statement } = files.report;
  const output = findOutput(report, files.optimized);
  const checks = [
    ...checkSigner(statement, files.keys),
    checkOriginal(report, files.original),
    checkOptimized(report, output),
  ];
  // Other files than those of the report have a score too, but it says nothing about the report.
  if (!output || checks.some(({ name, passed }) => name === 'original' && !passed)) return checks;
  return [...checks, ...(await measure(report, output, { ...files, transforms }, signal))];
}

async function measure(
  report: Report,
  output: ReportedOutput,
  { original, optimized, transforms }: Files & { transforms: Transforms },
  signal: AbortSignal,
): Promise<Check[]> {
  const pool = openPool(1);
  try {
    const options: CompareOptions = { limits: LIMITS, transforms };
    const measured = await pool.compare(original, optimized, signal, options);
    return [
      checkFormats(report, output, original, optimized),
      ...checkMeasurement(report, output, measured, ENGINE_VERSION),
    ];
  } catch (error) {
    if (!(error instanceof Decline)) throw error;
    return [{ name: 'score', passed: false, detail: `the files cannot be compared: ${error.message}` }];
  } finally {
    await pool.close();
  }
}

function describe(checks: Check[], verdict: string, anySigner: boolean): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(
    ({ name, passed, detail }) =>
      `${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(width)}  ${oneLine(detail)}`,
  );
  const caution = anySigner && verdict === 'valid' ? '; whose key that is was not asked (--keys)' : '';
  return [...lines, `The report is ${verdict}${caution}.`].join('\n');
}

async function readTextAt<T>(path: string, parse: (text: string) => T): Promise<T> {
  const bytes = await readNamedFile(path);
  try {
    return parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Error(`${path}: ${sentence(error)}`, { cause: error });
  }
}
