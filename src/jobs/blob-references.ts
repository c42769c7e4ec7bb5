/**
 * Keeps what is on the blob store and what the database refers to in step, whatever dies when. A blob's
 * row is pinned before its bytes are written; who refers to it does so by foreign key; whoever lets go
 * marks it for the sweep, which forgets the row and the bytes together, and never while it is referred to.
 */
import { createHash } from 'node:crypto';
import type { Log } from '../lib/log.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database, Queryable } from '../store/database.ts';

/** How long a blob that nothing refers to yet is left alone by the sweep. */
const PIN_SECONDS = 60;
const SWEEP_BATCH = 100;
const FOREIGN_KEY_VIOLATION = '23503';

/** The key of a blob: the sha-256 of its bytes in hex. */
export function blobKey(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Puts bytes under their key and keeps the sweep off them for a while. Putting the same bytes twice is harmless. */
export async function putBlob(
  db: Queryable,
  blobs: BlobStore,
  key: string,
  bytes: Uint8Array,
): Promise<void> {
  await pinBlobs(db, [key]);
  await blobs.put(key, bytes);
}

/** Keeps the sweep off blobs that are about to be put. */
export async function pinBlobs(db: Queryable, keys: string[]): Promise<void> {
  await db.query(
    `INSERT INTO blobs (key, sweep_after)
     SELECT DISTINCT key, now() + $2 * interval '1 s' FROM unnest($1::text[]) AS key ORDER BY key
     ON CONFLICT (key) DO UPDATE SET sweep_after = greatest(blobs.sweep_after, excluded.sweep_after)`,
    [keys, PIN_SECONDS],
  );
}

/** The bytes under a key, or null when they are gone or no longer what they were. */
export async function readBlob(blobs: BlobStore, key: string): Promise<Uint8Array | null> {
  const bytes = await blobs.get(key);
  return bytes && blobKey(bytes) === key ? bytes : null;
}

/** Whether a failed transaction referred to a blob that the sweep had just taken: put it again and retry. */
export function isMissingBlob(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === FOREIGN_KEY_VIOLATION;
}

/** Marks blobs that one reference fewer points to, in the transaction that removes it. */
export async function letGoOfBlobs(tx: Queryable, keys: string[]): Promise<void> {
  // In one order everywhere, so that two transactions that let go of the same blobs cannot deadlock.
  await tx.query(
    `UPDATE blobs SET sweep_after = greatest(sweep_after, now())
      WHERE key IN (SELECT key FROM blobs WHERE key = ANY($1) ORDER BY key FOR UPDATE)`,
    [keys],
  );
}

/** Removes blobs that nothing refers to any more, each once at most, so that one that cannot be removed holds up no other. */
export async function sweepBlobs(database: Database, blobs: BlobStore, log: Log): Promise<number> {
  let removed = 0;
  let after = '';
  for (;;) {
    // As text: a JavaScript date would lose the microseconds that tell one mark from the next.
    const { rows } = await database.query<{ key: string; mark: string }>(
      `SELECT key, sweep_after::text AS mark FROM blobs WHERE sweep_after < now() AND key > $1 ORDER BY key LIMIT $2`,
      [after, SWEEP_BATCH],
    );
    for (const { key, mark } of rows) removed += Number(await sweepBlob(database, blobs, key, mark, log));
    if (rows.length < SWEEP_BATCH) return removed;
    after = rows.at(-1)!.key;
  }
}

const REFERRED_TO = `(EXISTS (SELECT FROM artifacts a WHERE a.blob = b.key)
  OR EXISTS (SELECT FROM jobs j WHERE j.source_blob = b.key)
  OR EXISTS (SELECT FROM originals o WHERE o.blob = b.key)
  OR EXISTS (SELECT FROM study_images i WHERE i.blob = b.key)
  OR EXISTS (SELECT FROM study_pairs p WHERE p.blob = b.key))`;

async function sweepBlob(
  database: Database,
  blobs: BlobStore,
  key: string,
  mark: string,
  log: Log,
): Promise<boolean> {
  try {
    return await database.transaction(async (tx) => {
      const { rows } = await tx.query(
        `DELETE FROM blobs b WHERE key = $1 AND sweep_after::text = $2 AND NOT ${REFERRED_TO} RETURNING key`,
        [key, mark],
      );
      // Under the lock of the deleted row: whoever puts the same bytes now waits, and then writes them anew.
      if (rows.length > 0) await blobs.delete(key);
      else await unmark(tx, key, mark);
      return rows.length > 0;
    });
  } catch (error) {
    // With a foreign key violation a reference was made in between: the blob is needed after all.
    if (!isMissingBlob(error)) log.warn({ err: error, blob: key }, 'a blob could not be swept');
    return false;
  }
}

/** A blob that is still referred to needs no look until somebody lets go of it. */
async function unmark(tx: Queryable, key: string, mark: string): Promise<void> {
  await tx.query(
    `UPDATE blobs b SET sweep_after = NULL WHERE key = $1 AND sweep_after::text = $2 AND ${REFERRED_TO}`,
    [key, mark],
  );
}
