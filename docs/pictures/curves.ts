/** From score to JND to people, drawn from the model that ships and from what training found about codecs. */
import { DEFAULT_LOSSY_FLOOR, GLOSSY_FLOOR } from '../../src/engine/contract.ts';
import { estimateJnd, visibleProbability } from '../../src/engine/metric/jnd.ts';
import { chart } from './chart.ts';
import { BLUE, drawing, GREEN, path, RED, round, text } from './drawing.ts';
import { type CodecLine, codecLines, floorLines } from './training-report.ts';

const percent = (value: number) => `${value} %`;
const MOST_JND = 4;
/** JND that the text names, and where their labels stand. */
const NAMED_JND = [0.2, 1, 2];
const LOWEST_SCORE = 60;

/** Left: JND to the share of viewers who see a difference. Right: score to JND, with the spread to expect. */
export function drawJnd(): string {
  return drawing(
    880,
    340,
    'Left: the more just noticeable differences, the more careful viewers see a difference: half of them at one. Right: the higher the score, the fewer just noticeable differences; a score alone leaves a wide range',
    [...probabilityPanel(), ...scorePanel()],
  );
}

function probabilityPanel(): string[] {
  const { x, y, frame } = chart(
    { left: 64, top: 46, width: 350, height: 230 },
    { from: 0, to: MOST_JND, ticks: [0, 1, 2, 3, 4], name: 'just noticeable differences (JND)' },
    {
      from: 0,
      to: 100,
      ticks: [0, 25, 50, 75, 100],
      name: 'careful viewers who see a difference',
      write: percent,
    },
  );
  const curve = steps(0, MOST_JND).map((jnd): [number, number] => [x(jnd), y(100 * visibleProbability(jnd))]);
  const marks = NAMED_JND.flatMap((jnd) => {
    const seen = 100 * visibleProbability(jnd);
    return [
      dot(x(jnd), y(seen), RED),
      text(x(jnd) + 10, y(seen) + 14, `${jnd} JND: ${Math.round(seen)} of 100`, `fill="${RED}"`),
    ];
  });
  return [...frame, path(curve, `stroke="${BLUE}" stroke-width="3"`), ...marks];
}

function scorePanel(): string[] {
  const { x, y, frame } = chart(
    { left: 496, top: 46, width: 360, height: 230 },
    { from: LOWEST_SCORE, to: 100, ticks: [60, 70, 80, 90, 100], name: 'score of the whole image' },
    { from: 0, to: MOST_JND, ticks: [0, 1, 2, 3, 4], name: 'estimated JND' },
  );
  const estimates = steps(LOWEST_SCORE, 100).map((score) => ({
    score,
    ...estimateJnd({ ssimulacra2: score, iwssim: null }),
  }));
  const line = (jnd: (estimate: (typeof estimates)[number]) => number) =>
    estimates.map((each): [number, number] => [x(each.score), y(Math.min(MOST_JND, Math.max(0, jnd(each))))]);
  const [upper, lower] = [line(({ jnd, spread }) => jnd + spread), line(({ jnd, spread }) => jnd - spread)];
  return [
    ...frame,
    `<path d="${outline([...upper, ...lower.reverse()])}" fill="${BLUE}" opacity="0.15"/>`,
    path(
      line(({ jnd }) => jnd),
      `stroke="${BLUE}" stroke-width="3"`,
    ),
    ...floorMarks(x, 46, 276),
    text(x(66), y(3.4), 'two of three images', `fill="${BLUE}"`),
    text(x(66), y(3.4) + 16, 'lie in the band', `fill="${BLUE}"`),
  ];
}

/** For each codec where one JND lies, on the scale of the score: codecs differ in how early people see them. */
export function drawCodecs(): string {
  const codecs = codecLines();
  const [top, step] = [64, 30];
  const height = codecs.length * step;
  const { x, frame } = chart(
    { left: 120, top, width: 720, height },
    { from: 68, to: 92, ticks: [70, 75, 80, 85, 90], name: 'score at which careful viewers see one JND' },
    { from: 0, to: 1, ticks: [], name: '' },
  );
  const seen = floorLines().filter(({ floor }) => [DEFAULT_LOSSY_FLOOR, GLOSSY_FLOOR].includes(floor));
  return drawing(
    880,
    top + height + 62,
    `The score at which people see one just noticeable difference, for each codec: ${codecs.map(({ codec, mean }) => `${codec} ${mean}`).join(', ')}`,
    [
      ...frame,
      ...codecs.flatMap((line, at) => codecRange(line, x, top + (at + 0.5) * step)),
      ...floorMarks(x, top, top + height),
      ...seen.map(({ floor, seenBy }, at) =>
        text(
          x(floor) + [6, -6][at]!,
          top - 30,
          `${Math.round(seenBy)} of 100 see it`,
          `fill="${GREEN}" text-anchor="${['end', 'start'][at]}"`,
        ),
      ),
    ],
  );
}

function codecRange(
  { codec, mean, least, most }: CodecLine,
  x: (score: number) => number,
  y: number,
): string[] {
  const ends: [number, number][] = [
    [x(least), y],
    [x(most), y],
  ];
  return [
    text(108, y + 4, codec, 'text-anchor="end"'),
    path(ends, `stroke="${BLUE}" stroke-width="6" stroke-linecap="round" opacity="0.35"`),
    dot(x(mean), y, BLUE),
    text(x(mean), y - 8, String(mean), `fill="${BLUE}" text-anchor="middle" font-size="11"`),
  ];
}

/** The labels of the two stand apart: one ends at its line, the other begins there. */
function floorMarks(x: (score: number) => number, top: number, bottom: number): string[] {
  return [DEFAULT_LOSSY_FLOOR, GLOSSY_FLOOR].flatMap((floor, at) => [
    path(
      [
        [x(floor), top],
        [x(floor), bottom],
      ],
      `stroke="${GREEN}" stroke-width="2" stroke-dasharray="5 4"`,
    ),
    text(
      x(floor) + [6, -6][at]!,
      top - 12,
      `floor ${floor}`,
      `fill="${GREEN}" text-anchor="${['end', 'start'][at]}" font-weight="600"`,
    ),
  ]);
}

function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="5" fill="${colour}" stroke="#fff" stroke-width="1.5"/>`;
}

function outline(points: [number, number][]): string {
  return `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join(' L')} Z`;
}

/** A hundred steps from one value to another, both included. */
function steps(from: number, to: number): number[] {
  return Array.from({ length: 101 }, (_, at) => from + ((to - from) * at) / 100);
}
