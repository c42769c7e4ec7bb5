/**
 * The secrets that callbacks are signed with, one an API key. All are derived from one root in the database (HKDF,
 * RFC 5869), so that all nodes sign alike and a key that never has a callback costs nothing.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { isUuid } from '../lib/uuid.ts';
import type { Queryable } from '../store/database.ts';
import { writeSecret } from './sign.ts';

/** @returns the secret of a key: `whsec_` and 32 bytes in base64. */
export type WebhookSecret = (keyId: string) => string;

/** The root is made once for each database; it stays there and is never shown. */
export async function loadWebhookSecret(db: Queryable): Promise<WebhookSecret> {
  const made = randomBytes(32).toString('base64');
  await db.query(`INSERT INTO settings (name, value) VALUES ('webhook-root', $1) ON CONFLICT DO NOTHING`, [
    made,
  ]);
  const { rows } = await db.query<{ value: string }>(
    `SELECT value FROM settings WHERE name = 'webhook-root'`,
  );
  const root = Buffer.from(rows[0]!.value, 'base64');
  return (keyId) => writeSecret(new Uint8Array(hkdfSync('sha256', root, '', `webhooks of key ${keyId}`, 32)));
}

/** @returns null when there is no such key. */
export async function webhookSecretOf(db: Queryable, keyId: string): Promise<string | null> {
  if (!isUuid(keyId)) return null;
  const { rows } = await db.query<{ id: string }>('SELECT id FROM keys WHERE id = $1', [keyId]);
  if (!rows[0]) return null;
  return (await loadWebhookSecret(db))(rows[0].id);
}
