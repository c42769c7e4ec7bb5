/** Keys that vendors' documentation has everyone try: valid where the operator allows it, with a little to spend. */
import type { Queryable } from '../store/database.ts';
import { secretDigest, secretPrefix } from './secret.ts';

/** A month, since everyone has the secret: enough for trying, too little to live on. */
const CREDITS_A_MONTH = 500;

/** One that was revoked is valid again, and one that was valid is revoked: how the server was started last holds. */
export async function settleDemoKeys(db: Queryable, secrets: string[], areAllowed: boolean): Promise<void> {
  if (!areAllowed) {
    await db.query(
      'UPDATE keys SET revoked_at = now() WHERE secret_sha256 = ANY($1) AND revoked_at IS NULL',
      [secrets.map(secretDigest)],
    );
    return;
  }
  for (const secret of secrets)
    await db.query(
      `INSERT INTO keys (name, plan, credits, secret_sha256, prefix) VALUES ('demo', 'monthly', $1, $2, $3)
        ON CONFLICT (secret_sha256) DO UPDATE SET revoked_at = NULL`,
      [CREDITS_A_MONTH, secretDigest(secret), secretPrefix(secret)],
    );
}
