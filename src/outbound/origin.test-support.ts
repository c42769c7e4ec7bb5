/** Origins that say what a test wants, and a network that keeps a record of every address a socket was given. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, isIP, type LookupFunction } from 'node:net';
import type { TestContext } from 'node:test';
import { buildConnector } from 'undici';
import type { Network } from './exchange.ts';

export interface Origin {
  port: number;
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Connections taken so far. */
  connections(): number;
}

export async function httpOrigin(t: TestContext, answer: RequestListener): Promise<Origin> {
  const server = createServer(answer);
  t.after(() => server.closeAllConnections());
  return listening(t, server);
}

/** Answers the first bytes of each connection with `response`, byte for byte, and hangs up. */
export async function rawOrigin(t: TestContext, response: string | Buffer): Promise<Origin> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(response));
  });
  return listening(t, server);
}

async function listening(t: TestContext, server: ReturnType<typeof createSocketServer>): Promise<Origin> {
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  // Both families where the machine has both, so that every spelling of loopback would be answered.
  server.listen(0);
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, connections: () => connections };
}

export interface RecordedNetwork extends Network {
  /** `address port` of everything a socket was told to connect to. */
  connected: string[];
}

/** @param names each name's answers, one after the other; the last one stays. */
export function recordedNetwork(names: Record<string, string[][]> = {}): RecordedNetwork {
  const connected: string[] = [];
  const resolve = async (hostname: string) => {
    const answers = names[hostname.replace(/\.$/, '')];
    const addresses = answers && answers.length > 1 ? answers.shift() : answers?.[0];
    if (!addresses) throw new Error(`no such name: ${hostname}`);
    return addresses.map((address) => ({ address, family: isIP(address) }));
  };
  const connector = (options: buildConnector.BuildOptions = {}): buildConnector.connector => {
    const { lookup } = options as { lookup: LookupFunction };
    return (target, callback) => {
      const record = (addresses: string[]) => {
        connected.push(...addresses.map((address) => `${address} ${target.port || 80}`));
        if (!addresses.every(isLoopback)) throw new Error('tests do not leave this machine');
      };
      const recorded: LookupFunction = (hostname, lookupOptions, reply) =>
        lookup(hostname, lookupOptions, (error, found, family) => {
          if (error) return reply(error, found, family);
          try {
            record(typeof found === 'string' ? [found] : found.map(({ address }) => address));
            reply(null, found, family);
          } catch (refused) {
            reply(refused as Error, '', 0);
          }
        });
      try {
        if (isIP(target.hostname)) record([target.hostname]);
        buildConnector({ ...options, lookup: recorded })(target, callback);
      } catch (refused) {
        callback(refused as Error, null);
      }
    };
  };
  return { resolve, connector: connector as typeof buildConnector, connected };
}

const isLoopback = (address: string) => address === '::1' || address.startsWith('127.');
