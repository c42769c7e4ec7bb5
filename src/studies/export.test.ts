import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXPORT_TYPE, type StudyExport, toCsv } from './export.ts';

const AREA = { x: 0, y: 0, width: 1, height: 1 };
const DISPLAY = { devicePixelRatio: 1.5, screenWidth: 1, screenHeight: 1, windowWidth: 1, windowHeight: 1 };

/** One answer about a damaged pair of an image of this name. */
function exportOf(name: string): StudyExport {
  return {
    type: EXPORT_TYPE,
    study: 'abc',
    name: 'x',
    createdAt: '2026-01-01T00:00:00.000Z',
    design: { formats: [], levels: [], side: 600, engine: 'test' },
    images: [{ image: 1, name, sha256: 'ab', area: AREA }],
    pairs: [{ pair: 1, image: 1, kind: 'damaged', measured: null, damagedPart: 0 }],
    viewers: [{ viewer: 2, joinedAt: '2026-01-01T00:00:00.000Z', display: DISPLAY }],
    answers: [{ viewer: 2, pair: 1, answer: 'different', part: 0, tookMs: 12, answeredAt: 'now' }],
  };
}

const lineOf = (name: string) => toCsv(exportOf(name)).split('\n').slice(1).join('\n').trimEnd();

test('an answer is a line, and what is not known is an empty cell', () => {
  assert.equal(lineOf('a.jpg'), 'abc,2,1.5,1,a.jpg,damaged,,,,,,,,different,0,0,12,now');
  const [head, line] = toCsv(exportOf('a.jpg')).split('\n');
  assert.equal(head!.split(',').length, line!.split(',').length);
});

test('names with commas, quotes and line ends stay one cell', () => {
  assert.match(lineOf('a, "b"\n.jpg'), /^abc,2,1\.5,1,"a, ""b""\n\.jpg",damaged,/);
});

test('a name that reads like a formula is none', () => {
  for (const start of ['=', '+', '-', '@']) assert.ok(lineOf(`${start}1.jpg`).includes(`,'${start}1.jpg,`));
});
