/** A server as `keeneye serve` starts it, with a data folder of its own, and how much memory it takes; for Linux. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

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

const PROGRAM = join(import.meta.dirname, '../../bin/keeneye.js');

/** @throws Error when it does not get ready. */
export async function startServer(): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-flood-'));
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, DATA_DIR: dataDir, PORT: '0' };
  const child = spawn(process.execPath, [PROGRAM, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const ready = await Promise.race([once(lines, 'line'), exited]);
  if (typeof ready[0] !== 'string') throw new Error('The server did not get ready.');
  const { url, pid, key } = JSON.parse(ready[0]) as { url: string; pid: number; key: string };
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
      treeOf(pid).reduce((sum, each) => sum + proportionalBytes(each), 0),
    );
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    peak: () => {
      sample();
      return { tree, server: kilobytes(readIfThere(`/proc/${pid}/status`), 'VmHWM') };
    },
    stop: () => clearInterval(timer),
  };
}

function treeOf(root: number): number[] {
  const parents = globSync('/proc/[0-9]*/stat').map((file) => {
    const stat = readIfThere(file);
    return [Number(file.split('/')[2]), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const;
  });
  const below = (pid: number): number[] => [
    pid,
    ...parents.filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ];
  return below(root);
}

function proportionalBytes(pid: number): number {
  return kilobytes(readIfThere(`/proc/${pid}/smaps_rollup`), 'Pss');
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
}

/** A process may end between being listed and being read. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
