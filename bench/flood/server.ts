/** A server as `keeneye serve` starts it, with a data folder of its own, and how much memory it takes; for Linux. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchServer, PROGRAM } from '../process/launch.ts';
import { processTree, readProcess } from '../process/tree.ts';

export interface Server {
  url: string;
  /** Of the server process, which has the engine's and the database's under it. */
  pid: number;
  /** The one that its first start made. */
  key: string;
  makeKey(): Promise<string>;
  /** Takes the data with it. */
  stop(): Promise<void>;
}

/** @throws Error when it does not get ready. */
export async function startServer(): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-flood-'));
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, DATA_DIR: dataDir, PORT: '0' };
  const { child, url, pid, key } = await launchServer(env);
  const exited = once(child, 'exit');
  return {
    url,
    pid,
    key,
    async makeKey() {
      const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, 'keys', 'create'], { env });
      return stdout.trim();
    },
    async stop() {
      if (child.exitCode === null) process.kill(pid, 'SIGTERM');
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export interface MemoryWatch {
  /** Largest so far, in bytes; pages that processes share count once, shared out among them. */
  peak(): { tree: number; server: number };
  stop(): void;
}

const SAMPLE_MS = 500;

export function watchMemory(pid: number): MemoryWatch {
  let tree = 0;
  const sample = () => {
    tree = Math.max(
      tree,
      processTree(pid).reduce((sum, each) => sum + proportionalBytes(each), 0),
    );
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    peak: () => {
      sample();
      return { tree, server: kilobytes(readProcess(`/proc/${pid}/status`), 'VmHWM') };
    },
    stop: () => clearInterval(timer),
  };
}

function proportionalBytes(pid: number): number {
  return kilobytes(readProcess(`/proc/${pid}/smaps_rollup`), 'Pss');
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
}
