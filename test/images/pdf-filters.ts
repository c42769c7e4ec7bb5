/** Bytes as old writers of PDFs encoded them, for tests of what undoes that. */

/** LZW as PDF has it: codes of 9 to 12 bits, the highest bit first. @param early 0 where wider codes begin as late as they can. */
export function lzw(data: Uint8Array, early: 0 | 1 = 1): Uint8Array {
  const bytes: number[] = [];
  let [pending, pendingBits, width] = [0, 0, 9];
  let table = new Map<string, number>();
  const write = (code: number) => {
    pending = (pending << width) | code;
    for (pendingBits += width; pendingBits >= 8; pendingBits -= 8)
      bytes.push((pending >> (pendingBits - 8)) & 255);
    pending &= 255;
  };
  const codeOf = (string: string) => (string.length === 1 ? string.charCodeAt(0) : table.get(string)!);
  write(256);
  let string = '';
  for (const byte of data) {
    const longer = string + String.fromCharCode(byte);
    if (string === '' || table.has(longer)) {
      string = longer;
      continue;
    }
    write(codeOf(string));
    table.set(longer, 258 + table.size);
    if (258 + table.size + early > 1 << width) width++;
    if (258 + table.size === 4095) {
      write(256);
      [width, table] = [9, new Map()];
    }
    string = longer.slice(-1);
  }
  if (string) write(codeOf(string));
  // The reader has made one more string by then.
  if (258 + table.size + 1 + early > 1 << width && width < 12) width++;
  write(257);
  if (pendingBits > 0) bytes.push((pending << (8 - pendingBits)) & 255);
  return Uint8Array.from(bytes);
}

/** Runs of one byte, and of bytes as they are, up to 128 long. */
export function runLengths(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < data.length; ) {
    let count = 1;
    while (count < 128 && data[at + count] === data[at]) count++;
    if (count > 1) out.push(257 - count, data[at]!);
    else {
      while (count < 128 && at + count < data.length && data[at + count] !== data[at + count - 1]) count++;
      out.push(count - 1, ...data.subarray(at, at + count));
    }
    at += count;
  }
  return Uint8Array.from([...out, 128]);
}

/** Every sample of 8 bits less the one to its left, as TIFF's predictor 2 has it. */
export function tiffDifferences(samples: Uint8Array, columns: number, components: number): Uint8Array {
  return samples.map((sample, at) =>
    at % (columns * components) < components ? sample : sample - samples[at - components]!,
  );
}

export function ascii85(data: Uint8Array): Uint8Array {
  let text = '';
  for (let at = 0; at < data.length; at += 4) {
    const group = data.subarray(at, at + 4);
    const padded = Buffer.alloc(4);
    padded.set(group);
    let value = padded.readUInt32BE();
    let digits = '';
    for (let digit = 0; digit < 5; digit++, value = Math.floor(value / 85))
      digits = String.fromCharCode(33 + (value % 85)) + digits;
    text += group.length === 4 && digits === '!!!!!' ? 'z' : digits.slice(0, group.length + 1);
  }
  return Buffer.from(`${text}~>`);
}
