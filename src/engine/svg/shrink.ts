/**
 * Has svgo write a drawing in fewer characters. It sees only XML that was read and written by us, and touches only what a
 * rendering shows; whether it still looks the same is for the judge to see.
 */
import { type Config, optimize, VERSION } from 'svgo';

export interface Recipe {
  /** `all` may join, move and leave out elements; `numbers` only writes numbers, paths and colours shorter. */
  changes: 'all' | 'numbers';
  /** Decimals that coordinates are rounded to; null leaves them as they are. */
  decimals: number | null;
}

/** How a result names what wrote it. */
export function nameOf({ changes, decimals }: Recipe): string {
  const how = decimals === null ? 'nothing rounded' : `${decimals} decimal${decimals === 1 ? '' : 's'}`;
  return `svgo ${VERSION} (${changes === 'all' ? '' : 'numbers only, '}${how})`;
}

/** Above so many characters one pass has to do, */
const LONGEST_FOR_PASSES = 400_000;
/** and above so many none is made: svgo takes about a second for each million. */
export const LONGEST = 5_000_000;

/** Left to others: what the metadata policy says of (`repack.ts`), which has been done before. */
const NOT_OURS = {
  removeMetadata: false,
  removeComments: false,
  removeEditorsNSData: false,
  removeDesc: false,
} as const;

/** Whatever moves points or rounds. */
const ROUNDING = {
  cleanupNumericValues: false,
  convertPathData: false,
  convertTransform: false,
  mergePaths: false,
  convertShapeToPath: false,
  convertEllipseToCircle: false,
} as const;

/**
 * @param keptIds ids that stay though nothing in the drawing refers to them.
 * @returns null where svgo fails.
 */
export function shrink(svg: string, recipe: Recipe, keptIds: string[]): string | null {
  try {
    return optimize(svg, configOf(recipe, keptIds, svg.length <= LONGEST_FOR_PASSES)).data;
  } catch {
    return null;
  }
}

function configOf({ changes, decimals }: Recipe, keptIds: string[], multipass: boolean): Config {
  const floatPrecision = decimals ?? 8;
  if (changes === 'numbers') {
    return {
      multipass,
      floatPrecision,
      plugins: ['cleanupNumericValues', 'convertColors', 'convertPathData', 'convertTransform'],
    };
  }
  const overrides = {
    ...NOT_OURS,
    ...(decimals === null ? ROUNDING : {}),
    // Ids are never renamed: drawings stand side by side in pages, where short names would meet.
    cleanupIds: { remove: true, minify: false, preserve: keptIds, force: true },
    removeUnknownsAndDefaults: { keepRoleAttr: true },
  };
  return { multipass, floatPrecision, plugins: [{ name: 'preset-default', params: { overrides } }] };
}
