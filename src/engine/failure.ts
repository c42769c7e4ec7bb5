/** How an engine child can fail its job without an outcome. The pool throws it; the job worker and the CLI word it. */

export type FailureCode = 'crashed' | 'timeout' | 'out-of-memory' | 'cancelled';

export class EngineFailure extends Error {
  readonly code: FailureCode;

  /** @param message a sentence for the client. */
  constructor(code: FailureCode, message: string) {
    super(message);
    this.name = 'EngineFailure';
    this.code = code;
  }
}
