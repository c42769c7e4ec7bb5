/**
 * Makes a study of images: each becomes a reference, candidates around the visible, and two checks, one with
 * identical and one with clearly damaged pixels. Encoding and measuring are the engine's.
 */
import { createHash } from 'node:crypto';
import { DEFAULT_LIMITS } from '../engine/contract.ts';
import type { Pool } from '../engine/pool.ts';
import type { Candidate, Stimuli } from '../engine/stimuli.ts';
import { blobKey, isMissingBlob, putBlob } from '../jobs/blob-references.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { addImage, beginStudy, type Design, deleteStudy, type NewImage, openStudy } from './study.ts';
import { PARTS, trialsFor } from './viewing-plan.ts';

export interface ImageFile {
  /** As whoever makes the study knows it. */
  name: string;
  read(): Promise<Uint8Array>;
}

export interface Wanted {
  name: string;
  trialsPerViewer: number;
  design: Design;
}

export interface Prepared {
  id: string;
  images: number;
  /** Candidates. */
  pairs: number;
  /** Fewer than wanted where there are not so many pairs. */
  trialsPerViewer: number;
}

/** Tells of each file as it is done; `fault` is why it could not be used. */
export type OnFile = (name: string, fault: Error | null) => void;

/** The sweep can take a blob from under an image that stalls for a minute; twice in a row it cannot. */
const TRIES = 3;

/**
 * Files that cannot be shown are left out, and told of. What fails or is interrupted leaves no study behind.
 * @param encode what the engine's pool does.
 * @param jobs files in work at once.
 * @throws Error when no file can be used.
 */
export async function prepareStudy(
  database: Database,
  blobs: BlobStore,
  encode: Pool['stimuli'],
  files: ImageFile[],
  wanted: Wanted,
  { jobs, signal, onFile }: { jobs: number; signal: AbortSignal; onFile: OnFile },
): Promise<Prepared> {
  const id = await beginStudy(database, wanted);
  try {
    const waiting = [...files.entries()];
    const pairs: number[] = [];
    const work = async () => {
      for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
        const [position, file] = next;
        const image = await prepareImage(file, position, wanted.design, encode, signal, onFile);
        if (!image) continue;
        pairs.push(image.candidates.length);
        await storeImage(database, blobs, id, image);
        onFile(file.name, null);
      }
    };
    // All come to rest before a failure is told: nothing may be added to a study that is being deleted.
    const ends = await Promise.allSettled(Array.from({ length: jobs }, work));
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure) throw failure.reason;
    signal.throwIfAborted();
    if (pairs.length === 0) throw new Error('None of the images can be used, so there is no study.');
    const candidates = pairs.reduce((sum, count) => sum + count, 0);
    const trialsPerViewer = trialsFor(wanted.trialsPerViewer, candidates);
    await openStudy(database, id, trialsPerViewer);
    return { id, images: pairs.length, pairs: candidates, trialsPerViewer };
  } catch (error) {
    await deleteStudy(database, id);
    throw error;
  }
}

interface PreparedImage extends Stimuli {
  position: number;
  name: string;
  sourceSha256: string;
  damagedPart: number;
}

/** @returns null for a file that cannot be used. */
async function prepareImage(
  file: ImageFile,
  position: number,
  { formats, levels, side }: Design,
  encode: Pool['stimuli'],
  signal: AbortSignal,
  onFile: OnFile,
): Promise<PreparedImage | null> {
  try {
    const bytes = await file.read();
    const digest = createHash('sha256').update(bytes).digest();
    // Any will do, if it is not always the same.
    const damagedPart = digest[0]! % PARTS;
    const options = { formats, levels, side, damagedPart, limits: DEFAULT_LIMITS };
    const stimuli = await encode(bytes, options, signal);
    return { ...stimuli, position, name: file.name, sourceSha256: digest.toString('hex'), damagedPart };
  } catch (error) {
    if (signal.aborted) throw error;
    onFile(file.name, error as Error);
    return null;
  }
}

async function storeImage(
  database: Database,
  blobs: BlobStore,
  studyId: string,
  image: PreparedImage,
): Promise<void> {
  const pngs = [image.reference, image.damaged, ...image.candidates.map(({ png }) => png)];
  const row = describeImage(image, Math.max(...pngs.map(({ length }) => length)));
  for (let tries = 1; ; tries += 1) {
    for (const png of pngs) await putBlob(database, blobs, blobKey(png), png);
    try {
      return await database.transaction((tx) => addImage(tx, studyId, row));
    } catch (error) {
      if (!isMissingBlob(error) || tries === TRIES) throw error;
    }
  }
}

function describeImage(image: PreparedImage, largestBytes: number): NewImage {
  const { position, name, sourceSha256, area, reference, candidates, damaged, damagedPart } = image;
  const blob = blobKey(reference);
  const shown = candidates.map((each) => ({
    kind: 'candidate' as const,
    blob: blobKey(each.png),
    facts: factsOf(each),
  }));
  return {
    ...{ position, name, sourceSha256, area, blob, largestBytes },
    pairs: [
      ...shown,
      { kind: 'identical', blob, facts: {} },
      { kind: 'damaged', blob: blobKey(damaged), facts: { part: damagedPart } },
    ],
  };
}

function factsOf({ png: _png, ...facts }: Candidate): Omit<Candidate, 'png'> {
  return facts;
}
