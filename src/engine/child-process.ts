/**
 * The parent's side of one forked engine child: hands it a job at a time, bounds that in time and memory,
 * and tells why it ended. What the child does is `child.ts`'s; which job it gets is `pool.ts`'s.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildAnswer, ChildRequest } from './child.ts';
import { Decline, type Reason } from './contract.ts';
import { EngineFailure, type FailureCode } from './failure.ts';
import { residentBytes } from './resident-memory.ts';

export interface JobLimits {
  /** A job that takes longer is killed with its child. */
  jobTimeoutMs: number;
  /** Resident memory at which a child is killed. */
  memoryBytes: number;
}

export interface EngineChild {
  isIdle(): boolean;
  /** Jobs that it has answered. */
  jobsDone(): number;
  /** Resident memory. */
  memoryBytes(): number;
  /**
   * One job, while idle only. An aborted signal kills the child.
   * @throws EngineFailure; Decline of an input that cannot be judged
   */
  run(request: ChildRequest, signal?: AbortSignal): Promise<unknown>;
  /** Lets an idle child end by itself. */
  retire(): void;
  /** Kills it; a job in hand fails as `cancelled`. Resolves when it is gone. */
  end(): Promise<void>;
}

const MEMORY_CHECK_MS = 200;
const NICENESS = 10;
/**
 * Of Node. An engine process has few objects and large images, and each image makes V8 collect: a little at a time, beside
 * other threads' marking, takes several times the processor time of all at once.
 */
export const ENGINE_FLAGS = ['--expose-gc', '--no-incremental-marking'];
const CHILD_FILE = fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url));

/** @param onExit is told why it ended, before the job in hand is. */
export function startChild(limits: JobLimits, onExit: (cause: FailureCode) => void): EngineChild {
  const child = fork(CHILD_FILE, { serialization: 'advanced', execArgv: ENGINE_FLAGS });
  stepBack(child);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  /** What its end would mean. */
  let cause: FailureCode = 'crashed';
  let jobsDone = 0;
  /** Ends the job in hand, with its answer or, once the child is gone, without one. */
  let finish: ((answer: ChildAnswer | null) => void) | null = null;

  child.on('message', (answer: ChildAnswer) => finish?.(answer));
  child.on('error', () => child.kill('SIGKILL'));
  child.on('exit', (_code, signal) => {
    if (cause === 'crashed' && signal === 'SIGKILL') cause = 'killed';
    onExit(cause);
    finish?.(null);
  });

  function kill(why: FailureCode): void {
    cause = why;
    child.kill('SIGKILL');
  }

  function run(request: ChildRequest, signal?: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const unwatch = watch(() => residentBytes(child.pid), limits, kill, signal);
    finish = (answer) => {
      finish = null;
      unwatch();
      if (answer) jobsDone += 1;
      if (answer?.ok) resolve(answer.value);
      else reject(answer ? revive(answer) : new EngineFailure(cause));
    };
    // A child that died a moment ago refuses the message; its exit event then fails the job.
    child.send(request, () => undefined);
    return promise;
  }

  return {
    isIdle: () => finish === null && child.connected,
    jobsDone: () => jobsDone,
    memoryBytes: () => residentBytes(child.pid),
    run,
    retire: () => child.connected && child.disconnect(),
    end() {
      kill('cancelled');
      return exited;
    },
  };
}

/** Requests are answered first: encoders take whatever time is left, and are otherwise always ready to take all. */
function stepBack({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has died already, or the system has no such thing.
  }
}

/** Kills a job that goes beyond its limits or is wanted no more, until the returned function is called. */
function watch(
  memoryBytes: () => number,
  limits: JobLimits,
  kill: (why: FailureCode) => void,
  signal?: AbortSignal,
): () => void {
  const onAbort = () => kill('cancelled');
  const deadline = setTimeout(kill, limits.jobTimeoutMs, 'timeout');
  const memoryCheck = setInterval(() => {
    if (memoryBytes() > limits.memoryBytes) kill('out-of-memory');
  }, MEMORY_CHECK_MS);
  signal?.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(deadline);
    clearInterval(memoryCheck);
    signal?.removeEventListener('abort', onAbort);
  };
}

/** Errors lose their class on the way between processes; what no decline is, the caller can only be told of as a crash. */
function revive({ name, message, reason }: Extract<ChildAnswer, { ok: false }>): Error {
  if (name === 'Decline') return new Decline(reason as Reason, message);
  return new EngineFailure('crashed', { cause: new Error(`${name}: ${message}`) });
}
