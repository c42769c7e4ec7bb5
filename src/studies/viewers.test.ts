import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { blobKey, putBlob, sweepBlobs } from '../jobs/blob-references.ts';
import { freshBytes, openWorkshop } from '../jobs/workshop.test-support.ts';
import { Problem } from '../lib/problem.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { addImage, beginStudy, closeStudy, deleteStudy, openStudy } from './study.ts';
import { join, recordAnswer } from './viewers.ts';

const { database, blobs } = await openWorkshop();
const DISPLAY = { devicePixelRatio: 1, screenWidth: 1, screenHeight: 1, windowWidth: 1, windowHeight: 1 };
const DESIGN = { formats: [], levels: [], side: 200, engine: 'test' };
const SAME = { answer: 'same' as const, part: null, tookMs: 1000 };
const newId = () => randomBytes(16).toString('hex');

async function newBlob(): Promise<string> {
  const bytes = freshBytes();
  await putBlob(database, blobs, blobKey(bytes), bytes);
  return blobKey(bytes);
}

/** An open study of one image with two candidates, and the blobs that it needs. */
async function newStudy(): Promise<{ id: string; keys: string[] }> {
  const id = await beginStudy(database, { name: 'test', trialsPerViewer: 10, design: DESIGN });
  const [reference, ...others] = [await newBlob(), await newBlob(), await newBlob(), await newBlob()];
  const area = { x: 0, y: 0, width: 200, height: 200 };
  const pair = (kind: 'candidate' | 'identical' | 'damaged', blob: string) => ({
    kind,
    blob,
    facts: { part: 1 },
  });
  const pairs = [
    pair('candidate', others[0]!),
    pair('candidate', others[1]!),
    pair('identical', reference!),
    pair('damaged', others[2]!),
  ];
  const image = {
    position: 0,
    name: 'x',
    sourceSha256: 'ab'.repeat(32),
    area,
    blob: reference!,
    largestBytes: 1,
    pairs,
  };
  await database.transaction((tx) => addImage(tx, id, image));
  await openStudy(database, id, 10);
  return { id, keys: [reference!, ...others] };
}

const refusal = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

test('a viewer who joins from two tabs at once is one viewer', async () => {
  const { id } = await newStudy();
  const viewer = newId();
  const sessions = await Promise.all(Array.from({ length: 8 }, () => join(database, id, viewer, DISPLAY)));
  for (const session of sessions) assert.deepEqual(session, sessions[0]);
  const { rows } = await database.query('SELECT 1 FROM study_trials WHERE study_id = $1', [id]);
  assert.equal(rows.length, 13);
});

test('viewers who join at once get numbers of their own', async () => {
  const { id } = await newStudy();
  await Promise.all(Array.from({ length: 12 }, () => join(database, id, newId(), DISPLAY)));
  const { rows } = await database.query('SELECT DISTINCT number FROM study_viewers WHERE study_id = $1', [
    id,
  ]);
  assert.equal(rows.length, 12);
});

test('a study that is not ready yet, or closed, takes no viewers and no answers', async () => {
  const unready = await beginStudy(database, { name: 'x', trialsPerViewer: 10, design: DESIGN });
  await assert.rejects(join(database, unready, newId(), DISPLAY), refusal('not-found'));
  const { id } = await newStudy();
  const viewer = newId();
  await join(database, id, viewer, DISPLAY);
  await closeStudy(database, id);
  await assert.rejects(recordAnswer(database, id, viewer, 3, SAME), refusal('not-found'));
  const { rows } = await database.query(
    'SELECT 1 FROM study_trials WHERE study_id = $1 AND answer IS NOT NULL',
    [id],
  );
  assert.equal(rows.length, 0);
});

test('a full study takes nobody, until who came long ago and answered nothing makes room', async () => {
  const { id } = await newStudy();
  const faithful = newId();
  await join(database, id, faithful, DISPLAY);
  await recordAnswer(database, id, faithful, 3, SAME);
  await database.query(
    `INSERT INTO study_viewers (study_id, id, number, display)
     SELECT $1, md5(n::text), 1000 + n, '{}' FROM generate_series(1, 499) n`,
    [id],
  );
  await assert.rejects(join(database, id, newId(), DISPLAY), refusal('overloaded'));
  await database.query(
    `UPDATE study_viewers SET joined_at = now() - interval '2 hours' WHERE study_id = $1`,
    [id],
  );
  await join(database, id, newId(), DISPLAY);
  const { rows } = await database.query('SELECT id FROM study_viewers WHERE study_id = $1', [id]);
  assert.equal(rows.length, 2);
  assert.ok(rows.some((row) => row.id === faithful));
});

test('the sweep leaves the images of a study alone, and takes them once it is deleted', async () => {
  const { id, keys } = await newStudy();
  const overdue = () =>
    database.query("UPDATE blobs SET sweep_after = now() - interval '1 s' WHERE key = ANY($1)", [keys]);
  await overdue();
  await sweepBlobs(database, blobs, silentLog);
  for (const key of keys) assert.ok(await blobs.has(key));
  assert.ok(await deleteStudy(database, id));
  await overdue();
  await sweepBlobs(database, blobs, silentLog);
  for (const key of keys) assert.equal(await blobs.has(key), false);
  assert.equal(await deleteStudy(database, id), false);
});
