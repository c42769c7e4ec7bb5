/** Runs the program as its users do: as a process, by its launcher, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

const LAUNCHER = join(import.meta.dirname, '../../bin/keeneye.js');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** @param env variables beside those of this process. */
export function startKeeneye(args: string[], cwd: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function keeneye(args: string[], cwd: string, env: Record<string, string> = {}): Promise<Ended> {
  const child = startKeeneye(args, cwd, env);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { code, stdout, stderr };
}

/** The objects of a run with `--json`. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what is in them.
export function jsonLines({ stdout }: Ended): any[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** A new folder with these files; the caller removes it. */
export function folderWith(files: Record<string, Uint8Array | string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'keeneye-cli-')));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Every file below a folder, hidden ones included, sorted. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true });
}
