/**
 * How an engine child can fail its job without an outcome: `crashed` by itself, `killed` by somebody else (an operator,
 * the kernel short of memory). The pool throws it; who asked decides what follows.
 */

export type FailureCode = 'crashed' | 'killed' | 'timeout' | 'out-of-memory' | 'cancelled';

/** For the client. */
const SENTENCES: Record<FailureCode, string> = {
  crashed: 'The image crashed the codec that was reading or writing it.',
  killed: 'The process that worked on the image was killed.',
  timeout: 'The image took longer than the time limit of a job.',
  'out-of-memory': 'The image needed more memory than a job may use.',
  cancelled: 'The job was cancelled.',
};

export class EngineFailure extends Error {
  readonly code: FailureCode;

  /** @param options what lay underneath; for the log. */
  constructor(code: FailureCode, options?: ErrorOptions) {
    super(SENTENCES[code], options);
    this.name = 'EngineFailure';
    this.code = code;
  }
}
