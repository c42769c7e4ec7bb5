/** Receivers that really listen, and callbacks for them, for the tests of a file. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllowed } from '../outbound/allowed.ts';
import { createOutbound } from '../outbound/outbound.ts';
import type { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { createAttempt, type Word } from './attempt.ts';
import { findCallback } from './callback-record.ts';
import { createPost } from './post.ts';
import { loadWebhookSecret } from './secret.ts';

export interface Received {
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Resolves once so many requests have come in whole. */
  until(count: number): Promise<void>;
}

/** @param answer to the request of that number, from 0; it may also leave it open. */
export async function startReceiver(
  answer: (response: ServerResponse, number: number) => void = (response) => response.end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    received.push({ headers: request.headers, body });
    answer(response, received.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return { url, received, until: (count) => poll(() => received.length >= count) };
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function databaseWithKey() {
  const { database, server } = await temporaryDatabase();
  await migrate(database);
  const { rows } = await database.query<{ id: string }>(
    "INSERT INTO keys (name, prefix, secret_sha256) VALUES ('test', 'ke_test', sha256('test')) RETURNING id",
  );
  return { database, connection: server.connection, keyId: rows[0]!.id };
}

/** A batch with a callback, as the end of its last job leaves it. @returns the callback's id. */
export async function newCallback(
  database: Database,
  keyId: string,
  url: string,
  status = 'due',
): Promise<string> {
  const [id, batchId] = [randomUUID(), randomUUID()];
  await database.query('INSERT INTO batches (id, key_id, size) VALUES ($1, $2, 1)', [batchId, keyId]);
  await database.query(
    `INSERT INTO callbacks (id, batch_id, key_id, dialect, url, origin, status, due_at, next_at, ended_at)
     VALUES ($1, $2, $3, 'native', $4, 'http://images.test', $5, now(), now(),
       CASE WHEN $5 IN ('delivered', 'dead') THEN now() END)`,
    [id, batchId, keyId, url, status],
  );
  await database.query("SELECT pg_notify('callback_due', '')");
  return id;
}

export async function untilStatus(database: Database, id: string, status: string): Promise<void> {
  await poll(async () => (await findCallback(database, id))?.status === status);
}

export async function poll(look: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await look())) await sleep(5);
}

/** Each call words it differently, so that a second wording would be seen. */
export const wordAnew: Word = async ({ batchId }) => ({
  contentType: 'application/json',
  body: JSON.stringify({ batch: batchId, text: 'größer → smaller', nonce: randomUUID() }),
});

/** Receivers of tests are on this machine. */
export const outbound = createOutbound(parseAllowed('127.0.0.0/8'));

export async function attemptOver(database: Database, word: Word = wordAnew, post = createPost(outbound)) {
  return createAttempt(database, word, post, await loadWebhookSecret(database));
}
