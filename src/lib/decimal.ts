/**
 * Numbers as people write them. JavaScript itself would also take `0x50`, `1e2`, `+85`, blanks and nothing at
 * all for numbers, and a typing error for something that was meant.
 */

/** @returns the number that digits, with a point or a minus sign where need be, stand for; NaN for everything else. */
export function readDecimal(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}
