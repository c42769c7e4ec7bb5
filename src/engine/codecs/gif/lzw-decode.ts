/** GIF's variable-length-code LZW (GIF89a specification, appendix F), the reading side. */
import { corrupt } from '../bytes.ts';

export const MOST_CODES = 4096;

export interface Decoded {
  indices: Uint8Array;
  /** Places at which the encoder threw its dictionary away. */
  clears: number[];
}

/**
 * @param codeSize bits of a pixel's index as the file says, 2 to 8 (1 is read too).
 * @param count pixels to decode; what comes after them is passed over.
 * @throws Decline('corrupt') when a code makes no sense or there are fewer pixels.
 */
export function decodeLzw(data: Uint8Array, codeSize: number, count: number): Decoded {
  if (codeSize < 1 || codeSize > 8) throw corrupt('The GIF has an impossible code size.');
  const clear = 1 << codeSize;
  const prefix = new Uint16Array(MOST_CODES);
  const suffix = Uint8Array.from({ length: MOST_CODES }, (_, code) => code & 255);
  const lengths = new Uint16Array(MOST_CODES).fill(1, 0, clear);
  const indices = new Uint8Array(count);
  const clears: number[] = [];
  let [next, width, previous] = [clear + 2, codeSize + 1, -1];
  let [bits, held, at, filled] = [0, 0, 0, 0];
  while (filled < count) {
    while (held < width) {
      if (at >= data.length) throw corrupt('The GIF has fewer pixels than it says.');
      bits |= data[at++]! << held;
      held += 8;
    }
    const code = bits & ((1 << width) - 1);
    bits >>>= width;
    held -= width;
    if (code === clear) {
      clears.push(filled);
      [next, width, previous] = [clear + 2, codeSize + 1, -1];
      continue;
    }
    if (code === clear + 1) throw corrupt('The GIF has fewer pixels than it says.');
    if (code > next || (code === next && previous < 0)) throw corrupt('The GIF has an impossible code.');
    if (previous >= 0 && next < MOST_CODES) {
      prefix[next] = previous;
      lengths[next] = lengths[previous]! + 1;
      suffix[next] = firstOf(code === next ? previous : code);
      if (++next === 1 << width && width < 12) width++;
    }
    filled = write(code, filled);
    previous = code;
  }
  return { indices, clears };

  function firstOf(code: number): number {
    let first = code;
    while (first >= clear) first = prefix[first]!;
    return first;
  }

  /** From the last pixel of a code's string to its first; what hangs over the end is cut. */
  function write(code: number, start: number): number {
    const end = start + lengths[code]!;
    for (let to = end - 1, from = code; to >= start; to--, from = prefix[from]!) {
      if (to < count) indices[to] = suffix[from]!;
    }
    return end;
  }
}
