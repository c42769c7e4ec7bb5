/** The density in JFIF's header (JFIF 1.02, "JFIF APP0 marker"), and how it gets there. */
import { latin1, viewOf } from '../bytes.ts';
import { CM_PER_INCH, type Density, densityOf } from '../density.ts';
import { APP0, insertSegments, type Segment, writeSegment } from './segments.ts';

const NAME = 'JFIF\0';
/** Offsets in the segment's payload. */
const UNIT_AT = 7;
const ACROSS_AT = 8;
const DOWN_AT = 10;
const PAYLOAD_BYTES = 14;

export function jfifDensity(list: Segment[]): Density | null {
  const payload = list.find(
    ({ marker, payload }) => marker === APP0 && latin1(payload, 0, 5) === NAME,
  )?.payload;
  if (!payload || payload.length < PAYLOAD_BYTES) return null;
  const view = viewOf(payload);
  const [across, down] = [view.getUint16(ACROSS_AT), view.getUint16(DOWN_AT)];
  const unit = payload[UNIT_AT];
  if (unit === 2) return densityOf(across * CM_PER_INCH, down * CM_PER_INCH, 'inch');
  return densityOf(across, down, unit === 1 ? 'inch' : 'ratio');
}

/** A copy that says so, in a JFIF header that it has or gets. Its components must be grey or YCbCr: JFIF knows no others. */
export function withJfifDensity(jpeg: Uint8Array, density: Density): Uint8Array {
  const hasHeader = jpeg[3] === APP0 && latin1(jpeg, 6, 5) === NAME;
  const copy = hasHeader ? Uint8Array.from(jpeg) : insertSegments(jpeg, [emptyHeader()]);
  const payload = viewOf(copy.subarray(6));
  payload.setUint8(UNIT_AT, density.unit === 'inch' ? 1 : 0);
  payload.setUint16(ACROSS_AT, wholeNumber(density.across));
  payload.setUint16(DOWN_AT, wholeNumber(density.down));
  return copy;
}

/** Version 1.02, no thumbnail. */
function emptyHeader(): Uint8Array {
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.write(`${NAME}\x01\x02`, 'latin1');
  return writeSegment(APP0, payload);
}

function wholeNumber(density: number): number {
  return Math.max(1, Math.round(density));
}
