/** A server that is killed and started again on the same data and the same port, and the processes under it; for Linux. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is killed: one engine process, the server, or every process of its database. */
export const VICTIMS = ['worker', 'server', 'database'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface MortalServer {
  url: string;
  /** The one that its first start made. */
  key: string;
  /** A server that was killed is ready again when this resolves. @returns when it was killed */
  kill(victim: Victim): Promise<number>;
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  pid: number;
  url: string;
  key: string;
}

const PROGRAM = join(import.meta.dirname, '../../bin/keeneye.js');

export async function startMortal(dataDir: string, extra: Record<string, string>): Promise<MortalServer> {
  const first = await start(dataDir, '0', extra);
  const { port } = new URL(first.url);
  let running = first;

  async function killServer(): Promise<number> {
    const exited = once(running.child, 'exit');
    process.kill(running.pid, 'SIGKILL');
    const killedAt = performance.now();
    await exited;
    running = await start(dataDir, port, extra);
    return killedAt;
  }

  return {
    url: first.url,
    key: first.key,
    async kill(victim) {
      if (victim === 'server') return killServer();
      const pids = await untilSome(() => processesBelow(running.pid, victim));
      const chosen = victim === 'worker' ? [pids[Math.floor(Math.random() * pids.length)]!] : pids;
      for (const pid of chosen) killIfThere(pid);
      return performance.now();
    },
    async stop() {
      const exited = once(running.child, 'exit');
      process.kill(running.pid, 'SIGTERM');
      await exited;
    },
  };
}

/** @throws Error when it does not get ready. */
async function start(dataDir: string, port: string, extra: Record<string, string>): Promise<Running> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, DATA_DIR: dataDir, PORT: port, ...extra };
  const child = spawn(process.execPath, [PROGRAM, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ready = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
  if (typeof ready[0] !== 'string') throw new Error('The server did not get ready.');
  return { child, ...(JSON.parse(ready[0]) as { pid: number; url: string; key: string }) };
}

const COMMANDS = { worker: /engine\/child\.(ts|js)/, database: /^postgres|\/postgres / };

function processesBelow(root: number, victim: Exclude<Victim, 'server'>): number[] {
  const parents = new Map<number, number>();
  for (const file of globSync('/proc/[0-9]*/stat')) {
    const stat = readIfThere(file);
    if (stat)
      parents.set(Number(file.split('/')[2]), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isBelow(parents.get(pid)));
  return [...parents.keys()].filter(
    (pid) => pid !== root && isBelow(pid) && COMMANDS[victim].test(commandLine(pid)),
  );
}

function commandLine(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** Engine processes come and go. */
async function untilSome(look: () => number[]): Promise<number[]> {
  for (;;) {
    const pids = look();
    if (pids.length > 0) return pids;
    await sleep(20);
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
