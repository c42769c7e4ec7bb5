/** One run of PostgreSQL: started and watched until it accepts connections, then asked to end. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Binaries } from './binaries.ts';
import { type Launch, launchProgram } from './launch.ts';
import { claimant } from './previous.ts';

export interface Postmaster {
  /** Resolves with how it ended, whenever and however it does. */
  exited: Promise<string>;
  /** Lets running statements fail, writes everything down and resolves when PostgreSQL has ended. */
  stop(): Promise<void>;
}

/** Small: the tables hold jobs and keys, no images. What is not named keeps its default, fsync above all. */
const SETTINGS = {
  listen_addresses: '',
  // Its own folder, said relatively: the path of a socket may have 107 bytes at most.
  unix_socket_directories: '.',
  max_connections: '50',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  // No replicas, no parallel plans: fewer processes and less to write.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_parallel_workers: '0',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '',
};

const READY = /database system is ready to accept connections/;
/** Long enough to recover from a crash in the middle of much writing. */
const START_TIMEOUT_MS = 120_000;
const LAST_LINES = 12;
const LAST_WORDS_MS = 500;
const ENDINGS = [
  { signal: 'SIGINT', forMs: 15_000 },
  { signal: 'SIGQUIT', forMs: 5000 },
  { signal: 'SIGKILL', forMs: 5000 },
] as const;

/** @throws Error with PostgreSQL's last words when it does not come up. */
export async function startPostmaster(
  cluster: string,
  binaries: Binaries,
  launch: Launch,
  log: Log,
): Promise<Postmaster> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = launchProgram(launch, binaries, binaries.postgres, ['-D', cluster, ...settings]);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = () => stopProcess(child, exited, launch, cluster);
  child.stdout!.resume();
  const lastLines: string[] = [];
  const ready = new Promise<'ready'>((resolve) => {
    createInterface(child.stderr!).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      logLine(line, log);
      if (READY.test(line)) resolve('ready');
    });
  });
  const outcome = await within(START_TIMEOUT_MS, Promise.race([ready, exited]));
  if (outcome === 'ready') return { exited, stop };
  await stop();
  // Its last words may arrive after it has ended; a process of its own that lingers may hold the line open.
  await within(LAST_WORDS_MS, closed);
  throw new Error(
    `The embedded database did not start (${outcome ?? 'no answer'}):\n${lastLines.join('\n')}`,
  );
}

/** What PostgreSQL calls fatal when it ends a connection because it was told to end. */
const FAREWELL = /terminating connection due to administrator command/;

function logLine(line: string, log: Log): void {
  if (/^(WARNING|FATAL|PANIC):/.test(line) && !FAREWELL.test(line)) log.warn({ database: line });
  else log.debug({ database: line });
}

async function stopProcess(
  child: ChildProcess,
  exited: Promise<string>,
  launch: Launch,
  cluster: string,
): Promise<void> {
  for (const { signal, forMs } of ENDINGS) {
    await signalProcess(child, launch, cluster, signal);
    if (await within(forMs, exited)) return;
  }
}

async function signalProcess(
  child: ChildProcess,
  launch: Launch,
  cluster: string,
  signal: NodeJS.Signals,
): Promise<void> {
  if (launch.tie === 'signal') {
    child.kill(signal);
    return;
  }
  // The child is the shell that watches over PostgreSQL: closing its input is how to ask it.
  child.stdin!.destroy();
  const pid = signal === 'SIGINT' ? null : await claimant(join(cluster, 'postmaster.pid'));
  if (pid !== null) process.kill(pid, signal);
}
