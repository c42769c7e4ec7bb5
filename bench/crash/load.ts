/** Clients of every protocol that never stop sending images, each once until it is answered, and remember what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { photo } from '../../test/images/pixels.ts';
import { commented } from '../flood/images.ts';
import { type Protocol, protocolsOf, type Receipt, type Standing } from './protocols.ts';
import { type Site, startSite } from './site.ts';

export interface Load {
  acknowledged: Receipt[];
  /** Where images are fetched and who is called back. */
  site: Site;
  /** Resolves with the time at which the first submission was acknowledged of those that were sent since. */
  firstAcknowledged(since: number): Promise<number>;
  stop(): Promise<void>;
}

const LOOK_MS = 5;

/** @param ready starts the server that may fetch from this site. */
export async function startLoad(
  ready: (siteUrl: string) => Promise<{ url: string; key: string }>,
): Promise<Load> {
  const { data, ...raw } = photo(96, 64, 7);
  const jpeg = await sharp(data, { raw }).jpeg({ quality: 92 }).toBuffer();
  const site = await startSite((path) => commented(jpeg, path));
  const { url, key } = await ready(site.url);
  const acknowledged: Receipt[] = [];
  const answers: { sentAt: number; at: number }[] = [];
  let stopped = false;
  let sent = 0;

  async function submit(protocol: Protocol): Promise<void> {
    const sentAt = performance.now();
    const number = sent++;
    const receipt = await protocol.submit(commented(jpeg, `image ${number}`), number);
    if (!receipt) return;
    acknowledged.push({ protocol: protocol.name, ...receipt });
    answers.push({ sentAt, at: performance.now() });
  }

  const clients = protocolsOf(url, key, site.url).map(async (protocol) => {
    while (!stopped) {
      // What got no answer was not acknowledged, whatever became of it.
      await submit(protocol).catch(() => {});
      await sleep(protocol.pauseMs);
    }
  });
  return {
    acknowledged,
    site,
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

export interface Ends {
  ended: number;
  lost: number;
  'callbacks lost': number;
  /** Allowed: who receives them knows them by their id. */
  'callbacks twice': number;
}

const SETTLING_MS = 600_000;
const ASK_AGAIN_MS = 200;

/** Asks for everything until it has ended and until all who are to be called were. */
export async function followToEnd({ acknowledged, site }: Load): Promise<Ends> {
  const deadline = performance.now() + SETTLING_MS;
  const ends = { ended: 0, lost: 0 };
  for (const receipt of acknowledged) {
    const standing = await untilEnded(receipt, deadline);
    ends[standing === 'pending' ? 'lost' : standing] += 1;
  }
  const ids = acknowledged.flatMap(({ batchId }) => batchId ?? []);
  const missing = () => ids.filter((id) => !site.calls.has(id)).length;
  while (missing() > 0 && performance.now() < deadline) await sleep(ASK_AGAIN_MS);
  const twice = [...site.calls.values()].reduce((sum, calls) => sum + calls - 1, 0);
  return { ...ends, 'callbacks lost': missing(), 'callbacks twice': twice };
}

async function untilEnded({ ask }: Receipt, deadline: number): Promise<Standing> {
  for (;;) {
    const standing = await ask();
    if (standing !== 'pending' || performance.now() > deadline) return standing;
    await sleep(ASK_AGAIN_MS);
  }
}
