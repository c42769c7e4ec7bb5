/** The key that signs a server's reports: made once for each database, so that all nodes sign alike. */
import { createSigner, makePrivateKey, type Signer } from '../lib/signature.ts';
import type { Queryable } from '../store/database.ts';

/** The private key stays in the database and in what is returned here; it is never shown. */
export async function loadReportSigner(db: Queryable): Promise<Signer> {
  const made = makePrivateKey();
  await db.query(`INSERT INTO settings (name, value) VALUES ('report-key', $1) ON CONFLICT DO NOTHING`, [
    made,
  ]);
  const { rows } = await db.query<{ value: string }>(`SELECT value FROM settings WHERE name = 'report-key'`);
  return createSigner(rows[0]!.value);
}
