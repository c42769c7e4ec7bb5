/** Whether a process that is not our child still runs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** One that has ended and waits to be reaped does not run: who adopts orphans may take long over that, or never come. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'ENOENT') return false;
    throw error;
  }
}

/** @throws AssertionError when it still runs after some seconds. */
export async function untilEnded(pid: number): Promise<void> {
  for (let waits = 0; isRunning(pid); waits += 1) {
    assert.ok(waits < 500, `process ${pid} still runs`);
    await sleep(20);
  }
}
