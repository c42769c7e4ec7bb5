/**
 * SSIMULACRA 2.1 a second time, for the tests: double precision, whole planes, every map, nothing clever.
 * It shares only the fitted weights with the product and follows the published steps one by one.
 */
import type { Pixels } from '../../src/engine/contract.ts';
import { WEIGHTS } from '../../src/engine/metric/weights.ts';

export interface Plane {
  data: Float64Array;
  width: number;
  height: number;
}

/** SSIM error, artifact, detail loss of one channel at one scale. */
export type Maps = [Plane, Plane, Plane];

const BIAS = 0.0037930732552754493;
const KERNEL = [
  0.264621105488199, 0.212928592010422, 0.10933537277746, 0.0360111146583644, 0.0094143678096537,
];

export function planeOf(width: number, height: number, value: (x: number, y: number) => number): Plane {
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y * width + x] = value(x, y);
  return { data, width, height };
}

function combine(a: Plane, b: Plane, value: (a: number, b: number) => number): Plane {
  return { ...a, data: a.data.map((sample, at) => value(sample, b.data[at]!)) };
}

/** Linear light of an encoded value, 0 to 1. */
export function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Linear R, G, B planes, alpha blended over grey `backdrop` (0 to 1) in encoded values. */
function linearPlanes(pixels: Pixels, backdrop: number): Plane[] {
  const { data, deep, width, height, channels } = pixels;
  const level = (at: number) => (deep ? deep[at]! / 65_535 : data[at]! / 255);
  return [0, 1, 2].map((channel) =>
    planeOf(width, height, (x, y) => {
      const at = (y * width + x) * channels;
      const alpha = channels === 4 ? level(at + 3) : 1;
      return toLinear(alpha * level(at + channel) + (1 - alpha) * backdrop);
    }),
  );
}

/** Positive X', Y', B' of linear R, G, B. */
export function positiveXyb(r: number, g: number, b: number): [number, number, number] {
  const q = Math.cbrt(BIAS);
  const l = Math.cbrt(Math.max(0, 0.3 * r + 0.622 * g + 0.078 * b + BIAS)) - q;
  const m = Math.cbrt(Math.max(0, 0.23 * r + 0.692 * g + 0.078 * b + BIAS)) - q;
  const short = 0.24342268924547819 * r + 0.20476744424496821 * g + 0.5518098665095535 * b + BIAS;
  const s = Math.cbrt(Math.max(0, short)) - q;
  const luma = (l + m) / 2;
  return [7 * (l - m) + 0.42, luma + 0.01, s - luma + 0.55];
}

function xybPlanes(rgb: Plane[]): Plane[] {
  const [r, g, b] = rgb.map((plane) => plane.data);
  return [0, 1, 2].map((channel) => ({
    ...rgb[0]!,
    data: r!.map((red, at) => positiveXyb(red, g![at]!, b![at]!)[channel]!),
  }));
}

/** Mean of 2 x 2 blocks; the last column and row repeat. */
export function halve({ data, width, height }: Plane): Plane {
  const sample = (x: number, y: number) => data[Math.min(y, height - 1) * width + Math.min(x, width - 1)]!;
  return planeOf(Math.ceil(width / 2), Math.ceil(height / 2), (x, y) => {
    const upper = sample(2 * x, 2 * y) + sample(2 * x + 1, 2 * y);
    return (upper + sample(2 * x, 2 * y + 1) + sample(2 * x + 1, 2 * y + 1)) / 4;
  });
}

/** Nine taps along rows, then along columns, zeros outside. */
export function blur(plane: Plane): Plane {
  return blurAlong(blurAlong(plane, 1, 0), 0, 1);
}

function blurAlong({ data, width, height }: Plane, dx: number, dy: number): Plane {
  return planeOf(width, height, (x, y) => {
    let sum = 0;
    for (let tap = -4; tap <= 4; tap++) {
      const u = x + tap * dx;
      const v = y + tap * dy;
      if (u >= 0 && u < width && v >= 0 && v < height) sum += KERNEL[Math.abs(tap)]! * data[v * width + u]!;
    }
    return sum;
  });
}

function errorMaps(a: Plane, b: Plane): Maps {
  const product = (left: Plane, right: Plane) => blur(combine(left, right, (u, v) => u * v)).data;
  const [muA, muB] = [blur(a).data, blur(b).data];
  const [sAA, sBB, sAB] = [product(a, a), product(b, b), product(a, b)];
  const ssim = muA.map((mu, at) => {
    const lum = 1 - (mu - muB[at]!) ** 2;
    const covariance = sAB[at]! - mu * muB[at]!;
    const variances = sAA[at]! - mu ** 2 + (sBB[at]! - muB[at]! ** 2);
    return Math.max(0, 1 - (lum * (2 * covariance + 0.0009)) / (variances + 0.0009));
  });
  const edge = muA.map(
    (mu, at) => (1 + Math.abs(b.data[at]! - muB[at]!)) / (1 + Math.abs(a.data[at]! - mu)) - 1,
  );
  const artifact = edge.map((e) => Math.max(e, 0));
  const loss = edge.map((e) => Math.max(-e, 0));
  return [
    { ...a, data: ssim },
    { ...a, data: artifact },
    { ...a, data: loss },
  ];
}

/** All maps, [scale][channel], of two images over one backdrop. */
export function allMaps(reference: Pixels, candidate: Pixels, backdrop: number): Maps[][] {
  const scales: Maps[][] = [];
  let a = linearPlanes(reference, backdrop);
  let b = linearPlanes(candidate, backdrop);
  while (scales.length < 6) {
    const [xybA, xybB] = [xybPlanes(a), xybPlanes(b)];
    scales.push([0, 1, 2].map((channel) => errorMaps(xybA[channel]!, xybB[channel]!)));
    if (Math.min(a[0]!.width, a[0]!.height) < 8) break;
    a = a.map(halve);
    b = b.map(halve);
  }
  return scales;
}

/** A part of the image, in pixels at full size. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Mean and 4-norm of a map over a region of the image; all of it by default. */
export function pool(map: Plane, scale: number, region?: Region): [number, number] {
  const step = 2 ** scale;
  const left = (region?.x ?? 0) / step;
  const top = (region?.y ?? 0) / step;
  const right = region ? Math.ceil((region.x + region.width) / step) : map.width;
  const bottom = region ? Math.ceil((region.y + region.height) / step) : map.height;
  let sum = 0;
  let fourth = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const d = map.data[y * map.width + x]!;
      sum += d;
      fourth += d ** 4;
    }
  }
  const pixels = (right - left) * (bottom - top);
  return [sum / pixels, (fourth / pixels) ** 0.25];
}

/** The 18 numbers per scale in the order in which the weights are consumed: channel, scale, norm, map. */
export function numbers(maps: Maps[][], region?: Region): number[] {
  return [0, 1, 2].flatMap((channel) =>
    maps.flatMap((channels, scale) => {
      const pooled = channels[channel]!.map((map) => pool(map, scale, region));
      return [0, 1].flatMap((norm) => pooled.map((norms) => norms[norm]!));
    }),
  );
}

/** The score of those numbers. */
export function straightScore(values: number[]): number {
  const sum = 0.9562382616834844 * values.reduce((total, value, at) => total + value * WEIGHTS[at]!, 0);
  const curve = 2.326765642916932 * sum - 0.020884521182843837 * sum ** 2 + 6.248496625763138e-5 * sum ** 3;
  return curve <= 0 ? 100 : 100 - 10 * curve ** 0.6276336467831387;
}

/** Score of two images, by the rules for alpha of the original tool. */
export function straight(reference: Pixels, candidate: Pixels): number {
  const over = (backdrop: number) => straightScore(numbers(allMaps(reference, candidate, backdrop)));
  return reference.channels === 4 ? Math.min(over(0.1), over(0.9)) : over(0.5);
}
