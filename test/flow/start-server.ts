/** `keeneye serve` as a process of its own, for tests that kill, signal or watch it from outside. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Server {
  url: string;
  pid: number;
  /** The key that this start made; undefined when there was one. */
  key: string | undefined;
  /** Every line on stdout so far. */
  stdout: string[];
  /** What its log says so far. */
  log(): Record<string, unknown>[];
  /** Sends a signal and waits for the end. @returns the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

/** The key that every server of `startServer` knows, unless its `env` says otherwise. */
export const KEY = 'the-key-of-the-flow-tests';

const PROGRAM = join(import.meta.dirname, '../../bin/keeneye.js');

/** @returns a folder that is gone after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keeneye-flow-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a verb of the program to its end. */
export async function runProgram(
  args: string[],
  env: Record<string, string>,
  stdin = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = launch(args, env, 'pipe');
  child.stdin!.end(stdin);
  const [stdout, stderr] = [collect(child.stdout!), collect(child.stderr!)];
  const [code] = await once(child, 'close');
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** Starts a verb of the program. @returns how to end it with a signal, and its exit code then. */
export function startProgram(
  args: string[],
  env: Record<string, string>,
): { end(signal: NodeJS.Signals): Promise<number> } {
  const child = launch(args, env);
  after(() => void child.kill('SIGKILL'));
  return {
    async end(signal) {
      const closed = once(child, 'close');
      child.kill(signal);
      const [code] = await closed;
      return code;
    },
  };
}

/** Starts a server on `dataDir` and any free port. @throws AssertionError with what it said when it does not get ready. */
export async function startServer(dataDir: string, env: Record<string, string> = {}): Promise<Server> {
  const defaults = { DATA_DIR: dataDir, PORT: '0', WORKERS: '1', LOG_LEVEL: 'error', KEENEYE_KEY: KEY };
  const child = launch(['serve'], { ...defaults, ...env });
  let toldToEnd = false;
  after(() => {
    toldToEnd = true;
    child.kill('SIGKILL');
  });
  const stderr = collect(child.stderr!);
  const stdout: string[] = [];
  createInterface(child.stdout!).on('line', (line) => stdout.push(line));
  const exited = once(child, 'exit');
  // A test that meets a dead server should say why it died, not only that nobody listens.
  child.once('exit', (code, signal) => {
    if (!toldToEnd && stdout.length > 0) console.error(`server ended: ${code ?? signal}`, stderr.join(''));
  });
  while (stdout.length === 0 && child.exitCode === null && child.signalCode === null) await sleep(5);
  assert.equal(stdout.length, 1, stderr.join(''));
  const { url, pid, key } = JSON.parse(stdout[0]!);
  const end: Server['end'] = async (signal) => {
    toldToEnd = true;
    process.kill(pid, signal);
    const [code, endedBy] = await exited;
    return code ?? endedBy;
  };
  const log = () =>
    stderr
      .join('')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { url, pid, key, stdout, log, end };
}

/** Waits until `look` finds something. */
export async function until<T>(look: () => T | null | undefined | Promise<T | null | undefined>): Promise<T> {
  for (let waits = 0; waits < 6000; waits += 1) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    await sleep(5);
  }
  assert.fail('what was waited for did not come');
}

function launch(
  args: string[],
  env: Record<string, string>,
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  const base = { PATH: process.env.PATH, HOME: process.env.HOME };
  return spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...base, ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
}

function collect(stream: NodeJS.ReadableStream): string[] {
  const chunks: string[] = [];
  stream.on('data', (chunk) => chunks.push(String(chunk)));
  return chunks;
}
