/**
 * How finely a lossy WebP is quantized, on the scale of libwebp's `quality`, whatever program wrote it: read from the
 * header of its VP8 frame (RFC 6386 §9), which is coded in equally likely bits (§7).
 */

/** The largest quantizer index. */
const COARSEST = 127;
const SEGMENTS = 4;

/** @returns 0 to 100; null when the frame is cut short or no key frame. */
export function codedQualityOfWebp(frame: Uint8Array): number | null {
  if (frame.length < 12 || (frame[0]! & 1) !== 0) return null;
  // Behind the frame tag, the start code and the size.
  const read = createLiteralReader(frame.subarray(10));
  // Colour space and clamping.
  read(2);
  const segments = read(1) ? readSegments(read) : null;
  // Filter type, level and sharpness, then the filter's adjustments.
  read(10);
  const isAdjusted = read(1) === 1 && read(1) === 1;
  if (isAdjusted) skipOptional(read, 8, 7);
  // Partitions.
  read(2);
  const base = read(7);
  const indices = segments
    ? segments.steps.map((step) => (segments.isAbsolute ? step : base + step))
    : [base];
  const index = indices.reduce((sum, each) => sum + each, 0) / indices.length;
  return qualityFor(Math.min(COARSEST, Math.max(0, index)));
}

type ReadLiteral = (bits: number) => number;

/** §9.3: what the segments add to the base index, or have instead of it; null when that is nothing. */
function readSegments(read: ReadLiteral): { isAbsolute: boolean; steps: number[] } | null {
  const hasMap = read(1);
  const hasData = read(1);
  const isAbsolute = hasData === 1 && read(1) === 1;
  const steps = hasData ? Array.from({ length: SEGMENTS }, () => readStep(read)) : [];
  if (hasData) skipOptional(read, SEGMENTS, 7);
  if (hasMap) skipOptional(read, SEGMENTS - 1, 8);
  return hasData ? { isAbsolute, steps } : null;
}

/** A flag; where it is set a magnitude and a sign. */
function readStep(read: ReadLiteral): number {
  if (!read(1)) return 0;
  const magnitude = read(7);
  return read(1) ? -magnitude : magnitude;
}

/** Numbers behind flags that say whether they are there. */
function skipOptional(read: ReadLiteral, count: number, bits: number): void {
  for (let number = 0; number < count; number++) if (read(1)) read(bits);
}

/** libwebp makes the index from the cube root of the quality, which it first bends. */
function qualityFor(index: number): number {
  const bent = (1 - index / COARSEST) ** 3;
  return Math.round(100 * (bent < 0.5 ? 1.5 * bent : (1 + bent) / 2));
}

/** The boolean decoder of §7 at a probability of one half; beyond the end it reads zeros. */
function createLiteralReader(data: Uint8Array): ReadLiteral {
  let value = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
  let at = 2;
  let range = 255;
  let shifted = 0;
  function readBit(): number {
    const split = 1 + (((range - 1) * 128) >> 8);
    const bit = value >= split << 8 ? 1 : 0;
    range = bit ? range - split : split;
    if (bit) value -= split << 8;
    for (; range < 128; range <<= 1) {
      value <<= 1;
      shifted += 1;
      if (shifted % 8 === 0) value |= data[at++] ?? 0;
    }
    return bit;
  }
  return (bits) => {
    let number = 0;
    for (let bit = 0; bit < bits; bit++) number = (number << 1) | readBit();
    return number;
  };
}
