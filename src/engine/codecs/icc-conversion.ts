/**
 * Converts samples out of the space of a profile that is made of curves and a matrix, as most are (ICC.1:2022 §8.3.3
 * and §8.4). It is for depths that sharp does not convert: 16 bits of colour it takes to Display P3, bending what lies
 * beyond, and 16 of grey it leaves alone. Profiles made of tables stay with lcms, inside sharp.
 */
import { latin1, viewOf } from './bytes.ts';
import { type Curve, convertLight, type Matrix, matrixFromD50 } from './colour-encoding.ts';
import { findTag, profileSpace } from './icc.ts';
import type { Samples } from './samples.ts';

const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/**
 * To sRGB, in place.
 * @param samples RGB in any case; of grey all three channels are equal.
 * @returns false when the profile is made of something else; the samples are as they were.
 */
export function convertByProfile(samples: Samples, icc: Uint8Array): boolean {
  const model = profileSpace(icc) === 'GRAY' ? greyModel(icc) : matrixModel(icc);
  if (model) convertLight(samples, ...model);
  return model !== null;
}

type Model = [curves: Curve[], matrix: Matrix];

function greyModel(icc: Uint8Array): Model | null {
  const curve = readCurve(findTag(icc, 'kTRC'));
  return curve && [[curve, curve, curve], IDENTITY];
}

/** Null where there are tables as well, which come first (ICC.1:2022 §8.10), or numbers make no sense. */
function matrixModel(icc: Uint8Array): Model | null {
  const isMatrix = latin1(icc, 20, 4) === 'XYZ ' && !findTag(icc, 'A2B0');
  const curves = ['rTRC', 'gTRC', 'bTRC'].map((name) => readCurve(findTag(icc, name)));
  const colorants = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => readColorant(findTag(icc, name)));
  if (!isMatrix || curves.includes(null) || colorants.includes(null)) return null;
  const matrix = matrixFromD50([0, 1, 2].flatMap((row) => colorants.map((colorant) => colorant![row]!)));
  return [curves as Curve[], matrix];
}

/** An XYZType of one triple (§10.31). */
function readColorant(tag: Uint8Array | null): number[] | null {
  if (!tag || tag.length < 20 || latin1(tag, 0, 4) !== 'XYZ ') return null;
  const view = viewOf(tag);
  return [8, 12, 16].map((at) => fixedAt(view, at));
}

/** Null where there is none, or none that is known. */
function readCurve(tag: Uint8Array | null): Curve | null {
  if (!tag || tag.length < 12) return null;
  const kind = latin1(tag, 0, 4);
  return kind === 'curv' ? sampledCurve(tag) : kind === 'para' ? parametricCurve(tag) : null;
}

/** A curveType (§10.6): nothing, a power, or samples with lines between them. */
function sampledCurve(tag: Uint8Array): Curve | null {
  const view = viewOf(tag);
  const count = view.getUint32(8);
  if (tag.length < 12 + 2 * count) return null;
  if (count === 0) return (value) => value;
  if (count === 1) return power(view.getUint16(12) / 256);
  const sample = (index: number) => view.getUint16(12 + 2 * index) / 65_535;
  return (value) => {
    const at = value * (count - 1);
    const low = Math.min(count - 2, Math.floor(at));
    return sample(low) + (sample(low + 1) - sample(low)) * (at - low);
  };
}

/** How many parameters each function of a parametricCurveType has (§10.18). */
const PARAMETERS = [1, 3, 4, 5, 7];

function parametricCurve(tag: Uint8Array): Curve | null {
  const view = viewOf(tag);
  const count = PARAMETERS[view.getUint16(8)];
  if (!count || tag.length < 12 + 4 * count) return null;
  const given = Array.from({ length: count }, (_, index) => fixedAt(view, 12 + 4 * index));
  const [gamma = 1, a = 1, b = 0] = given;
  const raised = power(gamma);
  if (count <= 4) {
    const c = count === 4 ? given[3]! : 0;
    return (value) => (value >= -b / a ? raised(a * value + b) : 0) + c;
  }
  const [c, d, e = 0, f = 0] = given.slice(3) as [number, number, number?, number?];
  return (value) => (value >= d ? raised(a * value + b) + e : c * value + f);
}

function power(gamma: number): Curve {
  return (value) => Math.max(0, value) ** gamma;
}

/** An s15Fixed16Number. */
function fixedAt(view: DataView, at: number): number {
  return view.getInt32(at) / 65_536;
}
