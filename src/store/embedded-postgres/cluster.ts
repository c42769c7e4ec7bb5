/** The folder of the database's own files: made whole or not at all, and owned by whoever runs PostgreSQL. */
import { chown, lchown, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists } from '../../lib/exists.ts';
import type { Log } from '../../lib/log.ts';
import { syncFolder } from '../sync-folder.ts';
import type { Binaries } from './binaries.ts';
import { type Launch, type Owner, runProgram } from './launch.ts';

export const DATABASE_USER = 'keeneye';

const DRAFT_PREFIX = 'postgres.new-';

/**
 * @param cluster the folder of the database's files, in the data folder that this process has locked.
 * @throws Error saying what initdb said, or to whom the files belong.
 */
export async function ensureCluster(
  cluster: string,
  binaries: Binaries,
  launch: Launch,
  log: Log,
): Promise<void> {
  await removeDrafts(dirname(cluster));
  if (!(await exists(cluster))) return makeCluster(cluster, binaries, launch, log);
  await giveTo(launch.owner, cluster);
  if (await exists(join(cluster, 'PG_VERSION'))) return;
  throw new Error(`${cluster} holds no database: move it away, and a new one is made.`);
}

/** Under a name of its own until it is complete and on the disk, so that a crash half-way leaves nothing half-made. */
async function makeCluster(cluster: string, binaries: Binaries, launch: Launch, log: Log): Promise<void> {
  log.info({ folder: cluster }, 'making the embedded database');
  const draft = await mkdtemp(join(dirname(cluster), DRAFT_PREFIX));
  try {
    await giveTo(launch.owner, draft);
    const failure = await runProgram(launch, binaries, binaries.initdb, initArguments(draft));
    if (failure !== null)
      throw new Error(`The database could not be made in ${dirname(cluster)}:\n${failure}`);
    await rename(draft, cluster);
    await syncFolder(dirname(cluster));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Anyone who may enter the folder is trusted, and only its owner may; nothing listens elsewhere. */
function initArguments(draft: string): string[] {
  const access = [`--username=${DATABASE_USER}`, '--auth-local=trust', '--auth-host=reject'];
  // One order of text on every machine, whatever its C library thinks.
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return ['-D', draft, ...access, ...text];
}

async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(DRAFT_PREFIX))
      await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Root may run PostgreSQL as one user today and as another tomorrow, where containers differ in what they allow. */
async function giveTo(owner: Owner, folder: string): Promise<void> {
  const { uid } = await stat(folder);
  if (uid === owner.uid) return;
  if (process.geteuid?.() !== 0) {
    throw new Error(
      `${folder} belongs to user ${uid}, but the server runs as user ${owner.uid}: change one of them.`,
    );
  }
  const entries = await readdir(folder, { recursive: true });
  for (const entry of entries) await lchown(join(folder, entry), owner.uid, owner.gid);
  // Last, because it is what tells whether all is done.
  await chown(folder, owner.uid, owner.gid);
}
