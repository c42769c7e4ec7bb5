/**
 * The next band enlarged to twice its size (IWSSIM.md section 5). Resizing, extrapolating and dropping every
 * second sample come down to two neighbours per axis: the extrapolated first and last samples fall on samples
 * whose coordinate is clamped to the edge.
 */
import { bandRow, heightOf, scratchRow, widthOf } from './iwssim-layout';

/** Where sample `index` of the enlarged band lies among the `size` samples of the band. */
@inline
function coordinate(index: i32, size: i32): f64 {
  const free = ((2.0 * index - 0.5) * size) / (4.0 * size - 3.0) - 0.5;
  return min(max(free, 0.0), <f64>(size - 1));
}

/** Prepares `parentRow` for all rows of a level: byte offsets and weights of the columns, in two scratch rows. */
export function planParent(level: i32): void {
  const size = widthOf(level + 1);
  for (let x = 0; x < widthOf(level); x++) {
    const at = coordinate(x, size);
    const left = min(<i32>at, size - 2);
    store<i32>(scratchRow(8) + (<usize>x << 2), left << 2);
    store<f32>(scratchRow(9) + (<usize>x << 2), <f32>(at - left));
  }
}

/** Row `y` of the enlarged parent, in a scratch row. Overwrites scratch rows 6 and 7. */
export function parentRow(level: i32, y: i32): usize {
  const at = coordinate(y, heightOf(level + 1));
  const above = min(<i32>at, heightOf(level + 1) - 2);
  blendRows(bandRow(level + 1, above), bandRow(level + 1, above + 1), <f32>(at - above), widthOf(level + 1));
  const blended = scratchRow(6);
  const to = scratchRow(7);
  const offsets = scratchRow(8);
  const weights = scratchRow(9);
  for (let i: usize = 0; i < <usize>widthOf(level) << 2; i += 4) {
    const from = blended + load<i32>(offsets + i);
    const left = load<f32>(from);
    store<f32>(to + i, left + load<f32>(weights + i) * (load<f32>(from, 4) - left));
  }
  return to;
}

function blendRows(above: usize, below: usize, weight: f32, width: i32): void {
  const to = scratchRow(6);
  for (let i: usize = 0; i < <usize>width << 2; i += 16) {
    const from = v128.load(above + i);
    const step = f32x4.mul(f32x4.sub(v128.load(below + i), from), f32x4.splat(weight));
    v128.store(to + i, f32x4.add(from, step));
  }
}
