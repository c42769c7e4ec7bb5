/**
 * The command line: every verb's description, options and help in one commander program, from which
 * `--help` and `docs/reference/cli.md` both come. Verbs load what they need only when they run.
 */
import { Command, CommanderError } from 'commander';
import { KEENEYE_VERSION } from '../lib/version.ts';
import { registerCompare } from './compare.ts';
import { registerDoctor } from './doctor.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { registerJobs } from './jobs.ts';
import { registerKeys } from './keys.ts';
import { registerOptimize } from './optimize.ts';
import { sentence } from './sentence.ts';
import { registerServe } from './serve.ts';
import { registerStudy } from './study.ts';
import { guardOutput, terminal } from './terminal.ts';
import { registerVerify } from './verify.ts';
import { registerWebhooks } from './webhooks.ts';

const DESCRIPTION =
  flow(`Makes images smaller without a visible difference, and shows the proof: every result is decoded
again and compared with its original by SSIMULACRA 2.1. Where no smaller faithful result exists,
Keeneye declines and says why.`);

/** The whole command line, parsing nothing yet. */
export function createProgram(): Command {
  const program = new Command('keeneye')
    .description(DESCRIPTION)
    .version(KEENEYE_VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'keeneye: ')) })
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'done'],
        [EXIT.failed, 'failed; the reason is on stderr'],
        [EXIT.usage, 'the command line makes no sense'],
      ]),
    );
  const verbs = [registerOptimize, registerCompare, registerVerify];
  for (const register of [
    ...verbs,
    registerServe,
    registerKeys,
    registerJobs,
    registerWebhooks,
    registerStudy,
    registerDoctor,
  ])
    register(program);
  return program;
}

/** Runs one command line; the process's exit code is set, never forced. Does not throw. */
export async function runProgram(args: string[]): Promise<void> {
  guardOutput();
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) terminal.complain(sentence(error, true));
  }
}

/** Commander has said by itself what it found wrong; its codes for that are all 1. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
