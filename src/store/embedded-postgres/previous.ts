/**
 * What a killed server may have left: a PostgreSQL that is still shutting down, or the files by which
 * one that is gone said it was there. Called by the holder of the folder's lock, so no server is alive.
 */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sleep } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';

/** PostgreSQL's claims to its folder and to its socket; a process number stands on the first line of each. */
const CLAIMS = ['postmaster.pid', '.s.PGSQL.5432.lock'];

/** What is tried on one that still runs, and how long each may take: wait, then ask, then insist. */
const ENDINGS = [
  { signal: null, forMs: 5000 },
  { signal: 'SIGINT', forMs: 10_000 },
  { signal: 'SIGQUIT', forMs: 5000 },
] as const;
const POLL_MS = 20;

/** @throws Error when a PostgreSQL of this folder cannot be ended. */
export async function settlePrevious(cluster: string, log: Log): Promise<void> {
  const pid = await claimant(join(cluster, 'postmaster.pid'));
  if (pid !== null && (await isPostmaster(pid, cluster))) await endPostmaster(pid, cluster, log);
  for (const name of CLAIMS) await dropMistaken(join(cluster, name), cluster, log);
}

/** The process number that a claim names, or null when there is none. */
export async function claimant(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return Number.parseInt(text, 10) || null;
}

async function endPostmaster(pid: number, cluster: string, log: Log): Promise<void> {
  log.info({ pid }, 'waiting for the database of a server that was killed');
  for (const { signal, forMs } of ENDINGS) {
    if (signal) {
      log.warn({ pid, signal }, 'ending the database of a server that was killed');
      process.kill(pid, signal);
    }
    const deadline = performance.now() + forMs;
    while (performance.now() < deadline) {
      if (!(await isPostmaster(pid, cluster))) return;
      await sleep(POLL_MS);
    }
  }
  throw new Error(`The database of a server that was killed (process ${pid}) does not end.`);
}

/**
 * PostgreSQL itself drops a claim whose process is gone, but takes any living process of that number for the
 * claimant. After a crash the number may by now be anyone's, and then it would never start again.
 */
async function dropMistaken(path: string, cluster: string, log: Log): Promise<void> {
  const pid = await claimant(path);
  if (pid === null || !isAlive(pid) || (await isPostmaster(pid, cluster))) return;
  log.info({ pid, path }, 'dropping a claim whose process number now belongs to another program');
  await rm(path);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a process is a PostgreSQL that was started on this folder; a dead one waiting to be reaped is not. */
async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  const args = await commandLine(pid);
  return /(^|\/)postgres(\s|$)/.test(args.split(' -D ')[0]!) && args.includes(` -D ${cluster} `);
}

/** A process's command line with blanks between its arguments; empty when there is no such process. */
async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    }
    return (await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout.trim();
  } catch (error) {
    const { code } = error as { code?: unknown };
    // What /proc and ps say of a process that is not there.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 1) return '';
    throw error;
  }
}
