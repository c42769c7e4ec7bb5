/** Colour profiles made of numbers (ICC.1:2001-04): matrix and curve for RGB, a curve for grey. */

/** Colorants relative to D50: X, Y and Z of red, green and blue. */
export interface Space {
  colorants: [red: number[], green: number[], blue: number[]];
  gamma: number;
}

export const ADOBE_RGB: Space = {
  colorants: [
    [0.60974, 0.31111, 0.01947],
    [0.20528, 0.62567, 0.06087],
    [0.14919, 0.06322, 0.74457],
  ],
  gamma: 563 / 256,
};

export const PROPHOTO: Space = {
  colorants: [
    [0.79767, 0.28804, 0],
    [0.13519, 0.71188, 0],
    [0.03134, 0.00008, 0.8251],
  ],
  gamma: 1.8,
};

/** @param curve in the place of a power: of `sampledCurve` or `parametricCurve`. */
export function rgbProfile({ colorants, gamma }: Space, curve = curveOf(gamma)): Uint8Array {
  const [red, green, blue] = colorants.map(xyz) as [Buffer, Buffer, Buffer];
  return profile('RGB ', { rXYZ: red, gXYZ: green, bXYZ: blue, rTRC: curve, gTRC: curve, bTRC: curve });
}

export function greyProfile(gamma: number): Uint8Array {
  return profile('GRAY', { kTRC: curveOf(gamma) });
}

const D50 = [0.9642, 1, 0.8249];

function profile(space: string, own: Record<string, Buffer>, connection = 'XYZ '): Uint8Array {
  const tags = Object.entries({ desc: description(), cprt: text('none'), wtpt: xyz(D50), ...own });
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length, 0);
  let at = 128 + table.length;
  for (const [index, [name, data]] of tags.entries()) {
    table.write(name, 4 + 12 * index, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * index);
    table.writeUInt32BE(data.length, 12 + 12 * index);
    at += data.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x0240_0000, 8);
  header.write(`mntr${space}${connection}`, 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  for (const [index, value] of D50.entries()) header.writeInt32BE(fixed(value), 68 + 4 * index);
  return Buffer.concat([header, table, ...tags.map(([, data]) => data)]);
}

function fixed(value: number): number {
  return Math.round(value * 65_536);
}

function xyz(values: number[]): Buffer {
  const data = Buffer.alloc(20);
  data.write('XYZ ', 'latin1');
  for (const [index, value] of values.entries()) data.writeInt32BE(fixed(value), 8 + 4 * index);
  return data;
}

function curveOf(gamma: number): Buffer {
  const data = Buffer.alloc(16);
  data.write('curv', 'latin1');
  data.writeUInt32BE(1, 8);
  data.writeUInt16BE(Math.round(gamma * 256), 12);
  return data;
}

/** Of inks: a table whose corners are what paper shows with each ink in full or not at all (lut8Type, ICC.1:2001-04 6.5.8). */
export function cmykProfile(): Uint8Array {
  const identity = Array.from({ length: 256 }, (_, level) => level);
  const corners = Array.from({ length: 16 }, (_, corner) => {
    const [c, m, y, k] = [8, 4, 2, 1].map((bit) => Number((corner & bit) > 0)) as [
      number,
      number,
      number,
      number,
    ];
    const light = (1 - 0.4 * c) * (1 - 0.5 * m) * (1 - 0.1 * y) * (1 - 0.9 * k);
    const colour = 1 - 0.9 * k;
    return [255 * light, 128 + colour * (-50 * c + 70 * m), 128 + colour * (-45 * c + 80 * y)].map(
      Math.round,
    );
  });
  const head = Buffer.alloc(48);
  head.write('mft1', 'latin1');
  head.set([4, 3, 2], 8);
  for (const diagonal of [12, 28, 44]) head.writeInt32BE(fixed(1), diagonal);
  const tables = [...Array(4).fill(identity), corners, ...Array(3).fill(identity)].flat(2);
  return profile('CMYK', { A2B0: Buffer.concat([head, Buffer.from(tables as number[])]) }, 'Lab ');
}

/** Levels of 16 bits with lines between them; none for a line from end to end. */
export function sampledCurve(levels: number[]): Buffer {
  const data = Buffer.alloc(12 + 2 * levels.length);
  data.write('curv', 'latin1');
  data.writeUInt32BE(levels.length, 8);
  for (const [index, level] of levels.entries()) data.writeUInt16BE(level, 12 + 2 * index);
  return data;
}

/** One of the functions of ICC.1:2022 table 68. */
export function parametricCurve(kind: number, parameters: number[]): Buffer {
  const data = Buffer.alloc(12 + 4 * parameters.length);
  data.write('para', 'latin1');
  data.writeUInt16BE(kind, 8);
  for (const [index, value] of parameters.entries()) data.writeInt32BE(fixed(value), 12 + 4 * index);
  return data;
}

function text(value: string): Buffer {
  const data = Buffer.alloc(Math.ceil((9 + value.length) / 4) * 4);
  data.write(`text\0\0\0\0${value}`, 'latin1');
  return data;
}

function description(): Buffer {
  const data = Buffer.alloc(96);
  data.write('desc', 'latin1');
  data.writeUInt32BE(5, 8);
  data.write('test', 12, 'latin1');
  return data;
}
