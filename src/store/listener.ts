/**
 * LISTEN on one connection of its own, for all channels. When it is lost it is made again with
 * back-off; what was notified meanwhile is gone, so listeners are told and look for themselves.
 */
import { Client, type ClientConfig, escapeIdentifier } from 'pg';
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';

export interface Listener {
  /**
   * Hears `channel` from the moment the promise resolves until the returned function is called.
   * Neither callback may throw.
   * @param onSubscribed called each time hearing begins: at first, and after every reconnection.
   * @throws when no connection can be made, or the listener was closed.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onSubscribed?: () => void,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

interface Subscription {
  channel: string;
  onPayload: (payload: string) => void;
  onSubscribed?: (() => void) | undefined;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
/** How soon a connection that died without a word is noticed. */
const HEARTBEAT_MS = 30_000;
const HEARTBEAT_TIMEOUT_MS = 10_000;

export function createListener(config: ClientConfig, log: Log): Listener {
  const subscriptions = new Set<Subscription>();
  const closing = new AbortController();
  /** The connection, or the making of it; null before the first use, and for good once closed. */
  let current: Promise<Client | null> | null = null;
  /** The connection while there is one. */
  let live: Client | null = null;
  let speaking = Promise.resolve();

  async function listen(...[channel, onPayload, onSubscribed]: Parameters<Listener['listen']>) {
    current ??= connect();
    const client = await current.catch((error) => {
      current = null;
      throw error;
    });
    if (!client) throw new Error('The listener is closed.');
    await say(client, `LISTEN ${escapeIdentifier(channel)}`);
    const subscription: Subscription = { channel, onPayload, onSubscribed };
    subscriptions.add(subscription);
    onSubscribed?.();
    return () => unlisten(subscription);
  }

  /** One statement after the other: a connection takes no second while it is at the first. */
  async function say(client: Client, statement: string): Promise<void> {
    const said = speaking.then(() => client.query(statement));
    speaking = said.then(noop, noop);
    await said;
  }

  async function unlisten(subscription: Subscription): Promise<void> {
    subscriptions.delete(subscription);
    const { channel } = subscription;
    if (hearersOf(channel).length > 0) return;
    // One that is being made again hears what is subscribed to by then; whoever stops must not wait for a database.
    if (!live) return;
    await say(live, `UNLISTEN ${escapeIdentifier(channel)}`).catch((error) => {
      log.debug({ err: error }, 'a lost connection hears nothing anyway');
    });
  }

  /** A connection that hears all channels subscribed to, or null once closed. */
  async function connect(): Promise<Client | null> {
    if (closing.signal.aborted) return null;
    const client = new Client({ ...config, query_timeout: HEARTBEAT_TIMEOUT_MS });
    let established = false;
    client.on('error', (error) => log.debug({ err: error }, 'listening connection failed'));
    client.on('notification', ({ channel, payload }) => deliver(channel, payload ?? ''));
    client.once('end', () => {
      if (live === client) live = null;
      if (established && !closing.signal.aborted) current = reconnect();
    });
    try {
      await client.connect();
      const channels = new Set([...subscriptions].map(({ channel }) => channel));
      for (const channel of channels) await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    } catch (error) {
      await client.end();
      throw error;
    }
    established = true;
    live = client;
    beat(client);
    for (const { onSubscribed } of subscriptions) onSubscribed?.();
    return client;
  }

  async function reconnect(): Promise<Client | null> {
    log.warn('database notifications interrupted');
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
      await sleep(delayMs, closing.signal);
      try {
        return await connect();
      } catch (error) {
        log.debug({ err: error }, 'listening connection failed');
      }
    }
  }

  function deliver(channel: string, payload: string): void {
    for (const { onPayload } of hearersOf(channel)) onPayload(payload);
  }

  function hearersOf(channel: string): Subscription[] {
    return [...subscriptions].filter((subscription) => subscription.channel === channel);
  }

  async function close(): Promise<void> {
    closing.abort();
    const client = await current?.catch(() => null);
    current = Promise.resolve(null);
    await client?.end();
  }

  return { listen, close };
}

const noop = () => {};

function beat(client: Client): void {
  const heartbeat = setInterval(() => {
    client.query('SELECT 1').catch(() => client.end());
  }, HEARTBEAT_MS);
  client.once('end', () => clearInterval(heartbeat));
}
