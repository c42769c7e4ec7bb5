/**
 * What the web may ask of studies, each with its bounds: everything that comes in here comes from strangers who hold
 * a link. Which paths and methods that is said in is HTTP's.
 */
import { readBlob } from '../jobs/blob-references.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { padPng } from './even-size.ts';
import { createPace } from './pace.ts';
import { type PageFile, readPageFile } from './page-files.ts';
import { readAnswer, readDisplay } from './told.ts';
import { findTrialImage, join, openStudyOf, recordAnswer, type Session, type Truth } from './viewers.ts';

export interface StudyDoor {
  /** @throws Problem `not-found` when there is no such study, or it is closed */
  study(id: string): Promise<{ name: string }>;
  /** @returns null for a name that is none of the page's files. */
  pageFile(name: string): Promise<PageFile | null>;
  /** @throws Problem `not-found` | `invalid-parameter` | `overloaded` */
  join(studyId: string, viewerId: string, told: unknown): Promise<Session>;
  /** @returns a PNG. @throws Problem `not-found` | `overloaded` | `unavailable` */
  image(studyId: string, viewerId: string, position: string, side: string): Promise<Uint8Array>;
  /** @throws Problem `not-found` | `invalid-parameter` | `overloaded` */
  answer(studyId: string, viewerId: string, position: string, told: unknown): Promise<Truth | null>;
}

const ID = /^[0-9a-f]{32}$/;

export function createStudyDoor(database: Database, blobs: BlobStore): StudyDoor {
  const joining = createPace({ burst: 60, perSecond: 2 });
  const looking = createPace({ burst: 60, perSecond: 10 });
  const answering = createPace({ burst: 30, perSecond: 3 });
  return {
    async study(id) {
      return openStudyOf(database, known(id));
    },
    pageFile: readPageFile,
    async join(studyId, viewerId, told) {
      const display = readDisplay(told);
      joining.check(known(studyId));
      return join(database, studyId, known(viewerId), display);
    },
    async image(studyId, viewerId, position, side) {
      looking.check(`${known(studyId)} ${known(viewerId)}`);
      if (side !== '0' && side !== '1') throw nothingHere();
      const trial = trialAt(position);
      const { blob, largestBytes } = await findTrialImage(
        database,
        studyId,
        viewerId,
        trial,
        side === '0' ? 0 : 1,
      );
      return padPng(await read(blobs, blob), largestBytes, `${studyId} ${viewerId} ${trial} ${side}`);
    },
    async answer(studyId, viewerId, position, told) {
      answering.check(`${known(studyId)} ${known(viewerId)}`);
      return recordAnswer(database, studyId, viewerId, trialAt(position), readAnswer(told));
    },
  };
}

/** Ids are checked before anything is remembered or asked for by them. @throws Problem `not-found` */
function known(id: string): string {
  if (ID.test(id)) return id;
  throw new Problem(
    'not-found',
    'There is no study at this address. Please check the link that you were given.',
  );
}

function trialAt(position: string): number {
  if (/^\d{1,4}$/.test(position)) return Number(position);
  throw nothingHere();
}

function nothingHere(): Problem {
  return new Problem('not-found', 'There is no such trial.');
}

async function read(blobs: BlobStore, key: string): Promise<Uint8Array> {
  const bytes = await readBlob(blobs, key).catch((cause) => {
    throw new Problem('unavailable', 'The image cannot be read just now.', { cause });
  });
  if (bytes) return bytes;
  throw new Problem('unavailable', 'The image is not on this server.');
}
