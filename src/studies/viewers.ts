/**
 * Taking part: a viewer joins, is shown trials, answers. Everything may be asked for again, after a reload or when
 * an answer got lost on the way: joining twice is joining once, and of two answers to a trial the first one stays.
 */
import { Problem } from '../lib/problem.ts';
import type { Database, Queryable } from '../store/database.ts';
import { findStudy, type Study } from './study.ts';
import { type Pair, planTrials } from './viewing-plan.ts';

/** Sizes in CSS pixels, as the viewer's browser tells them. */
export interface Display {
  devicePixelRatio: number;
  screenWidth: number;
  screenHeight: number;
  windowWidth: number;
  windowHeight: number;
}

export interface Answer {
  answer: 'same' | 'different';
  /** Where, with 'different'; null with 'same'. */
  part: number | null;
  tookMs: number;
}

/** What a viewer's browser is told of a trial: nothing that gives away what it shows. */
export interface ShownTrial {
  practice: boolean;
  answered: boolean;
  width: number;
  height: number;
}

export interface Session {
  trials: ShownTrial[];
}

/** What would have been right; told of practice only. */
export interface Truth {
  answer: 'same' | 'different';
  part: number | null;
}

/** Who has not answered anything makes room again after this time. */
const IDLE_HOURS = 1;
/** Far more than a study needs; a bound on what a link that got around can cost. */
const MOST_VIEWERS = 500;

/** @throws Problem `not-found` when there is no such study or it is closed, `overloaded` when it is full */
export async function join(
  database: Database,
  studyId: string,
  viewerId: string,
  display: Display,
): Promise<Session> {
  await openStudyOf(database, studyId);
  const known = await sessionOf(database, studyId, viewerId);
  if (known) return known;
  await database.transaction((tx) => enrol(tx, studyId, viewerId, display));
  return (await sessionOf(database, studyId, viewerId))!;
}

async function enrol(tx: Queryable, studyId: string, viewerId: string, display: Display): Promise<void> {
  // Viewers of a study join one after the other: each number is given once.
  const { rows } = await tx.query<{ number: number; trials: number }>(
    `UPDATE studies SET viewers_joined = viewers_joined + 1 WHERE id = $1
     RETURNING viewers_joined - 1 AS number, trials_per_viewer AS trials`,
    [studyId],
  );
  if (!rows[0]) throw noSuchStudy();
  const { number, trials } = rows[0];
  await makeRoom(tx, studyId);
  const { rowCount } = await tx.query(
    `INSERT INTO study_viewers (study_id, id, number, display) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [studyId, viewerId, number, JSON.stringify(display)],
  );
  if (rowCount === 0) return;
  const plan = planTrials(await pairsOf(tx, studyId), studyId, number, trials);
  await tx.query(
    `INSERT INTO study_trials (study_id, viewer_id, position, pair_id, practice, reference_side)
     SELECT $1, $2, position - 1, pair_id, practice, reference_side
       FROM unnest($3::uuid[], $4::boolean[], $5::smallint[])
       WITH ORDINALITY AS plan (pair_id, practice, reference_side, position)`,
    [
      studyId,
      viewerId,
      plan.map(({ pairId }) => pairId),
      plan.map(({ practice }) => practice),
      plan.map(({ referenceSide }) => referenceSide),
    ],
  );
}

/** @throws Problem `overloaded` when there is none */
async function makeRoom(tx: Queryable, studyId: string): Promise<void> {
  const { rows } = await tx.query<{ viewers: number }>(
    'SELECT count(*)::int AS viewers FROM study_viewers WHERE study_id = $1',
    [studyId],
  );
  if (rows[0]!.viewers < MOST_VIEWERS) return;
  const { rowCount } = await tx.query(
    `DELETE FROM study_viewers v WHERE study_id = $1 AND joined_at < now() - $2 * interval '1 hour'
       AND NOT EXISTS (SELECT FROM study_trials t
         WHERE t.study_id = v.study_id AND t.viewer_id = v.id AND t.answer IS NOT NULL)`,
    [studyId, IDLE_HOURS],
  );
  if (rowCount === 0)
    throw new Problem('overloaded', `This study has all the ${MOST_VIEWERS} viewers it can have.`);
}

async function pairsOf(db: Queryable, studyId: string): Promise<Pair[]> {
  const { rows } = await db.query<Pair>(
    `SELECT p.id, p.image_id AS "imageId", p.kind FROM study_pairs p
       JOIN study_images i ON i.id = p.image_id WHERE i.study_id = $1`,
    [studyId],
  );
  return rows;
}

async function sessionOf(db: Queryable, studyId: string, viewerId: string): Promise<Session | null> {
  const { rows } = await db.query<ShownTrial>(
    `SELECT t.practice, t.answer IS NOT NULL AS answered,
       (i.area->>'width')::int AS width, (i.area->>'height')::int AS height
     FROM study_trials t JOIN study_pairs p ON p.id = t.pair_id JOIN study_images i ON i.id = p.image_id
     WHERE t.study_id = $1 AND t.viewer_id = $2 ORDER BY t.position`,
    [studyId, viewerId],
  );
  return rows.length > 0 ? { trials: rows } : null;
}

/**
 * Stores an answer; one that is there already stays.
 * @returns what would have been right, of a practice trial; else null.
 * @throws Problem `not-found` when there is no such trial or the study is closed
 */
export async function recordAnswer(
  database: Database,
  studyId: string,
  viewerId: string,
  position: number,
  { answer, part, tookMs }: Answer,
): Promise<Truth | null> {
  await openStudyOf(database, studyId);
  await database.query(
    `UPDATE study_trials t SET answer = $4, part = $5, took_ms = $6, answered_at = now()
       FROM studies s WHERE s.id = t.study_id AND s.status = 'open'
       AND t.study_id = $1 AND t.viewer_id = $2 AND t.position = $3 AND t.answer IS NULL`,
    [studyId, viewerId, position, answer, part, tookMs],
  );
  const { rows } = await database.query<{ practice: boolean; kind: string; part: number | null }>(
    `SELECT t.practice, p.kind, (p.facts->>'part')::int AS part
       FROM study_trials t JOIN study_pairs p ON p.id = t.pair_id
       WHERE t.study_id = $1 AND t.viewer_id = $2 AND t.position = $3 AND t.answer IS NOT NULL`,
    [studyId, viewerId, position],
  );
  if (!rows[0]) throw new Problem('not-found', 'There is no such trial.');
  const { practice, kind, part: damaged } = rows[0];
  if (!practice) return null;
  return kind === 'identical' ? { answer: 'same', part: null } : { answer: 'different', part: damaged };
}

/** One of a trial's two images. */
export interface TrialImage {
  blob: string;
  /** What all PNGs of the picture are made as large as. */
  largestBytes: number;
}

/** @throws Problem `not-found` when there is no such trial or the study is closed */
export async function findTrialImage(
  db: Queryable,
  studyId: string,
  viewerId: string,
  position: number,
  side: 0 | 1,
): Promise<TrialImage> {
  const { rows } = await db.query<TrialImage>(
    `SELECT CASE WHEN t.reference_side = $4 THEN i.blob ELSE p.blob END AS blob,
       i.largest_bytes AS "largestBytes"
     FROM study_trials t JOIN studies s ON s.id = t.study_id AND s.status = 'open'
     JOIN study_pairs p ON p.id = t.pair_id JOIN study_images i ON i.id = p.image_id
     WHERE t.study_id = $1 AND t.viewer_id = $2 AND t.position = $3`,
    [studyId, viewerId, position, side],
  );
  if (!rows[0]) throw new Problem('not-found', 'There is no such trial, or the study is closed.');
  return rows[0];
}

/** @throws Problem `not-found` when there is none, or it is not open */
export async function openStudyOf(db: Queryable, studyId: string): Promise<Study> {
  const study = await findStudy(db, studyId);
  if (!study || study.status === 'preparing') throw noSuchStudy();
  if (study.status === 'closed')
    throw new Problem(
      'not-found',
      'This study is closed and takes no more answers. Thank you for your interest.',
    );
  return study;
}

function noSuchStudy(): Problem {
  return new Problem(
    'not-found',
    'There is no study at this address. Please check the link that you were given.',
  );
}
