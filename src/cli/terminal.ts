/** The program's two voices: results on stdout, complaints on stderr. Survives a reader that goes away. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EXIT } from './exit-codes.ts';
import { oneLine, sentence } from './sentence.ts';

export interface Terminal {
  /** A result. */
  print(line: string): void;
  /** A result in pieces, at the pace of whoever reads it; what went wrong with the reader is said by `guardOutput`. */
  pour(pieces: AsyncIterable<string>): Promise<void>;
  /** A complaint; `keeneye: ` is put in front. */
  complain(line: string): void;
}

export const terminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  pour,
  complain: (line) => void process.stderr.write(`keeneye: ${oneLine(line)}\n`),
};

async function pour(pieces: AsyncIterable<string>): Promise<void> {
  let lost = false;
  process.stdout.once('error', () => {
    lost = true;
  });
  try {
    await pipeline(Readable.from(pieces), process.stdout, { end: false });
  } catch (error) {
    if (!lost) throw error;
  }
}

/**
 * Aborts on Ctrl-C, on SIGTERM and when stdout cannot be written; `reason` is the exit code. More signals
 * change nothing: one Ctrl-C can arrive twice, from the terminal and from a launcher, and a file that is
 * being written should end whole.
 */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => controller.abort(EXIT.interrupted));
  process.on('SIGTERM', () => controller.abort(EXIT.terminated));
  process.stdout.once('error', (error) => controller.abort(exitCodeOfLostOutput(error)));
  return controller.signal;
}

/**
 * Keeps a failing stdout or stderr from ending the process with a stack. A closed pipe is how readers
 * such as `head` say that they have seen enough, so it is not complained of.
 */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exitCode = exitCodeOfLostOutput(error);
  });
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') terminal.complain(`The output could not be written: ${sentence(error)}.`);
  });
  process.stderr.on('error', () => {
    process.exitCode = EXIT.failed;
  });
}

function exitCodeOfLostOutput(error: NodeJS.ErrnoException): number {
  return error.code === 'EPIPE' ? EXIT.outputClosed : EXIT.failed;
}
