/**
 * The one error that crosses rooms. A problem says what went wrong in neutral terms; each dialect
 * words it for its own clients (`dialects/<name>/errors.ts`), so no HTTP status lives here.
 */

/** Every way in which a request can be refused. A new code does not compile until every dialect answers it. */
export const PROBLEM_CODES = [
  'unauthorized',
  'key-expired',
  'domain-not-allowed',
  'rate-limited',
  'out-of-credits',
  'empty-body',
  'malformed-body',
  'invalid-parameter',
  'body-too-large',
  'not-found',
  'not-yours',
  'method-not-allowed',
  'job-failed',
  'overloaded',
  'unavailable',
  'internal',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface ProblemDetails {
  /** The request parameter at fault, when there is one. */
  parameter?: string;
  /** The job that the problem speaks of, when there is one. */
  jobId?: string;
  /** When to try again, where that is known. */
  retryAfterSeconds?: number;
  /** What lay underneath; for the log, never for the client. */
  cause?: unknown;
}

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly parameter: string | undefined;
  readonly jobId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  /** @param message a sentence for the client: what is wrong and, where possible, what to do. */
  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.parameter = details.parameter;
    this.jobId = details.jobId;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Whether nothing is wrong but that the database or the disk takes nothing just now. */
export function isOutage(error: unknown): error is Problem {
  return error instanceof Problem && error.code === 'unavailable';
}

/** Any thrown value as a problem: problems as they are, everything else as `internal` with its cause kept. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('internal', 'Something went wrong on the server.', { cause: error });
}
