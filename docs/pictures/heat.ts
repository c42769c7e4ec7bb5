/** A heat map that can be read: the scene with three faults of different kinds, and where the metric sees them. */
import { DEFAULT_LIMITS, type Pixels } from '../../src/engine/contract.ts';
import { heatmap } from '../../src/engine/heatmap.ts';
import { compare } from '../../src/engine/judge.ts';
import { blurred, edited, lumaOf, posterized, within } from '../../test/images/damage.ts';
import { jpegFile, pngFile } from '../../test/images/files.ts';
import { drawing, embed, RED, text } from './drawing.ts';
import { HEIGHT, ROOF, SIGN, SKY, WIDTH } from './scene.ts';

const GAP = 10;
const TOP = 36;
/** The faults, each where its number stands beside it. */
const FAULTS = [
  { x: 200, y: 60, what: 'a sky in bands' },
  { x: 132, y: 128, what: 'a roof with half of its colour, at equal luma' },
  { x: 278, y: 216, what: 'a sign out of focus' },
];

/** @returns the scene with the three faults. */
export function spoil(scene: Pixels): Pixels {
  const banded = posterized(scene, 6, SKY);
  const faded = edited(banded, (colour) => (isRed(colour) ? fade(colour) : colour), ROOF);
  return within(faded, blurred(faded, 0.6), SIGN);
}

function isRed([red, green]: number[]): boolean {
  return red! > green! + 40;
}

/** Half of the way to the grey of its luma. */
function fade(colour: number[]): number[] {
  const luma = lumaOf(colour);
  return colour.map((level) => (level + luma) / 2);
}

export async function drawHeat(scene: Pixels): Promise<string> {
  const spoilt = spoil(scene);
  const [reference, candidate] = [await pngFile(scene), await pngFile(spoilt)];
  const map = await heatmap(reference, candidate, { limits: DEFAULT_LIMITS });
  const { score, worstTile } = await compare(reference, candidate, { limits: DEFAULT_LIMITS });
  // Only what the reader sees of it is compressed; the map is of the exact pixels.
  const shown = await jpegFile(spoilt, { quality: 94, chroma: '4:4:4' });
  const right = 2 * GAP + WIDTH;
  const bottom = TOP + HEIGHT + 24;
  return drawing(
    right + WIDTH + GAP,
    bottom + 56,
    `Left a drawn landscape with three faults: ${FAULTS.map(({ what }) => what).join(', ')}. Right its heat map, bright where they are and dark elsewhere`,
    [
      text(GAP, 25, 'the result', 'font-size="16" font-weight="600"'),
      text(right, 25, 'its heat map', 'font-size="16" font-weight="600"'),
      `<image x="${GAP}" y="${TOP}" width="${WIDTH}" height="${HEIGHT}" href="${embed('jpeg', shown)}"/>`,
      `<image x="${right}" y="${TOP}" width="${WIDTH}" href="${embed('png', map)}"/>`,
      ...FAULTS.flatMap(({ x, y, what }, at) => [
        number(GAP + x, TOP + y, at + 1),
        text(GAP, bottom + 18 * at, `${at + 1}  ${what}`),
      ]),
      text(
        right,
        bottom + 36,
        `score of the whole ${score.toFixed(1)}, of the worst tile ${worstTile.score.toFixed(1)}`,
      ),
    ],
  );
}

function number(x: number, y: number, value: number): string {
  const words = text(x, y + 4.5, String(value), 'text-anchor="middle" fill="#fff" font-weight="600"');
  return `<circle cx="${x}" cy="${y}" r="10" fill="${RED}"/>${words}`;
}
