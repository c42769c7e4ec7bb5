/** What the program's exit codes mean, one list for every verb and for the help that documents them. */

export const EXIT = {
  ok: 0,
  /** What was asked could not be done, in whole or in part. */
  failed: 1,
  /** The command line itself makes no sense; `compare` also says so of images that cannot be compared. */
  usage: 2,
  /** Ctrl-C; 128 + SIGINT, as shells count. */
  interrupted: 130,
  /** The reader of our output went away; 128 + SIGPIPE. */
  outputClosed: 141,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

/** A command line that makes no sense in a way that the option parser could not see. */
export class UsageError extends Error {}
