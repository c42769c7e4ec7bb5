/**
 * Blobs as files of one local folder, `ab/abcd…`: 256 folders, so that none grows too large and hardly a blob needs
 * one made. A file appears under its name only when it is whole and on the disk; what a crash leaves behind lies in
 * `tmp/`.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../../lib/problem.ts';
import { syncFolder } from '../sync-folder.ts';
import { assertBlobKey, type BlobEntry, type BlobStore, isBlobKey } from './blob-store.ts';

/** No put takes that long: an older temporary file belongs to a process that died. */
const STALE_MS = 600_000;

/**
 * @param folder made if it is missing, readable by its owner only.
 * @throws Error naming the folder when it cannot be used.
 */
export async function openDiskBlobs(folder: string): Promise<BlobStore> {
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true, mode: 0o700 }).catch((error) => {
    throw new Error(`The folder for stored files cannot be used: ${error.message}`, { cause: error });
  });
  await removeStale(temporary);
  const makeShard = shardMaker(folder);
  const pathOf = (key: string): string => {
    assertBlobKey(key);
    return join(folder, key.slice(0, 2), key);
  };

  return {
    async put(key, bytes) {
      const path = pathOf(key);
      const draft = join(temporary, randomUUID());
      try {
        await writeDurably(draft, bytes);
        await makeShard(dirname(path));
        await rename(draft, path);
        await syncFolder(dirname(path));
      } catch (error) {
        // The fault may keep it from being removed, too: then it is once it is stale.
        await rm(draft, { force: true }).catch(() => {});
        throw unavailable(error);
      }
    },
    get: (key) => unlessMissing(readFile(pathOf(key)), null),
    async has(key) {
      return unlessMissing(
        stat(pathOf(key)).then(() => true),
        false,
      );
    },
    delete: (key) => unlessMissing(unlink(pathOf(key)), undefined),
    list: (prefix = '') => listFolder(folder, prefix),
    async close() {},
  };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes shard folders and lets the folder above remember them, once a process for each: also for one that was there,
 * because whoever made it may not have come to the syncing.
 */
function shardMaker(folder: string): (shard: string) => Promise<void> {
  const made = new Map<string, Promise<void>>();
  const make = async (shard: string): Promise<void> => {
    await mkdir(shard, { recursive: true, mode: 0o700 });
    await syncFolder(folder);
  };
  return async (shard) => {
    const making = made.get(shard) ?? make(shard);
    made.set(shard, making);
    await making.catch((error) => {
      made.delete(shard);
      throw error;
    });
  };
}

async function* listFolder(folder: string, prefix: string): AsyncGenerator<BlobEntry> {
  const shards = await readdir(folder);
  for (const shard of shards.filter((name) => isShard(name) && agree(name, prefix)).sort())
    yield* listShard(join(folder, shard), prefix);
}

async function* listShard(folder: string, prefix: string): AsyncGenerator<BlobEntry> {
  const keys = (await unlessMissing(readdir(folder), [])).filter(isBlobKey);
  for (const key of keys.filter((name) => name.startsWith(prefix))) {
    const facts = await unlessMissing(stat(join(folder, key)), null);
    if (facts) yield { key, sizeBytes: facts.size, modifiedAt: facts.mtime };
  }
}

function isShard(name: string): boolean {
  return /^[0-9a-f]{2}$/.test(name);
}

/** Whether a key that starts with `start` may start with `prefix`. */
function agree(start: string, prefix: string): boolean {
  return start.startsWith(prefix) || prefix.startsWith(start);
}

async function removeStale(folder: string): Promise<void> {
  const now = Date.now();
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await unlessMissing(stat(path), null);
    if (facts && now - facts.mtimeMs > STALE_MS) await rm(path, { force: true });
  }
}

async function unlessMissing<Value, Otherwise>(
  value: Promise<Value>,
  otherwise: Otherwise,
): Promise<Value | Otherwise> {
  try {
    return await value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
}

/** Whatever the fault, room may be made, a disk mounted or a right given, and the same file be stored. */
function unavailable(error: unknown): Problem {
  const { code } = error as NodeJS.ErrnoException;
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code ?? '');
  const why = full ? 'has no room to store the file' : 'cannot store the file';
  return new Problem('unavailable', `The server ${why} just now.`, { cause: error });
}
