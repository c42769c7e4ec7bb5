/**
 * Studies as the database holds them: begun, filled image by image, opened, listed, closed, deleted. How images
 * become pairs is `prepare.ts`'s, taking part is `viewers.ts`'s.
 */
import { randomBytes } from 'node:crypto';
import type { PixelFormat, Tile, Visibility } from '../engine/contract.ts';
import { letGoOfBlobs } from '../jobs/blob-references.ts';
import type { Database, Queryable } from '../store/database.ts';

export type StudyStatus = 'preparing' | 'open' | 'closed';
export type PairKind = 'candidate' | 'identical' | 'damaged';

/** How a study's pairs are made. */
export interface Design {
  formats: PixelFormat[];
  /** Estimated differences aimed at, in JND. */
  levels: number[];
  /** Longest side of what is shown, in pixels. */
  side: number;
  /** The engine that made the pairs. */
  engine: string;
}

export interface Study {
  id: string;
  name: string;
  status: StudyStatus;
  trialsPerViewer: number;
  design: Design;
  createdAt: Date;
  closedAt: Date | null;
}

/** A study with what has come of it so far. */
export interface StudyEntry extends Study {
  images: number;
  /** Candidates only. */
  pairs: number;
  /** Who has answered at least one trial. */
  viewers: number;
  /** Who has answered all. */
  finished: number;
  /** Practice aside. */
  answers: number;
}

/** What was measured of a candidate. */
export interface CandidateFacts {
  format: PixelFormat;
  encoder: string;
  quality: number;
  bytes: number;
  score: number;
  worstTile: Tile;
  visibility: Visibility;
  parts: number[];
}

export interface NewPair {
  kind: PairKind;
  blob: string;
  facts: CandidateFacts | { part: number } | Record<string, never>;
}

export interface NewImage {
  position: number;
  name: string;
  sourceSha256: string;
  area: { x: number; y: number; width: number; height: number };
  blob: string;
  /** Size of the largest PNG of the image and its pairs. */
  largestBytes: number;
  pairs: NewPair[];
}

const COLUMNS = `s.id, s.name, s.status, s.trials_per_viewer AS "trialsPerViewer", s.design,
  s.created_at AS "createdAt", s.closed_at AS "closedAt"`;

/** @returns the id, which nobody can guess and which lets whoever has it take part. */
export async function beginStudy(
  db: Queryable,
  { name, trialsPerViewer, design }: Pick<Study, 'name' | 'trialsPerViewer' | 'design'>,
): Promise<string> {
  const id = randomBytes(16).toString('hex');
  await db.query('INSERT INTO studies (id, name, trials_per_viewer, design) VALUES ($1, $2, $3, $4)', [
    id,
    name,
    trialsPerViewer,
    JSON.stringify(design),
  ]);
  return id;
}

/** Adds an image with all its pairs, or nothing. Its blobs must have been put. */
export async function addImage(tx: Queryable, studyId: string, image: NewImage): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO study_images (study_id, position, name, source_sha256, area, blob, largest_bytes)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [
      studyId,
      image.position,
      image.name,
      image.sourceSha256,
      JSON.stringify(image.area),
      image.blob,
      image.largestBytes,
    ],
  );
  for (const [position, { kind, blob, facts }] of image.pairs.entries()) {
    await tx.query(
      'INSERT INTO study_pairs (image_id, position, kind, blob, facts) VALUES ($1, $2, $3, $4, $5)',
      [rows[0]!.id, position, kind, blob, JSON.stringify(facts)],
    );
  }
}

/** From now on people can take part. @param trialsPerViewer what came of the wish for so many. */
export async function openStudy(db: Queryable, id: string, trialsPerViewer: number): Promise<void> {
  await db.query(`UPDATE studies SET status = 'open', trials_per_viewer = $2 WHERE id = $1`, [
    id,
    trialsPerViewer,
  ]);
}

/** Takes no more answers, for good. @returns false when there is no such study. */
export async function closeStudy(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE studies SET status = 'closed', closed_at = coalesce(closed_at, now()) WHERE id = $1`,
    [id],
  );
  return rowCount === 1;
}

/** With all images and answers. @returns false when there is no such study. */
export async function deleteStudy(database: Database, id: string): Promise<boolean> {
  return database.transaction(async (tx) => {
    // Whoever is joining or answering just now is waited for, and then finds nothing.
    const { rows } = await tx.query('SELECT 1 FROM studies WHERE id = $1 FOR UPDATE', [id]);
    if (rows.length === 0) return false;
    const { rows: blobs } = await tx.query<{ blob: string }>(
      `SELECT blob FROM study_images WHERE study_id = $1
       UNION SELECT p.blob FROM study_pairs p JOIN study_images i ON i.id = p.image_id WHERE i.study_id = $1`,
      [id],
    );
    await tx.query('DELETE FROM studies WHERE id = $1', [id]);
    await letGoOfBlobs(
      tx,
      blobs.map(({ blob }) => blob),
    );
    return true;
  });
}

export async function findStudy(db: Queryable, id: string): Promise<Study | null> {
  const { rows } = await db.query<Study>(`SELECT ${COLUMNS} FROM studies s WHERE s.id = $1`, [id]);
  return rows[0] ?? null;
}

/** Oldest first. */
export async function listStudies(db: Queryable): Promise<StudyEntry[]> {
  const { rows } = await db.query<StudyEntry>(
    `SELECT ${COLUMNS},
       (SELECT count(*)::int FROM study_images i WHERE i.study_id = s.id) AS images,
       (SELECT count(*)::int FROM study_pairs p JOIN study_images i ON i.id = p.image_id
         WHERE i.study_id = s.id AND p.kind = 'candidate') AS pairs,
       (SELECT count(DISTINCT t.viewer_id)::int FROM study_trials t
         WHERE t.study_id = s.id AND t.answer IS NOT NULL AND NOT t.practice) AS viewers,
       (SELECT count(*)::int FROM study_viewers v WHERE v.study_id = s.id AND NOT EXISTS
         (SELECT FROM study_trials t WHERE t.study_id = v.study_id AND t.viewer_id = v.id AND t.answer IS NULL)
       ) AS finished,
       (SELECT count(*)::int FROM study_trials t
         WHERE t.study_id = s.id AND t.answer IS NOT NULL AND NOT t.practice) AS answers
     FROM studies s ORDER BY s.created_at, s.id`,
  );
  return rows;
}
