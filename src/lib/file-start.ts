/** How a file begins, as text in which each character is a byte, for patterns of magic numbers. */

/** @param most bytes that are looked at */
export function fileStart({ buffer, byteOffset, length }: Uint8Array, most: number): string {
  return Buffer.from(buffer, byteOffset, Math.min(length, most)).toString('latin1');
}
