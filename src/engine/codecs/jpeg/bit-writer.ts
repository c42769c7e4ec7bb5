/** Puts bits into a scan's data, the highest first, as ITU-T T.81 F.1.2.3 stuffs and pads them. */

export interface BitWriter {
  /** @param count 0 to 16. */
  put(bits: number, count: number): void;
  /** Pads the last byte with ones; nothing can be put after that. */
  finish(): Uint8Array;
}

export function createBitWriter(): BitWriter {
  let bytes = new Uint8Array(1 << 16);
  let length = 0;
  let buffer = 0;
  let waiting = 0;
  const push = (byte: number) => {
    if (length + 2 > bytes.length) {
      const larger = new Uint8Array(2 * bytes.length);
      larger.set(bytes);
      bytes = larger;
    }
    bytes[length++] = byte;
    // Else it would look like a marker.
    if (byte === 0xff) bytes[length++] = 0;
  };
  const put = (bits: number, count: number) => {
    buffer = (buffer << count) | bits;
    waiting += count;
    while (waiting >= 8) {
      waiting -= 8;
      push((buffer >>> waiting) & 0xff);
    }
    buffer &= (1 << waiting) - 1;
  };
  return {
    put,
    finish() {
      if (waiting > 0) put((1 << (8 - waiting)) - 1, 8 - waiting);
      return bytes.subarray(0, length);
    },
  };
}
