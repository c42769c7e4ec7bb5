/**
 * Thousands of images sent in at once by one client, a single image of another key right behind them, and thousands of
 * questions about them: how fast each goes, what it costs in memory, and whether the server stays responsive and fair.
 * `--count` images; client, server and all else share this machine.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flag } from './corpus.ts';
import { type Client, inParallel, openClient, type Prepared, prepare } from './flood/client.ts';
import { floodImages } from './flood/images.ts';
import { type Server, startServer, watchMemory } from './flood/server.ts';
import { quantile } from './table.ts';

const COUNT = 2000;
const AT_ONCE = 32;
const LOOKING_MS = 5000;
const POLL_MS = 50;
const SAY_EVERY_MS = 10_000;
const MEGABYTE = 2 ** 20;

export async function run(args: string[]): Promise<void> {
  const count = Number(flag(args, '--count') ?? COUNT);
  const startMs = performance.now();
  const [single, ...flood] = (await floodImages(count + 1)).map(prepare) as [Prepared, ...Prepared[]];
  const megabytes = flood.reduce((sum, { upload }) => sum + upload.length, 0) / MEGABYTE;
  say(`${count} images, ${megabytes.toFixed(0)} MiB of JSON, prepared in ${seconds(startMs)} s`);
  const server = await startServer();
  try {
    await measure(server, flood, single);
  } finally {
    await server.stop();
  }
}

async function measure(server: Server, flood: Prepared[], single: Prepared): Promise<void> {
  const second = openClient(server.url, await server.makeKey(), 2);
  const first = openClient(server.url, server.key, AT_ONCE);
  const memory = watchMemory(server.pid);
  const startMs = performance.now();
  await submit(server, first, flood);
  await followSingle(second, single);
  await untilEnded(second);
  const rate = (flood.length * 1000) / (performance.now() - startMs);
  say(`all ended ${seconds(startMs)} s after the first was sent: ${rate.toFixed(1)} images/s`);
  const { tree, server: alone } = memory.peak();
  memory.stop();
  say(`peak memory: ${mebibytes(tree)} MiB of all processes, ${mebibytes(alone)} MiB of the server's own`);
  await countEnds(first, flood);
  await lookUp(first, flood);
  first.close();
  second.close();
}

async function submit({ url }: Server, client: Client, flood: Prepared[]): Promise<void> {
  const health = fork(join(import.meta.dirname, 'flood/health.ts'), [url]);
  const statuses = new Map<number, number>();
  const startMs = performance.now();
  await inParallel(flood, AT_ONCE, async ({ hash, upload }) => {
    const { status } = await client.post(hash, upload);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
  const rate = (flood.length * 1000) / (performance.now() - startMs);
  const counts = [...statuses].map(([status, times]) => `${times} x ${status}`).join(', ');
  say(`submitted in ${seconds(startMs)} s, ${rate.toFixed(0)}/s: ${counts}`);
  const answered = once(health, 'message') as Promise<[number[]]>;
  health.send('stop');
  const [answersMs] = await answered;
  const [median, slow] = [0.5, 0.99].map((share) => quantile(answersMs, share).toFixed(1));
  say(`/healthz meanwhile: p50 ${median} ms, p99 ${slow} ms of ${answersMs.length} answers`);
}

/** Fairness: how much of the flood was done before the one image of somebody else. */
async function followSingle(client: Client, { hash, upload, lookUp }: Prepared): Promise<void> {
  const before = await endedJobs(client);
  const startMs = performance.now();
  const { status } = await client.post(hash, upload);
  for (;;) {
    const { body } = await client.post(hash, lookUp);
    if (!body.includes('processing')) break;
    await sleep(POLL_MS);
  }
  const overtaken = (await endedJobs(client)) - before - 1;
  say(
    `another key's image behind them: ${status}, ended after ${seconds(startMs)} s and ${overtaken} others`,
  );
}

async function untilEnded(client: Client): Promise<void> {
  for (let saidMs = performance.now(); ; await sleep(POLL_MS)) {
    const text = await metrics(client);
    const waiting = sumOf(text, 'keeneye_queue_depth') + sumOf(text, 'keeneye_engine_children_busy');
    if (waiting === 0) return;
    if (performance.now() - saidMs < SAY_EVERY_MS) continue;
    say(`  ${sumOf(text, 'keeneye_jobs_total')} ended`);
    saidMs = performance.now();
  }
}

async function countEnds(client: Client, flood: Prepared[]): Promise<void> {
  const ends = new Map<string, number>();
  await inParallel(flood, AT_ONCE, async ({ hash, lookUp }) => {
    const { success_or_deny: end } = JSON.parse((await client.post(hash, lookUp)).body);
    ends.set(end, (ends.get(end) ?? 0) + 1);
  });
  say([...ends].map(([end, times]) => `${times} x ${end}`).join(', '));
}

async function lookUp(client: Client, flood: Prepared[]): Promise<void> {
  const startMs = performance.now();
  const answersMs: number[] = [];
  function* again() {
    for (let at = 0; performance.now() - startMs < LOOKING_MS; at++) yield flood[at % flood.length]!;
  }
  await inParallel(again(), AT_ONCE, async ({ hash, lookUp: body }) => {
    const askedMs = performance.now();
    await client.post(hash, body);
    answersMs.push(performance.now() - askedMs);
  });
  const rate = (answersMs.length * 1000) / (performance.now() - startMs);
  say(`look-ups of ended images: ${rate.toFixed(0)}/s, p99 ${quantile(answersMs, 0.99).toFixed(1)} ms`);
}

async function endedJobs(client: Client): Promise<number> {
  return sumOf(await metrics(client), 'keeneye_jobs_total');
}

async function metrics(client: Client): Promise<string> {
  return (await client.get('/metrics')).body;
}

/** Over all labels. */
function sumOf(text: string, name: string): number {
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

function say(line: string): void {
  console.log(line);
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(2);
}

function mebibytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(0);
}
