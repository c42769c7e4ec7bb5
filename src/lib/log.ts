/**
 * The only writer of stdout and stderr in the server: JSON lines to stderr, and to stdout exactly
 * one line, the ready line. What the command line prints is not its business.
 */
import { writeSync } from 'node:fs';
import { type Logger, pino } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type Log = Logger;

/** A log that writes one JSON object a line to stderr, synchronously, so that the last words of a crash arrive. */
export function createLog(level: LogLevel): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error) => describe(error) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Causes of causes are told so far down, in case one is its own. */
const DEEPEST_CAUSE = 4;

/**
 * What was written in an error to be read, and nothing else of it: the database driver hangs its connection
 * on its errors, secrets included.
 */
function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  return {
    type: name,
    message,
    code,
    stack,
    ...(Array.isArray(errors) && { errors: errors.map(String) }),
    ...(cause !== undefined && depth < DEEPEST_CAUSE && { cause: describe(cause, depth + 1) }),
  };
}

/** Writes `fields` to stdout as one JSON line. A reader that has gone away is no reason to stop serving. */
export function printReady(fields: Record<string, unknown>): void {
  try {
    writeSync(1, `${JSON.stringify(fields)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
