/**
 * One owner for a folder. The operating system holds the lock for the process and drops it at the moment
 * the process dies, however it dies, so there is nothing stale to judge and no process number to mistake.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sleep } from '../lib/clock.ts';

export interface FolderLock {
  release(): void;
}

export class FolderInUse extends Error {
  constructor(folder: string, holder: string) {
    super(
      `${folder} is in use by another keeneye server (process ${holder}). ` +
        'Stop that one first, or give this one a folder of its own with DATA_DIR.',
    );
    this.name = 'FolderInUse';
  }
}

const RETRY_MS = 50;
const SQLITE_BUSY = 5;

/**
 * @param patienceMs how long to wait for a holder that is just ending.
 * @throws FolderInUse naming the folder and the holder's process; Error when the folder cannot be locked at all.
 */
export async function lockFolder(folder: string, patienceMs: number): Promise<FolderLock> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const lock = tryLock(folder);
    if (lock) return lock;
    if (performance.now() >= deadline) throw new FolderInUse(folder, holderOf(folder));
    await sleep(RETRY_MS);
  }
}

/** Node has no call for file locks, but its SQLite has: an exclusive transaction that is never ended holds one. */
function tryLock(folder: string): FolderLock | null {
  const database = new DatabaseSync(join(folder, 'lock'));
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(holderFile(folder), String(process.pid));
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw new Error(`${folder} cannot be locked: ${(error as Error).message}.`, { cause: error });
  }
  return { release: () => database.close() };
}

/** Only asked while the lock is held, so what it says is never older than its holder. */
function holderOf(folder: string): string {
  return readFileSync(holderFile(folder), 'utf8');
}

function holderFile(folder: string): string {
  return join(folder, 'lock.pid');
}
