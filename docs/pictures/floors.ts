/** What floors look like: the scene as JPEG at four of them, as the engine made it, at its size and enlarged. */
import { attempt } from '../../src/engine/attempt.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type Output, type Pixels } from '../../src/engine/contract.ts';
import { gatedScore } from '../../src/engine/gate.ts';
import { inspect } from '../../src/engine/inspect.ts';
import { prepare, release } from '../../src/engine/subject.ts';
import type { Area } from '../../test/images/damage.ts';
import { pngFile } from '../../test/images/files.ts';
import { drawing, embed, text } from './drawing.ts';
import { HEIGHT, WIDTH } from './scene.ts';

export const FLOORS = [50, 70, 85, 90];
/** The part that is shown at its size, and the part of it that is enlarged. */
const SHOWN = { x: 222, y: 98, width: 160, height: 160 };
const ENLARGED = { x: 286, y: 190, width: 40, height: 40 };
const GAP = 10;
const TOP = 40;
const COLUMN = SHOWN.width + GAP;

/** A file and what its caption says of it. */
interface Column {
  title: string;
  image: string;
  facts: string[];
}

export async function drawFloors(scene: Pixels): Promise<string> {
  const source = await pngFile(scene);
  const columns = [await originalColumn(scene, source.length)];
  for (const floor of FLOORS) columns.push(floorColumn(floor, await encode(source, floor)));
  const width = GAP + columns.length * COLUMN;
  return drawing(
    width,
    TOP + 2 * (SHOWN.height + GAP) + 74,
    `A drawn landscape as JPEG at the floors ${FLOORS.join(', ')}: at 50 grass and letters fall apart, at 70 there are specks around letters, above that differences are hard to find`,
    columns.map(drawColumn),
  );
}

async function encode(source: Uint8Array, floor: number): Promise<Output> {
  const subject = await prepare(await inspect(source, DEFAULT_LIMITS), { ...DEFAULT_OPTIONS, floor });
  const result = await attempt('jpeg', subject, Number.POSITIVE_INFINITY);
  release(subject);
  if (!('output' in result)) throw new Error(`the scene does not reach ${floor}`);
  return result.output;
}

async function originalColumn(scene: Pixels, sourceBytes: number): Promise<Column> {
  const { x, y, width, height } = SHOWN;
  const png = await pngFile(crop(scene), { compressionLevel: 9 });
  const image = `<image x="${x}" y="${y}" width="${width}" height="${height}" href="${embed('png', png)}"/>`;
  const facts = [`${(sourceBytes / 1000).toFixed(1)} kB as PNG`, 'above: as it is', 'below: enlarged'];
  return { title: 'original', image, facts };
}

function floorColumn(floor: number, output: Output): Column {
  return {
    title: `floor ${floor}`,
    image: `<image width="${WIDTH}" height="${HEIGHT}" href="${embed('jpeg', output.data)}"/>`,
    facts: factsOf(output),
  };
}

/** What the caption of a result says. */
export function factsOf(output: Pick<Output, 'data' | 'score' | 'worstTile' | 'visibility'>): string[] {
  const { jnd, probability } = output.visibility;
  return [
    `${(output.data.length / 1000).toFixed(1)} kB, score ${gatedScore(output).toFixed(1)}`,
    `${jnd.toFixed(2)} JND: ${Math.round(100 * probability)} of 100`,
    'careful viewers see it',
  ];
}

function drawColumn({ title, image, facts }: Column, at: number): string {
  const left = GAP + at * COLUMN;
  const second = TOP + SHOWN.height + GAP;
  const below = second + SHOWN.height + 22;
  return [
    text(left + SHOWN.width / 2, 27, title, 'text-anchor="middle" font-size="16" font-weight="600"'),
    `<defs><g id="column${at}">${image}</g></defs>`,
    view(left, TOP, SHOWN, at, `${title}, as it is`),
    view(left, second, ENLARGED, at, `${title}, enlarged`),
    ...facts.map((fact, line) =>
      text(left + SHOWN.width / 2, below + 18 * line, fact, 'text-anchor="middle"'),
    ),
  ].join('\n');
}

/** A window of the size of `SHOWN` on a part of an image. */
function view(left: number, top: number, part: Area, column: number, description: string): string {
  const place = `x="${left}" y="${top}" width="${SHOWN.width}" height="${SHOWN.height}"`;
  const box = `viewBox="${part.x} ${part.y} ${part.width} ${part.height}" style="image-rendering: pixelated"`;
  return `<svg ${place} ${box} role="img" aria-label="${description}"><use href="#column${column}"/></svg>`;
}

function crop({ data, width, channels }: Pixels): Pixels {
  const rows = Array.from({ length: SHOWN.height }, (_, row) => {
    const start = ((SHOWN.y + row) * width + SHOWN.x) * channels;
    return data.subarray(start, start + SHOWN.width * channels);
  });
  return { data: Buffer.concat(rows), width: SHOWN.width, height: SHOWN.height, channels };
}
