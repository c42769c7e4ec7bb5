/** A process of its own that asks for a server's health again and again until it is told to stop, and says how long each answer took. */
import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 20;
const answersMs: number[] = [];
let stopped = false;

process.once('message', () => {
  stopped = true;
});
const url = process.argv[2]!;
while (!stopped) {
  const startMs = performance.now();
  const reply = await fetch(`${url}/healthz`);
  await reply.arrayBuffer();
  if (!reply.ok) throw new Error(`/healthz answered ${reply.status}`);
  answersMs.push(performance.now() - startMs);
  await sleep(EVERY_MS);
}
process.send!(answersMs, () => process.disconnect());
