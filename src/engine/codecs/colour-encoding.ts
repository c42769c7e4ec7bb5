/**
 * Colour spaces that a file names by numbers instead of an ICC profile (PNG's gAMA, cHRM and cICP,
 * AVIF's nclx), and the conversion of samples from them to sRGB.
 */
import { mostOf } from '../depth.ts';
import type { Samples } from './samples.ts';

/** Chromaticities x and y of white, red, green and blue, in the order of PNG's cHRM chunk. */
export type Primaries = number[];

export interface ColourEncoding {
  primaries: Primaries;
  /** Sample to light, both 0 to 1: a power, or the curve of sRGB. */
  decoding: number | 'srgb';
}

const SRGB: Primaries = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
const DISPLAY_P3: Primaries = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];
const DCI_P3: Primaries = [0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];
/** The white of ICC profiles (ICC.1:2022 §7.2.16). */
const D50: Primaries = [0.3457, 0.3585];
const BT2020: Primaries = [0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046];

/** Code points of H.273 table 2 whose primaries differ visibly from sRGB's. */
const CICP_PRIMARIES: Record<number, Primaries> = { 9: BT2020, 11: DCI_P3, 12: DISPLAY_P3 };
/** Code points of H.273 table 3 whose curve differs visibly from sRGB's; viewers show the video curves as sRGB. */
const CICP_POWERS: Record<number, number> = { 4: 2.2, 5: 2.8, 8: 1 };

/** Code points of H.273 table 3 that hold high dynamic range: PQ and HLG. */
export function isHdrTransfer(transfer: number): boolean {
  return transfer === 16 || transfer === 18;
}

/** @returns null when that is sRGB, or close enough to be shown as such. */
export function encodingOfCicp(primaries: number, transfer: number): ColourEncoding | null {
  const named = CICP_PRIMARIES[primaries];
  const power = CICP_POWERS[transfer];
  return named || power ? { primaries: named ?? SRGB, decoding: power ?? 'srgb' } : null;
}

/**
 * @param gamma of PNG's gAMA chunk: the encoding exponent, e.g. 0.45455; null where there is none
 * @param primaries of its cHRM chunk; null where there is none
 * @returns null when that is sRGB, as nearly as these chunks can say it
 */
export function encodingOfGamma(gamma: number | null, primaries: Primaries | null): ColourEncoding | null {
  const usable = primaries && areUsable(primaries) ? primaries : SRGB;
  const isSrgbGamma = gamma === null || gamma <= 0 || Math.abs(gamma - 1 / 2.2) < 0.01;
  const isSrgbGamut = usable.every((value, index) => Math.abs(value - SRGB[index]!) < 0.005);
  if (isSrgbGamma && isSrgbGamut) return null;
  return { primaries: usable, decoding: isSrgbGamma ? 'srgb' : 1 / gamma };
}

/** Converts in place what `encoding` says of the colour channels; alpha stays. */
export function convertToSrgb(
  samples: Pick<Samples, 'data' | 'channels'>,
  { primaries, decoding }: ColourEncoding,
): void {
  const matrix = multiply(invert(toXyz(SRGB)), multiply(adaptation(primaries), toXyz(primaries)));
  const curve = (value: number) => decodeLevel(value, decoding);
  convertLight(samples, [curve, curve, curve], matrix);
}

/** From a sample to light, both 0 to 1. */
export type Curve = (value: number) => number;

/** Row by row. */
export type Matrix = number[];

/**
 * Converts in place the colour channels to sRGB.
 * @param curves of red, green and blue
 * @param matrix from their light to that of sRGB's
 */
export function convertLight(
  { data, channels }: Pick<Samples, 'data' | 'channels'>,
  curves: Curve[],
  matrix: Matrix,
): void {
  const most = mostOf(data);
  const encodeLevel = data instanceof Uint16Array ? encodeDeepLevel : encodeByteLevel;
  const [reds, greens, blues] = curves.map((curve) =>
    Float64Array.from({ length: most + 1 }, (_, level) => curve(level / most)),
  ) as [Float64Array, Float64Array, Float64Array];
  const [a, b, c, d, e, f, g, h, i] = matrix as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let at = 0; at < data.length; at += channels) {
    const [red, green, blue] = [reds[data[at]!]!, greens[data[at + 1]!]!, blues[data[at + 2]!]!];
    data[at] = encodeLevel(a * red + b * green + c * blue);
    data[at + 1] = encodeLevel(d * red + e * green + f * blue);
    data[at + 2] = encodeLevel(g * red + h * green + i * blue);
  }
}

/**
 * From the light of primaries to that of sRGB's, both relative to their white.
 * @param colorants columns of XYZ relative to D50, as profiles give them; their sum is white as nearly as they round it.
 */
export function matrixFromD50(colorants: Matrix): Matrix {
  const matrix = multiply(invert(toXyz(SRGB)), multiply(adaptation(D50), colorants));
  const sums = [0, 3, 6].map((row) => matrix[row]! + matrix[row + 1]! + matrix[row + 2]!);
  const isWhite = sums.every((sum) => Math.abs(sum - 1) < 0.002);
  return isWhite ? matrix.map((value, at) => value / sums[Math.floor(at / 3)]!) : matrix;
}

function decodeLevel(value: number, decoding: number | 'srgb'): number {
  if (decoding !== 'srgb') return value ** decoding;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** sRGB levels, 0 to 1, over the square root of light, in 4096 steps and one for the end. */
const CURVE = Float64Array.from({ length: 4098 }, (_, index) => {
  const light = Math.min(1, (index / 4096) ** 2);
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
});
const ENCODED = Uint8Array.from(CURVE, (level) => Math.round(255 * level));

/** Light to an sRGB level; the steps are fine enough for every one of 8 bits. */
function encodeByteLevel(light: number): number {
  return ENCODED[Math.round(4096 * rootOf(light))]!;
}

/** Those of 16 bits lie between the steps. */
function encodeDeepLevel(light: number): number {
  const at = 4096 * rootOf(light);
  const step = Math.floor(at);
  const level = CURVE[step]!;
  return Math.round(65_535 * (level + (CURVE[step + 1]! - level) * (at - step)));
}

function rootOf(light: number): number {
  return Math.sqrt(Math.min(1, Math.max(0, light)));
}

/** Real, distinct primaries around a white: anything else has no conversion. */
function areUsable(primaries: Primaries): boolean {
  const [, whiteY, , redY, , greenY, , blueY] = primaries;
  const determinant = Math.abs(determinantOf(columns(primaries)));
  return whiteY! > 0.01 && redY! > 0.001 && greenY! > 0.001 && blueY! > 0.001 && determinant > 0.001;
}

/** Linear RGB to CIE XYZ (SMPTE RP 177): columns of primaries, scaled so that they add up to white. */
function toXyz(primaries: Primaries): Matrix {
  const base = columns(primaries);
  const scales = apply(invert(base), whiteOf(primaries));
  return base.map((value, index) => value * scales[index % 3]!);
}

function columns([, , redX, redY, greenX, greenY, blueX, blueY]: Primaries): Matrix {
  const xyz = [
    [redX!, redY!],
    [greenX!, greenY!],
    [blueX!, blueY!],
  ].map(([x, y]) => [x! / y!, 1, (1 - x! - y!) / y!]);
  return [0, 1, 2].flatMap((row) => xyz.map((column) => column[row]!));
}

function whiteOf([x, y]: Primaries): number[] {
  return [x! / y!, 1, (1 - x! - y!) / y!];
}

/** Bradford's cone responses, used by ICC.1:2022 annex E to adapt one white to another. */
const BRADFORD: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** Adapts XYZ from the encoding's white to that of sRGB. */
function adaptation(primaries: Primaries): Matrix {
  const from = apply(BRADFORD, whiteOf(primaries));
  const to = apply(BRADFORD, whiteOf(SRGB));
  const scaled = BRADFORD.map(
    (value, index) => (value * to[Math.floor(index / 3)]!) / from[Math.floor(index / 3)]!,
  );
  return multiply(invert(BRADFORD), scaled);
}

function apply(matrix: Matrix, vector: number[]): number[] {
  return [0, 3, 6].map(
    (row) => matrix[row]! * vector[0]! + matrix[row + 1]! * vector[1]! + matrix[row + 2]! * vector[2]!,
  );
}

function multiply(left: Matrix, right: Matrix): Matrix {
  return left.map((_, at) => {
    const [row, column] = [Math.floor(at / 3) * 3, at % 3];
    return (
      left[row]! * right[column]! + left[row + 1]! * right[column + 3]! + left[row + 2]! * right[column + 6]!
    );
  });
}

/** The 2 x 2 determinant that remains without `at`'s row and column, signed by cyclic order. */
function cofactor(matrix: Matrix, at: number): number {
  const [row, column] = [Math.floor(at / 3), at % 3];
  const pick = (down: number, across: number) => matrix[((row + down) % 3) * 3 + ((column + across) % 3)]!;
  return pick(1, 1) * pick(2, 2) - pick(1, 2) * pick(2, 1);
}

function determinantOf(matrix: Matrix): number {
  return [0, 1, 2].reduce((sum, column) => sum + matrix[column]! * cofactor(matrix, column), 0);
}

function invert(matrix: Matrix): Matrix {
  const determinant = determinantOf(matrix);
  return matrix.map((_, at) => cofactor(matrix, (at % 3) * 3 + Math.floor(at / 3)) / determinant);
}
