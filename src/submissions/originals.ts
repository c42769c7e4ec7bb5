/** Keeps files as they are, under names that their key chose, until they expire; the bytes are shared by content. */
import { blobKey, isMissingBlob, letGoOfBlobs, putBlob } from '../jobs/blob-references.ts';
import { nameDigest } from '../jobs/enqueue.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database, Queryable } from '../store/database.ts';
import { readStored } from './describe-job.ts';

/** The sweep can take a blob between its being put and its being referred to, but not twice in a row. */
const TRIES = 2;

/** What had the name before is let go of. @throws Problem `empty-body` | `unavailable` */
export async function keepOriginal(
  database: Database,
  blobs: BlobStore,
  keyId: string,
  name: string,
  bytes: Uint8Array,
  ttlMs: number,
): Promise<void> {
  if (bytes.byteLength === 0) throw new Problem('empty-body', 'There is nothing to keep.');
  const blob = blobKey(bytes);
  for (let tries = 1; ; tries += 1) {
    await putBlob(database, blobs, blob, bytes);
    try {
      return await database.transaction((tx) => write(tx, keyId, name, blob, bytes.byteLength, ttlMs));
    } catch (error) {
      if (!isMissingBlob(error) || tries === TRIES) throw error;
    }
  }
}

async function write(
  tx: Queryable,
  keyId: string,
  name: string,
  blob: string,
  bytes: number,
  ttlMs: number,
): Promise<void> {
  const digest = nameDigest(name);
  const { rows } = await tx.query<{ blob: string }>(
    'SELECT blob FROM originals WHERE key_id = $1 AND name_sha256 = $2 FOR UPDATE',
    [keyId, digest],
  );
  await tx.query(
    `INSERT INTO originals (key_id, name_sha256, blob, bytes, expires_at)
     VALUES ($1, $2, $3, $4, now() + $5 * interval '1 ms')
     ON CONFLICT (key_id, name_sha256) DO UPDATE
       SET blob = excluded.blob, bytes = excluded.bytes, expires_at = excluded.expires_at`,
    [keyId, digest, blob, bytes, ttlMs],
  );
  if (rows[0] && rows[0].blob !== blob) await letGoOfBlobs(tx, [rows[0].blob]);
}

/** @throws Problem `not-found` | `unavailable` */
export async function readOriginal(
  db: Queryable,
  blobs: BlobStore,
  keyId: string,
  name: string,
): Promise<Uint8Array> {
  const { rows } = await db.query<{ blob: string }>(
    'SELECT blob FROM originals WHERE key_id = $1 AND name_sha256 = $2 AND expires_at > now()',
    [keyId, nameDigest(name)],
  );
  if (!rows[0]) throw new Problem('not-found', 'No file is kept under this name, or no longer.');
  return readStored(blobs, rows[0].blob);
}
