/** Checks of what the server stands on: Node, the C library's memory allocator, limits and the disk. */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sentence } from '../sentence.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** The parts of Node's diagnostic report that are read here. */
interface Report {
  header: { glibcVersionRuntime?: string };
  sharedObjects: string[];
  userLimits: { open_files?: { soft: number | 'unlimited' } };
}

/** The server holds a few files a request and a few a process. */
const FEW_FILES = 4096;
const TOO_FEW_FILES = 256;
const LITTLE_SPACE_BYTES = 2 * 1024 ** 3;
/** The embedded database alone begins with 40 MB. */
const TOO_LITTLE_SPACE_BYTES = 200 * 1024 ** 2;

export function checkNode(): Check {
  const pinned = /node_modules[/\\]node-/.test(process.execPath);
  return ok('node', `${process.versions.node}${pinned ? ', the one that npm installed' : ''}`);
}

/** Method: sharp's installation guide, "Linux memory allocator": glibc's fragments under many threads. */
export function checkAllocator(): Check {
  const { header, sharedObjects } = readReport();
  const better = sharedObjects.find((path) => /(jemalloc|mimalloc|tcmalloc)/.test(path));
  if (better) return ok('allocator', better);
  if (!header.glibcVersionRuntime) return ok('allocator', "the system's");
  return warn(
    'allocator',
    `glibc ${header.glibcVersionRuntime}, which gives memory back slowly after large images`,
    'Install jemalloc (Debian: apt-get install libjemalloc2) and start with LD_PRELOAD=libjemalloc.so.2.',
  );
}

export function checkOpenFiles(): Check {
  const soft = readReport().userLimits.open_files?.soft;
  if (typeof soft !== 'number') return ok('open files', 'no limit');
  const advice = 'Raise it with ulimit -n 65536, or LimitNOFILE=65536 in a systemd unit.';
  if (soft < TOO_FEW_FILES) return fail('open files', `at most ${soft}`, advice);
  if (soft < FEW_FILES) return warn('open files', `at most ${soft}`, advice);
  return ok('open files', `at most ${soft}`);
}

/** @param folder need not exist yet; nothing is written. */
export async function checkDisk(name: string, folder: string): Promise<Check> {
  try {
    const existing = await nearestExisting(folder);
    await access(existing, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(existing);
    return judgeSpace(name, folder, bavail * bsize);
  } catch (error) {
    const advice = 'Choose another folder, or let the user that runs the server write there.';
    return fail(name, `${folder}: ${sentence(error, true)}`, advice);
  }
}

function judgeSpace(name: string, folder: string, freeBytes: number): Check {
  const detail = `${folder}, ${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  const advice = 'Make room, or choose a folder on a larger disk.';
  if (freeBytes < TOO_LITTLE_SPACE_BYTES) return fail(name, detail, advice);
  if (freeBytes < LITTLE_SPACE_BYTES) return warn(name, detail, advice);
  return ok(name, detail);
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    return nearestExisting(parent);
  }
}

function readReport(): Report {
  // Looking up the names of open connections can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  return process.report.getReport() as unknown as Report;
}
