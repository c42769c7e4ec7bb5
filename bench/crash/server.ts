/** A server that is killed and started again on the same data and the same port, and the processes under it; for Linux. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Launched, launchServer } from '../process/launch.ts';
import { processTree, readProcess } from '../process/tree.ts';

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

async function start(dataDir: string, port: string, extra: Record<string, string>): Promise<Launched> {
  const { PATH, HOME } = process.env;
  return launchServer({ PATH, HOME, DATA_DIR: dataDir, PORT: port, ...extra });
}

const COMMANDS = { worker: /engine\/child\.(ts|js)/, database: /^postgres|\/postgres / };

function processesBelow(root: number, victim: Exclude<Victim, 'server'>): number[] {
  return processTree(root).filter((pid) => pid !== root && COMMANDS[victim].test(commandLine(pid)));
}

function commandLine(pid: number): string {
  return readProcess(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
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
