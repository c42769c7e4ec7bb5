/** A site whose images are fetched and which is called back, both after a moment, so that kills fall into them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Site {
  url: string;
  /** How often was told of each batch, by its id. */
  calls: Map<string, number>;
  close(): void;
}

const LONGEST_MOMENT_MS = 300;

/** @param imageAt what lies at a path. */
export async function startSite(imageAt: (path: string) => Uint8Array): Promise<Site> {
  const calls = new Map<string, number>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = request.method === 'POST' ? await text(request) : null;
    await sleep(Math.random() * LONGEST_MOMENT_MS);
    if (body === null) return void response.end(imageAt(request.url ?? '/'));
    const { id } = JSON.parse(body) as { id: string };
    calls.set(id, (calls.get(id) ?? 0) + 1);
    response.end();
  };
  // Whoever is killed while it asks is gone.
  const server = createServer((request, response) => void answer(request, response).catch(() => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
