/**
 * A pool of forked engine children: the only way in which the server and the CLI run codecs, because
 * a native crash, a hang or a bomb then costs one child and not the server. It bounds each job's time
 * and memory, replaces children after a number of jobs, and knows nothing of what a job is about.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildAnswer, ChildRequest } from './child.ts';
import {
  type CompareOptions,
  type Comparison,
  DEFAULT_LIMITS,
  Decline,
  type OptimizeOptions,
  type Outcome,
  type Reason,
} from './contract.ts';
import { EngineFailure, type FailureCode } from './failure.ts';
import { residentBytes } from './resident-memory.ts';

export interface PoolOptions {
  /** Children at most; each is started when first needed. */
  size: number;
  /** A job that takes longer is killed with its child. */
  jobTimeoutMs: number;
  /** Resident memory at which a child is killed. */
  memoryBytes: number;
  /** Jobs after which a child is replaced, so that no leak or fragmentation grows for ever. */
  jobsPerChild: number;
}

export interface PoolStats {
  size: number;
  busy: number;
  waiting: number;
  /** Children lost to a fault, by cause; planned replacements do not count. */
  restarts: Record<FailureCode, number>;
  /** Resident memory of all children together. */
  memoryBytes: number;
}

export interface Pool {
  /** @throws EngineFailure */
  optimize(bytes: Uint8Array, options: OptimizeOptions, signal?: AbortSignal): Promise<Outcome>;
  /** @throws EngineFailure, Decline (an input that cannot be judged) */
  compare(
    reference: Uint8Array,
    candidate: Uint8Array,
    signal?: AbortSignal,
    options?: CompareOptions,
  ): Promise<Comparison>;
  /** @returns a PNG, see heatmap.ts. @throws EngineFailure, Decline (an input that cannot be judged) */
  heatmap(
    reference: Uint8Array,
    candidate: Uint8Array,
    signal?: AbortSignal,
    options?: CompareOptions,
  ): Promise<Uint8Array>;
  stats(): PoolStats;
  /** Ends all children at once; jobs in hand fail as `cancelled`. */
  close(): Promise<void>;
}

type Work = {
  [V in ChildRequest['verb']]: Omit<Extract<ChildRequest, { verb: V }>, 'id'>;
}[ChildRequest['verb']];

interface Task {
  work: Work;
  signal: AbortSignal | undefined;
  /** To be called once it waits no longer: a long-lived signal must not hold on to the bytes of all its tasks. */
  leaveQueue(): void;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Child {
  process: ChildProcess;
  task: Task | null;
  jobsDone: number;
  /** Why the pool killed it, when it did. */
  verdict: FailureCode | null;
  release: () => void;
}

const MEMORY_CHECK_MS = 200;
const CHILD_FILE = fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url));

const SENTENCES: Record<FailureCode, string> = {
  crashed: 'The image crashed the codec that was reading or writing it.',
  timeout: 'The image took longer than the time limit of a job.',
  'out-of-memory': 'The image needed more memory than a job may use.',
  cancelled: 'The job was cancelled.',
};

export function createPool(options: PoolOptions): Pool {
  const children = new Set<Child>();
  const waiting: Task[] = [];
  const restarts: Record<FailureCode, number> = { crashed: 0, timeout: 0, 'out-of-memory': 0, cancelled: 0 };
  let closed = false;
  let lastId = 0;

  function run<T>(work: Work, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (closed || signal?.aborted) return reject(failure('cancelled'));
      const onAbort = () => withdraw(task);
      const leaveQueue = () => signal?.removeEventListener('abort', onAbort);
      const task: Task = { work, signal, leaveQueue, resolve: resolve as Task['resolve'], reject };
      waiting.push(task);
      signal?.addEventListener('abort', onAbort, { once: true });
      assign();
    });
  }

  /** Removes a task that no child has taken yet; one in hand is ended by its child's own listener. */
  function withdraw(task: Task): void {
    const index = waiting.indexOf(task);
    if (index < 0) return;
    waiting.splice(index, 1);
    task.reject(failure('cancelled'));
  }

  function assign(): void {
    while (waiting.length > 0) {
      const child = [...children].find(isIdle) ?? (children.size < options.size ? start() : null);
      if (!child) return;
      hand(child, waiting.shift()!);
    }
  }

  function start(): Child {
    const child: Child = {
      process: fork(CHILD_FILE, { serialization: 'advanced', execArgv: ['--expose-gc'] }),
      task: null,
      jobsDone: 0,
      verdict: null,
      release: () => undefined,
    };
    children.add(child);
    child.process.on('message', (answer: ChildAnswer) => settle(child, answer));
    child.process.on('error', () => child.process.kill('SIGKILL'));
    child.process.on('exit', () => bury(child));
    return child;
  }

  function hand(child: Child, task: Task): void {
    task.leaveQueue();
    child.task = task;
    const kill = (verdict: FailureCode) => {
      child.verdict = verdict;
      child.process.kill('SIGKILL');
    };
    const onAbort = () => kill('cancelled');
    const deadline = setTimeout(kill, options.jobTimeoutMs, 'timeout');
    const watch = setInterval(() => {
      if (residentBytes(child.process.pid) > options.memoryBytes) kill('out-of-memory');
    }, MEMORY_CHECK_MS);
    task.signal?.addEventListener('abort', onAbort, { once: true });
    child.release = () => {
      clearTimeout(deadline);
      clearInterval(watch);
      task.signal?.removeEventListener('abort', onAbort);
      child.task = null;
    };
    // A child that died a moment ago refuses the message; its exit event then fails the task.
    child.process.send({ id: ++lastId, ...task.work }, () => undefined);
  }

  function settle(child: Child, answer: ChildAnswer): void {
    const task = child.task;
    if (!task) return;
    child.release();
    if (answer.ok) task.resolve(answer.value);
    else task.reject(revive(answer));
    child.jobsDone += 1;
    if (child.jobsDone >= options.jobsPerChild) retire(child);
    assign();
  }

  function retire(child: Child): void {
    children.delete(child);
    child.process.disconnect();
  }

  function bury(child: Child): void {
    const wasOurs = children.delete(child);
    const task = child.task;
    child.release();
    const code = child.verdict ?? 'crashed';
    if (wasOurs && !closed) restarts[code] += 1;
    task?.reject(failure(closed ? 'cancelled' : code));
    if (!closed) assign();
  }

  async function close(): Promise<void> {
    closed = true;
    for (const task of waiting.splice(0)) task.reject(failure('cancelled'));
    await Promise.all([...children].map(end));
  }

  return {
    optimize: (bytes, optimizeOptions, signal) =>
      run<Outcome>({ verb: 'optimize', bytes, options: optimizeOptions }, signal),
    compare: (reference, candidate, signal, compareOptions = { limits: DEFAULT_LIMITS }) =>
      run<Comparison>({ verb: 'compare', reference, candidate, options: compareOptions }, signal),
    heatmap: (reference, candidate, signal, compareOptions = { limits: DEFAULT_LIMITS }) =>
      run<Uint8Array>({ verb: 'heatmap', reference, candidate, options: compareOptions }, signal),
    stats: () => ({
      size: options.size,
      busy: [...children].filter((child) => child.task).length,
      waiting: waiting.length,
      restarts: { ...restarts },
      memoryBytes: [...children].reduce((sum, child) => sum + residentBytes(child.process.pid), 0),
    }),
    close,
  };
}

function isIdle(child: Child): boolean {
  return child.task === null && child.process.connected;
}

function end(child: Child): Promise<void> {
  return new Promise((resolve) => {
    child.process.once('exit', () => resolve());
    child.process.kill('SIGKILL');
  });
}

function failure(code: FailureCode): EngineFailure {
  return new EngineFailure(code, SENTENCES[code]);
}

/** Errors lose their class on the way between processes. */
function revive(answer: Extract<ChildAnswer, { ok: false }>): Error {
  if (answer.name === 'Decline') return new Decline(answer.reason as Reason, answer.message);
  return new EngineFailure('crashed', answer.message);
}
