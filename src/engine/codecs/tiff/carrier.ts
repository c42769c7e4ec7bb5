/** Inks in a TIFF that is not compressed: the way to hand sharp raw samples that are not RGB. */
import type { Pixels } from '../../contract.ts';

const SHORT = 3;
const LONG = 4;
const SEPARATED = 5;
const ENTRY_BYTES = 12;

const UNDEFINED = 7;
const PROFILE = 34_675;

/**
 * One strip of 8-bit samples behind one directory (TIFF 6.0 §16, CMYK images).
 * @param icc says what the inks look like.
 */
export function inksAsTiff(
  { data, width, height }: Omit<Pixels, 'channels'>,
  icc: Uint8Array | null = null,
): Uint8Array {
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, 4, 0],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, SEPARATED],
    [273, LONG, 1, 0],
    [277, SHORT, 1, 4],
    [278, LONG, 1, height],
    [279, LONG, 1, data.length],
    [284, SHORT, 1, 1],
  ];
  if (icc) entries.push([PROFILE, UNDEFINED, icc.length, 0]);
  const depthsAt = 8 + 2 + ENTRY_BYTES * entries.length + 4;
  const head = Buffer.alloc(depthsAt + 8);
  const places: Record<number, number> = {
    258: depthsAt,
    273: head.length,
    [PROFILE]: head.length + data.length,
  };
  head.write('II*\0\x08', 'latin1');
  head.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + ENTRY_BYTES * index;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(places[tag] ?? value, at + 8);
  }
  for (let channel = 0; channel < 4; channel++) head.writeUInt16LE(8, depthsAt + 2 * channel);
  return Buffer.concat([head, data, icc ?? new Uint8Array()]);
}
