/** Packs LZW codes from the lowest bit on, in sub-blocks of at most 255 bytes, behind the code size (GIF89a §22 and §15). */
export interface CodeWriter {
  write(code: number, width: number): void;
  /** Ends the last block. */
  end(): Uint8Array;
}

export function createCodeWriter(codeSize: number): CodeWriter {
  let bytes = new Uint8Array(1 << 12);
  bytes[0] = codeSize;
  // The length of the block in hand stands at `head`.
  let [head, at, bits, held] = [1, 2, 0, 0];
  function push(byte: number): void {
    if (at + 4 > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    bytes[at++] = byte;
    if (at - head <= 255) return;
    bytes[head] = 255;
    head = at++;
  }
  return {
    write(code, width) {
      bits |= code << held;
      held += width;
      for (; held >= 8; held -= 8, bits >>>= 8) push(bits & 255);
    },
    end() {
      if (held > 0) push(bits & 255);
      const length = at - head - 1;
      bytes[head] = length;
      if (length > 0) bytes[at++] = 0;
      return bytes.slice(0, at);
    },
  };
}

/** Codes that stand in whatever sub-blocks, in the fewest of them. */
export function inFullBlocks(codeSize: number, codes: Uint8Array): Uint8Array {
  const out = createCodeWriter(codeSize);
  for (const byte of codes) out.write(byte, 8);
  return out.end();
}
