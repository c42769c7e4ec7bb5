/**
 * A JPEG turned or mirrored without decoding it: blocks change places, and coefficients theirs within blocks. What
 * a mirroring would bring to the left or the top must be whole units of blocks; the rest is cut off, as `jpegtran
 * -trim` does.
 */
import type { Turning } from '../turning.ts';
import type { Coefficients } from './coefficients.ts';
import {
  type Component,
  type ComponentSpec,
  type Layout,
  layOut,
  mostSampled,
  type Plane,
} from './layout.ts';

/** Where in a block each coefficient in zigzag order stands: 8 times its vertical frequency plus its horizontal one. */
const NATURAL = naturalOrder();
const ZIGZAG = NATURAL.map((_, natural) => NATURAL.indexOf(natural));

/**
 * How a turned JPEG is laid out: what of its size remains.
 * @returns null when it is smaller than a unit where it is to be mirrored, so that nothing would.
 */
export function turnedLayout(layout: Layout, turning: Turning): Layout | null {
  const { transposes, mirrorsX, mirrorsY } = turning;
  const specs = layout.components.map((spec) => turnedSpec(spec, turning, layout.components.length === 1));
  const [most, deepest] = mostSampled(specs);
  const [width, height] = transposes ? [layout.height, layout.width] : [layout.width, layout.height];
  const whole = (size: number, unit: number, trims: boolean) => (trims ? size - (size % unit) : size);
  const [across, down] = [whole(width, 8 * most, mirrorsX), whole(height, 8 * deepest, mirrorsY)];
  return across > 0 && down > 0 ? layOut(across, down, specs) : null;
}

/** A lone component has units of one block, whatever it says of its sampling. */
function turnedSpec(
  { id, across, down }: ComponentSpec,
  { transposes }: Turning,
  isAlone: boolean,
): ComponentSpec {
  if (isAlone) return { id, across: 1, down: 1 };
  return transposes ? { id, across: down, down: across } : { id, across, down };
}

/**
 * @param coefficients is taken apart: each component's blocks go as soon as they have been turned, since both
 *   together may take a gigabyte.
 * @returns null as `turnedLayout` does.
 */
export function turnCoefficients(coefficients: Coefficients, turning: Turning): Coefficients | null {
  const layout = turnedLayout(coefficients, turning);
  if (!layout) return null;
  const order = turnedOrder(turning);
  const components = layout.components.map((plane, index) => {
    const component = coefficients.components[index]!;
    const quantization = component.quantization.map((_, k) => component.quantization[order.from[k]!]!);
    const blocks = turnBlocks(component, plane, turning, order);
    component.blocks = new Int16Array();
    return { ...plane, blocks, quantization };
  });
  return { ...layout, components };
}

interface Order {
  /** For each coefficient of a turned block: which of the source's it is, and its sign. */
  from: Uint8Array;
  sign: Int8Array;
}

/** Mirroring changes the signs of the odd frequencies: their cosines are odd about the middle of a block (T.81 A.3.3). */
function turnedOrder({ transposes, mirrorsX, mirrorsY }: Turning): Order {
  const from = new Uint8Array(64);
  const sign = new Int8Array(64);
  for (const [k, natural] of NATURAL.entries()) {
    const [vertical, horizontal] = [natural >> 3, natural & 7];
    from[k] = transposes ? ZIGZAG[horizontal * 8 + vertical]! : k;
    const isNegative = (mirrorsX && horizontal % 2 === 1) !== (mirrorsY && vertical % 2 === 1);
    sign[k] = isNegative ? -1 : 1;
  }
  return { from, sign };
}

function turnBlocks(source: Component, plane: Plane, turning: Turning, { from, sign }: Order): Int16Array {
  const { stride, height } = plane;
  const blocks = new Int16Array(stride * height * 64);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < stride; x++, to += 64) {
      const left = turning.mirrorsX ? stride - 1 - x : x;
      const top = turning.mirrorsY ? height - 1 - y : y;
      const at = (turning.transposes ? left * source.stride + top : top * source.stride + left) * 64;
      for (let k = 0; k < 64; k++) blocks[to + k] = source.blocks[at + from[k]!]! * sign[k]!;
    }
  }
  return blocks;
}

/** T.81 figure A.6: diagonals, turning at the edges. */
function naturalOrder(): number[] {
  const order: number[] = [];
  for (let diagonal = 0; diagonal < 15; diagonal++) {
    const places = Array.from({ length: 8 }, (_, row) => [row, diagonal - row] as const).filter(
      ([, column]) => column >= 0 && column < 8,
    );
    if (diagonal % 2 === 0) places.reverse();
    for (const [row, column] of places) order.push(8 * row + column);
  }
  return order;
}
