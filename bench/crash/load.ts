/** Clients that never stop sending images, each once until it is answered, and remember what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { photo } from '../../test/images/pixels.ts';
import { commented } from '../flood/images.ts';

export interface Load {
  /** Ids of jobs that were acknowledged with a 202. */
  acknowledged: Set<string>;
  /** Resolves with the time at which the first submission was acknowledged of those that were sent since. */
  firstAcknowledged(since: number): Promise<number>;
  stop(): Promise<void>;
}

const CLIENTS = 4;
const PAUSE_MS = 30;
const LOOK_MS = 5;
const GIVE_UP_MS = 10_000;

export async function startLoad(url: string, key: string): Promise<Load> {
  const { data, ...raw } = photo(96, 64, 7);
  const jpeg = await sharp(data, { raw }).jpeg({ quality: 92 }).toBuffer();
  const acknowledged = new Set<string>();
  const answers: { sentAt: number; at: number }[] = [];
  let stopped = false;
  let sent = 0;

  async function submit(): Promise<void> {
    const sentAt = performance.now();
    const response = await fetch(`${url}/api/v1/optimize?format=webp&wait=0`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: Buffer.from(commented(jpeg, `image ${sent++}`)),
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    const { id } = (await response.json()) as { id: string };
    if (response.status !== 202 && response.status !== 200) return;
    acknowledged.add(id);
    answers.push({ sentAt, at: performance.now() });
  }

  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!stopped) {
      // What got no answer was not acknowledged, whatever became of it.
      await submit().catch(() => {});
      await sleep(PAUSE_MS);
    }
  });
  return {
    acknowledged,
    async firstAcknowledged(since) {
      for (;;) {
        const first = answers.find(({ sentAt }) => sentAt >= since);
        if (first) return first.at;
        await sleep(LOOK_MS);
      }
    },
    async stop() {
      stopped = true;
      await Promise.all(clients);
    },
  };
}
