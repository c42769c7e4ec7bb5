/** A server as `keeneye serve` starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Launched {
  child: ChildProcess;
  /** What its ready line says. */
  url: string;
  /** Of the server process, which has the engine's and the database's under it. */
  pid: number;
  /** The key that its first start made. */
  key: string;
}

export const PROGRAM = join(import.meta.dirname, '../../bin/keeneye.js');

/** @throws Error when it does not get ready. */
export async function launchServer(env: Record<string, string | undefined>): Promise<Launched> {
  const child = spawn(process.execPath, [PROGRAM, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ready = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
  if (typeof ready[0] !== 'string') throw new Error('The server did not get ready.');
  return { child, ...(JSON.parse(ready[0]) as Omit<Launched, 'child'>) };
}
