/**
 * A pool of forked engine children: the only way in which the server and the CLI run codecs, because
 * a native crash, a hang or a bomb then costs one child and not the server. Each job waits for a child,
 * children are replaced after a number of jobs; what a job is about is not known here.
 */

import type { ChildRequest } from './child.ts';
import { type EngineChild, type JobLimits, startChild } from './child-process.ts';
import {
  type CompareOptions,
  type Comparison,
  DEFAULT_LIMITS,
  type OptimizeOptions,
  type Outcome,
} from './contract.ts';
import { EngineFailure, type FailureCode } from './failure.ts';
import type { Stimuli, StimuliOptions } from './stimuli.ts';

export interface PoolOptions extends JobLimits {
  /** Children at most; each is started when first needed. */
  size: number;
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
  /** @throws EngineFailure, Decline (an image that cannot be shown) */
  stimuli(bytes: Uint8Array, options: StimuliOptions, signal?: AbortSignal): Promise<Stimuli>;
  stats(): PoolStats;
  /** Ends all children at once; jobs in hand fail as `cancelled`. */
  close(): Promise<void>;
}

/** A job that waits for a child. */
interface Task {
  request: ChildRequest;
  signal: AbortSignal | undefined;
  /** To be called once it waits no longer: a long-lived signal must not hold on to the bytes of all its tasks. */
  leaveQueue(): void;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export function createPool(options: PoolOptions): Pool {
  const children = new Set<EngineChild>();
  const waiting: Task[] = [];
  const restarts: Record<FailureCode, number> = {
    crashed: 0,
    killed: 0,
    timeout: 0,
    'out-of-memory': 0,
    cancelled: 0,
  };
  let closed = false;

  function run<T>(request: ChildRequest, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (closed || signal?.aborted) return reject(new EngineFailure('cancelled'));
      const onAbort = () => withdraw(task);
      const leaveQueue = () => signal?.removeEventListener('abort', onAbort);
      const task: Task = { request, signal, leaveQueue, resolve: resolve as Task['resolve'], reject };
      waiting.push(task);
      signal?.addEventListener('abort', onAbort, { once: true });
      assign();
    });
  }

  function withdraw(task: Task): void {
    task.leaveQueue();
    waiting.splice(waiting.indexOf(task), 1);
    task.reject(new EngineFailure('cancelled'));
  }

  function assign(): void {
    while (waiting.length > 0 && !closed) {
      const idle = [...children].find((child) => child.isIdle());
      const child = idle ?? (children.size < options.size ? start() : null);
      if (!child) return;
      hand(child, waiting.shift()!);
    }
  }

  function start(): EngineChild {
    const child = startChild(options, (cause) => {
      const wasRetired = !children.delete(child);
      if (wasRetired || closed) return;
      restarts[cause] += 1;
      assign();
    });
    children.add(child);
    return child;
  }

  function hand(child: EngineChild, { request, signal, leaveQueue, resolve, reject }: Task): void {
    leaveQueue();
    // Before whoever waits for the job hears of it: the next one must not reach a child that retires.
    const ended = child.run(request, signal).finally(() => makeFree(child));
    ended.then(resolve, reject);
  }

  function makeFree(child: EngineChild): void {
    if (child.jobsDone() >= options.jobsPerChild) {
      children.delete(child);
      child.retire();
    }
    assign();
  }

  async function close(): Promise<void> {
    closed = true;
    for (const task of [...waiting]) withdraw(task);
    await Promise.all([...children].map((child) => child.end()));
  }

  return {
    optimize: (bytes, optimizeOptions, signal) =>
      run<Outcome>({ verb: 'optimize', bytes, options: optimizeOptions }, signal),
    compare: (reference, candidate, signal, compareOptions = { limits: DEFAULT_LIMITS }) =>
      run<Comparison>({ verb: 'compare', reference, candidate, options: compareOptions }, signal),
    heatmap: (reference, candidate, signal, compareOptions = { limits: DEFAULT_LIMITS }) =>
      run<Uint8Array>({ verb: 'heatmap', reference, candidate, options: compareOptions }, signal),
    stimuli: (bytes, stimuliOptions, signal) =>
      run<Stimuli>({ verb: 'stimuli', bytes, options: stimuliOptions }, signal),
    stats: () => ({
      size: options.size,
      busy: [...children].filter((child) => !child.isIdle()).length,
      waiting: waiting.length,
      restarts: { ...restarts },
      memoryBytes: [...children].reduce((sum, child) => sum + child.memoryBytes(), 0),
    }),
    close,
  };
}
