/** The one engine process of a server under test: found, held in the middle of nothing, and what the server counts of it. */
import assert from 'node:assert/strict';
import { pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { childPids } from '../processes.ts';
import { optimize } from './native-client.ts';
import { KEY, type Server, until } from './start-server.ts';

const CHILD = 'engine/child';
let seed = 0;

/** A picture that no other test of the file has sent. */
export function picture(): Promise<Uint8Array> {
  seed += 1;
  return pngFile(photo(160, 120, seed));
}

/** @param than another process than this one, when that has died or is about to. */
export function engineChild(server: Server, than?: number): Promise<number> {
  return until(() => childPids(server.pid, CHILD).find((pid) => pid !== than));
}

/** Optimizes one picture, so that an engine process is there, and holds that, so that the next job hangs in it. */
export async function freezeEngine(server: Server): Promise<number> {
  assert.equal((await optimize(server.url, KEY, await picture())).status, 200);
  const pid = await engineChild(server);
  process.kill(pid, 'SIGSTOP');
  return pid;
}

export async function metricsOf(server: Server): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}
