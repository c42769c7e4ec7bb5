/** Callbacks as the server has them: who words them and the way out are given, the rest of the room is put together. */
import type { Log } from '../lib/log.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { Database } from '../store/database.ts';
import { createAttempt, type Word } from './attempt.ts';
import { createPost } from './post.ts';
import { loadWebhookSecret } from './secret.ts';
import { createSender, type Sender } from './sender.ts';

export async function createWebhooks(
  database: Database,
  outbound: Outbound,
  word: Word,
  log: Log,
): Promise<Sender> {
  const attempt = createAttempt(database, word, createPost(outbound), await loadWebhookSecret(database));
  return createSender(database, attempt, log);
}
