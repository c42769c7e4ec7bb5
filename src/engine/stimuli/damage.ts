/**
 * Damage that nobody overlooks: a spot in one of the nine parts, compressed beyond recognition and lighter or
 * darker than it was. Whoever answers without looking does not find it.
 */
import { CODECS } from '../codecs/codecs.ts';
import type { Limits, Pixels } from '../contract.ts';
import { decode } from '../decode.ts';
import { partArea } from './place.ts';

const QUALITY = 5;
/** In 255ths. In flicker people see two, over an area like this. */
const TONE = 24;
/** Of the part's shorter side; all of the spot lies within its part. */
const RADIUS = 0.45;
/** Share of the radius from which on the spot fades out, so that it has no edge of its own. */
const FADES_FROM = 0.6;

/** @param part 0 to 8. */
export async function damage(pixels: Pixels, part: number, limits: Limits): Promise<Pixels> {
  const ruined = await decode(await CODECS.jpeg.lossy.encode(pixels, QUALITY, 'search'), limits);
  const { width, height, channels } = pixels;
  const area = partArea(part, width, height);
  const [centreX, centreY] = [area.x + area.width / 2, area.y + area.height / 2];
  const radius = RADIUS * Math.min(area.width, area.height);
  const tone = meanOf(pixels, area) < 128 ? TONE : -TONE;
  const data = Uint8Array.from(pixels.data);
  for (let y = area.y; y < area.y + area.height; y++) {
    for (let x = area.x; x < area.x + area.width; x++) {
      const weight = weightAt(Math.hypot(x + 0.5 - centreX, y + 0.5 - centreY) / radius);
      for (let channel = 0; channel < channels; channel++) {
        const at = (y * width + x) * channels + channel;
        const target = Math.min(255, Math.max(0, ruined.data[at]! + tone));
        data[at] = Math.round(pixels.data[at]! * (1 - weight) + target * weight);
      }
    }
  }
  return { data, width, height, channels };
}

/** 1 in the middle, 0 from the rim on. */
function weightAt(distance: number): number {
  return Math.min(1, Math.max(0, (1 - distance) / (1 - FADES_FROM)));
}

function meanOf({ data, width, channels }: Pixels, area: ReturnType<typeof partArea>): number {
  let sum = 0;
  for (let y = area.y; y < area.y + area.height; y++) {
    const from = (y * width + area.x) * channels;
    for (let at = from; at < from + area.width * channels; at++) sum += data[at]!;
  }
  return sum / (area.width * area.height * channels);
}
