/**
 * The one error of this room: why an address gave no response. Its message names hosts at most, never a whole
 * address, which may hold a password or a signed query; who asked words it for their clients.
 */

export type OutboundFailureCode =
  | 'invalid-url'
  | 'blocked'
  | 'unreachable'
  | 'timeout'
  | 'too-large'
  | 'truncated'
  | 'redirects'
  | 'cancelled'
  | 'encoding';

export class OutboundFailure extends Error {
  readonly code: OutboundFailureCode;

  /** @param cause what lay underneath; for the log, never for a client, as it may name private addresses. */
  constructor(code: OutboundFailureCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'OutboundFailure';
    this.code = code;
  }
}
