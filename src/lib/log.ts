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
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Writes `fields` to stdout as one JSON line. A reader that has gone away is no reason to stop serving. */
export function printReady(fields: Record<string, unknown>): void {
  try {
    writeSync(1, `${JSON.stringify(fields)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
