/** Clients that never stop sending images, each once until it is answered, and remember what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { photo } from '../../test/images/pixels.ts';
import { commented } from '../flood/images.ts';

export interface Load {
  /** Ids of jobs that were acknowledged with a 202. */
  acknowledged: Set<string>;
  /** Resolves with the time at which the next submission was acknowledged that was sent from now on. */
  nextAcknowledged(): Promise<number>;
  stop(): Promise<void>;
}

const CLIENTS = 4;
const PAUSE_MS = 30;
const GIVE_UP_MS = 10_000;

export async function startLoad(url: string, key: string): Promise<Load> {
  const { data, ...raw } = photo(96, 64, 7);
  const jpeg = await sharp(data, { raw }).jpeg({ quality: 92 }).toBuffer();
  const acknowledged = new Set<string>();
  const waiting = new Set<{ since: number; resolve(at: number): void }>();
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
    for (const waiter of waiting)
      if (waiter.since <= sentAt) {
        waiting.delete(waiter);
        waiter.resolve(performance.now());
      }
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
    nextAcknowledged: () => new Promise((resolve) => waiting.add({ since: performance.now(), resolve })),
    async stop() {
      stopped = true;
      await Promise.all(clients);
    },
  };
}
