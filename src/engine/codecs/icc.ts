/**
 * The little that is read of a colour profile itself (ICC.1:2022); whether it amounts to sRGB is
 * `srgb-profile.ts`' question, and the colour arithmetic that of lcms, inside sharp, and of `icc-conversion.ts`.
 */
import { latin1, viewOf } from './bytes.ts';
import { isHdrTransfer } from './colour-encoding.ts';

const HEADER_BYTES = 128;
const TAG_BYTES = 12;

/** The signature of the profile's device space: `RGB `, `GRAY`, `CMYK`. */
export function profileSpace(icc: Uint8Array): string {
  return latin1(icc, 16, 4);
}

/** False for a profile whose cicp tag (ICC.1:2022 §9.2.17) names a PQ or HLG transfer. */
export function isSdrProfile(icc: Uint8Array | null): boolean {
  const tag = icc && findTag(icc, 'cicp');
  return !tag || !isHdrTransfer(tag[9]!);
}

/** The data of a tag, from its type signature on. */
export function findTag(icc: Uint8Array, name: string): Uint8Array | null {
  if (icc.length < HEADER_BYTES + 4) return null;
  const view = viewOf(icc);
  const room = Math.floor((icc.length - HEADER_BYTES - 4) / TAG_BYTES);
  const count = Math.min(view.getUint32(HEADER_BYTES), room);
  for (let index = 0; index < count; index++) {
    const entry = HEADER_BYTES + 4 + TAG_BYTES * index;
    const offset = view.getUint32(entry + 4);
    if (latin1(icc, entry, 4) === name) return icc.subarray(offset, offset + view.getUint32(entry + 8));
  }
  return null;
}
