/** Two files made comparable: decoded as a viewer shows them, at one size. What their difference is worth is the metric's to say. */
import { type CompareOptions, Decline, type Limits, type Pixels } from './contract.ts';
import { decode } from './decode.ts';
import { resize } from './transform/resize.ts';

/** Whether two images have the same size. */
export function sameSize(a: Pixels, b: Pixels): boolean {
  return a.width === b.width && a.height === b.height;
}

export function describeSize({ width, height }: Pixels): string {
  return `${width} x ${height}`;
}

/** @throws Decline when either cannot be decoded, or when their sizes differ (`unsupported`). */
export async function decodePair(
  reference: Uint8Array,
  candidate: Uint8Array,
  { limits, resize: box }: CompareOptions,
): Promise<[reference: Pixels, candidate: Pixels]> {
  const upright = await decodeAs('reference', reference, limits);
  const a = box ? await resize(upright, box, limits) : upright;
  const b = await decodeAs('candidate', candidate, limits);
  if (sameSize(a, b)) return [a, b];
  const sizes = `${describeSize(a)} and ${describeSize(b)}`;
  throw new Decline('unsupported', `The images differ in size: ${sizes}.`);
}

async function decodeAs(role: string, bytes: Uint8Array, limits: Limits): Promise<Pixels> {
  try {
    return await decode(bytes, limits);
  } catch (error) {
    throw error instanceof Decline ? new Decline(error.reason, `The ${role}: ${error.message}`) : error;
  }
}
