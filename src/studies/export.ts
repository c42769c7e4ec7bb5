/**
 * A study's answers with all that is known of what was shown: what `npm run train` learns from and what others may
 * analyse. Viewers and images are numbered; neither their ids nor the study's own, which open doors, are in it.
 */
import { createHash } from 'node:crypto';
import type { Database } from '../store/database.ts';
import { type CandidateFacts, type Design, findStudy, type PairKind } from './study.ts';
import type { Display } from './viewers.ts';

export const EXPORT_TYPE = 'keeneye-study/1';

export interface StudyExport {
  type: typeof EXPORT_TYPE;
  /** Tells studies apart, and leads nowhere. */
  study: string;
  name: string;
  createdAt: string;
  design: Design;
  images: ExportedImage[];
  pairs: ExportedPair[];
  viewers: ExportedViewer[];
  answers: ExportedAnswer[];
}

export interface ExportedImage {
  image: number;
  name: string;
  /** SHA-256 of the file: the same picture in two studies is the same picture. */
  sha256: string;
  area: { x: number; y: number; width: number; height: number };
}

export interface ExportedPair {
  pair: number;
  image: number;
  kind: PairKind;
  /** Null of checks. */
  measured: CandidateFacts | null;
  /** Where a damaged pair is damaged; else null. */
  damagedPart: number | null;
}

export interface ExportedViewer {
  viewer: number;
  joinedAt: string;
  display: Display;
}

export interface ExportedAnswer {
  viewer: number;
  pair: number;
  answer: 'same' | 'different';
  part: number | null;
  tookMs: number;
  answeredAt: string;
}

/**
 * Practice is not part of it, and neither are viewers who answered nothing.
 * @returns null when there is no such study.
 */
export async function exportStudy(database: Database, id: string): Promise<StudyExport | null> {
  const study = await findStudy(database, id);
  if (!study) return null;
  const images = await readImages(database, id);
  const pairs = await readPairs(database, id);
  const numberOfPair = new Map(pairs.map(({ id: pairId }, at) => [pairId, at + 1]));
  return {
    type: EXPORT_TYPE,
    study: createHash('sha256').update(id).digest('hex').slice(0, 16),
    name: study.name,
    createdAt: study.createdAt.toISOString(),
    design: study.design,
    images,
    pairs: pairs.map(({ id: pairId, image, kind, facts }) => ({
      pair: numberOfPair.get(pairId)!,
      image,
      kind,
      measured: kind === 'candidate' ? (facts as CandidateFacts) : null,
      damagedPart: kind === 'damaged' ? (facts as { part: number }).part : null,
    })),
    viewers: await readViewers(database, id),
    answers: await readAnswers(database, id, numberOfPair),
  };
}

async function readImages(database: Database, id: string): Promise<ExportedImage[]> {
  const { rows } = await database.query<ExportedImage>(
    `SELECT position + 1 AS image, name, source_sha256 AS sha256, area FROM study_images
      WHERE study_id = $1 ORDER BY position`,
    [id],
  );
  return rows;
}

interface PairRow {
  id: string;
  image: number;
  kind: PairKind;
  facts: unknown;
}

async function readPairs(database: Database, id: string): Promise<PairRow[]> {
  const { rows } = await database.query<PairRow>(
    `SELECT p.id, i.position + 1 AS image, p.kind, p.facts FROM study_pairs p
       JOIN study_images i ON i.id = p.image_id WHERE i.study_id = $1 ORDER BY i.position, p.position`,
    [id],
  );
  return rows;
}

const ANSWERED = 't.study_id = $1 AND t.answer IS NOT NULL AND NOT t.practice';

async function readViewers(database: Database, id: string): Promise<ExportedViewer[]> {
  const { rows } = await database.query<Omit<ExportedViewer, 'joinedAt'> & { joinedAt: Date }>(
    `SELECT v.number + 1 AS viewer, v.joined_at AS "joinedAt", v.display FROM study_viewers v
      WHERE v.study_id = $1 AND EXISTS (SELECT FROM study_trials t WHERE t.viewer_id = v.id AND ${ANSWERED})
      ORDER BY v.number`,
    [id],
  );
  return rows.map((row) => ({ ...row, joinedAt: row.joinedAt.toISOString() }));
}

interface AnswerRow extends Omit<ExportedAnswer, 'pair' | 'answeredAt'> {
  pairId: string;
  answeredAt: Date;
}

async function readAnswers(
  database: Database,
  id: string,
  numberOfPair: Map<string, number>,
): Promise<ExportedAnswer[]> {
  const { rows } = await database.query<AnswerRow>(
    `SELECT v.number + 1 AS viewer, t.pair_id AS "pairId", t.answer, t.part, t.took_ms AS "tookMs",
       t.answered_at AS "answeredAt"
     FROM study_trials t JOIN study_viewers v ON v.study_id = t.study_id AND v.id = t.viewer_id
     WHERE ${ANSWERED} ORDER BY v.number, t.position`,
    [id],
  );
  return rows.map(({ pairId, answeredAt, ...row }) => ({
    ...row,
    pair: numberOfPair.get(pairId)!,
    answeredAt: answeredAt.toISOString(),
  }));
}

const CSV_COLUMNS = [
  ...['study', 'viewer', 'device_pixel_ratio', 'image', 'name', 'kind', 'format', 'quality', 'bytes'],
  ...['ssimulacra2', 'iwssim', 'jnd', 'spread', 'answer', 'part', 'damaged_part', 'took_ms', 'answered_at'],
];

/** One line an answer. */
export function toCsv({ study, images, pairs, viewers, answers }: StudyExport): string {
  const rows = answers.map((each) => {
    const pair = pairs[each.pair - 1]!;
    const image = images.find(({ image }) => image === pair.image)!;
    const { display } = viewers.find(({ viewer }) => viewer === each.viewer)!;
    const { format, quality, bytes, score, visibility } = pair.measured ?? {};
    return [
      ...[
        study,
        each.viewer,
        display.devicePixelRatio,
        image.image,
        image.name,
        pair.kind,
        format,
        quality,
        bytes,
      ],
      ...[score, visibility?.iwssim, visibility?.jnd, visibility?.spread, each.answer, each.part],
      ...[pair.damagedPart, each.tookMs, each.answeredAt],
    ];
  });
  return [CSV_COLUMNS, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

/** As RFC 4180 has it; nothing is an empty cell. What begins like a formula must not become one in a spreadsheet. */
function cell(value: string | number | null | undefined): string {
  const text = typeof value === 'string' ? value.replace(/^[=+\-@\t\r]/, "'$&") : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
