/** `keeneye study create`, once its command line is understood: finds images, has them encoded, hands out the link. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { clearLine, cursorTo } from 'node:readline';
import type { Config } from '../../config/config.ts';
import type { PixelFormat } from '../../engine/contract.ts';
import { openPool } from '../engine-pool.ts';
import { EXIT } from '../exit-codes.ts';
import { findSources, type Source } from '../optimize/sources.ts';
import { sentence } from '../sentence.ts';
import { abortOnInterrupt, terminal } from '../terminal.ts';
import { type Opened, withDatabase } from '../with-database.ts';

export interface CreateFlags {
  name: string;
  formats: PixelFormat[];
  levels: number[];
  trials: number;
  images: number;
  side: number;
  jobs: number;
}

const SECONDS_A_TRIAL = 7;

/** Prints the link. Complains of each image that cannot be used, and fails only when none can. */
export async function createStudy(paths: string[], flags: CreateFlags): Promise<void> {
  const signal = abortOnInterrupt();
  const found = await findSources(paths, { followLinks: true, skipFolders: [] }, signal);
  for (const { path, detail } of found.faults) terminal.complain(`${path}: ${detail}`);
  for (const path of found.empty) terminal.complain(`${path}: no images here`);
  const sources = sample(found.sources, flags.images);
  if (sources.length === 0) throw new Error('There are no images to make a study of.');
  if (sources.length < found.sources.length)
    terminal.complain(
      `A sample of ${sources.length} of the ${found.sources.length} images is taken (--images).`,
    );
  try {
    await withDatabase({ keeps: 'studies', ifNone: 'make' }, (opened) =>
      prepare(opened, sources, flags, signal),
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = signal.reason ?? EXIT.failed;
  }
}

async function prepare(
  { database, config }: Opened,
  sources: Source[],
  { name, formats, levels, trials, side, jobs }: CreateFlags,
  signal: AbortSignal,
): Promise<void> {
  const [{ prepareStudy }, { openDiskBlobs }, { ENGINE_VERSION }] = await Promise.all([
    import('../../studies/prepare.ts'),
    import('../../store/blobs/disk.ts'),
    import('../../engine/version.ts'),
  ]);
  const pool = openPool(Math.min(jobs, sources.length));
  const counter = openCounter(sources.length);
  const files = sources.map(({ relative, path }) => ({ name: relative, read: () => readFile(path) }));
  const wanted = { name, trialsPerViewer: trials, design: { formats, levels, side, engine: ENGINE_VERSION } };
  try {
    const blobs = await openDiskBlobs(config.blobFolder);
    const prepared = await prepareStudy(database, blobs, pool.stimuli, files, wanted, {
      jobs: Math.min(jobs, sources.length),
      signal,
      onFile: (file, fault) => counter.count(fault && `${file}: ${sentence(fault)}`),
    });
    counter.end();
    terminal.complain(describe(prepared));
    for (const hint of hintsOn(config)) terminal.complain(hint);
    terminal.print(linkTo(prepared.id, config));
  } finally {
    counter.end();
    await pool.close();
  }
}

/** The same files give the same sample. */
function sample(sources: Source[], most: number): Source[] {
  const rank = ({ relative }: Source) => createHash('sha256').update(relative).digest('hex');
  const chosen = new Set(sources.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, most));
  return sources.filter((source) => chosen.has(source));
}

function describe({
  images,
  pairs,
  trialsPerViewer,
}: {
  images: number;
  pairs: number;
  trialsPerViewer: number;
}): string {
  const minutes = Math.max(1, Math.round((trialsPerViewer * SECONDS_A_TRIAL) / 60));
  return `${images} images, ${pairs} pairs; ${trialsPerViewer} trials for each viewer, about ${minutes} minutes. The link:`;
}

/** Where viewers reach the study, as far as the configuration tells. */
export function linkTo(id: string, { publicUrl, host, port }: Config): string {
  const address = host.includes(':') ? `[${host}]` : host;
  return `${publicUrl?.replace(/\/+$/, '') ?? `http://${address}:${port}`}/study/${id}`;
}

/** What would keep others from following the link. */
function hintsOn({ publicUrl, host }: Config): string[] {
  if (publicUrl !== null) return [];
  if (['127.0.0.1', 'localhost', '::1'].includes(host))
    return [
      'Only this machine reaches that address: to let others in, set HOST or PUBLIC_URL, here and for the server.',
    ];
  return ['PUBLIC_URL is not set: put the name under which others reach this server into the link.'];
}

/** How far it has got, on a terminal; complaints in whole lines, wherever they go. */
function openCounter(total: number): { count(complaint: string | null): void; end(): void } {
  const stream = process.stderr;
  let done = 0;
  const show = (text: string) => {
    if (!stream.isTTY) return;
    cursorTo(stream, 0);
    clearLine(stream, 0);
    stream.write(text);
  };
  const state = () => `${done} of ${total} images`;
  show(state());
  return {
    count(complaint) {
      done += 1;
      show('');
      if (complaint !== null) terminal.complain(complaint);
      show(state());
    },
    end: () => show(''),
  };
}
