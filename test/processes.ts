/** Looks at processes from outside, as an operator would; what reads /proc is for Linux only. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = { polls: 500, pollMs: 20 };

/** Whether a process still runs; one that has ended and waits to be reaped does not, and who adopts orphans may take long over that. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** @throws AssertionError when it still runs after some seconds. */
export function untilEnded(pid: number): Promise<void> {
  return untilNone(() => (isRunning(pid) ? [`process ${pid}`] : []));
}

/** Waits until no process has `word` in its command line: nothing is left behind. */
export function untilNoProcess(word: string): Promise<void> {
  return untilNone(() => commandLines().filter((command) => command.includes(word)));
}

async function untilNone(look: () => string[]): Promise<void> {
  for (let polls = 0; look().length > 0; polls += 1) {
    assert.ok(polls < PATIENCE.polls, `still running: ${look().join('; ')}`);
    await sleep(PATIENCE.pollMs);
  }
}

/** The live children of a process whose command line contains a word. */
export function childPids(parentPid: number, word: string): number[] {
  return globSync('/proc/[0-9]*/stat').flatMap((file) => {
    const stat = readIfThere(file);
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const pid = Number(file.split('/')[2]);
    const isMeant = Number(parent) === parentPid && state !== 'Z' && commandLine(pid).includes(word);
    return isMeant ? [pid] : [];
  });
}

/** Bytes that a process has had in memory at the most. Linux only. @throws AssertionError when it has ended. */
export function peakMemoryOf(pid: number): number {
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
  assert.ok(kibibytes, `process ${pid} has ended`);
  return Number(kibibytes) * 1024;
}

function commandLines(): string[] {
  return globSync('/proc/[0-9]*').map((folder) => commandLine(Number(folder.split('/')[2])));
}

function commandLine(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** A process may end between being listed and being read. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
