/** How the blocks of a JPEG lie: components, their sampling, and the units in which scans code them (ITU-T T.81 annex A). */
import { corrupt, viewOf } from '../bytes.ts';
import type { Segment } from './segments.ts';

/** A component as the frame header has it. */
export interface ComponentSpec {
  id: number;
  /** Sampling factors: blocks of this component in a minimum coded unit, across and down. */
  across: number;
  down: number;
}

export interface Plane extends ComponentSpec {
  /** Blocks that hold image, without the padding to whole units. */
  columns: number;
  rows: number;
  /** Blocks in a row and in a column, with padding. */
  stride: number;
  height: number;
}

export interface Component extends Plane {
  /** 64 coefficients a block, in zigzag order. */
  blocks: Int16Array;
  /** 64 divisors, in zigzag order. */
  quantization: Uint16Array;
}

export interface Layout<P extends Plane = Plane> {
  width: number;
  height: number;
  unitColumns: number;
  unitRows: number;
  components: P[];
}

/** A.1.1 and A.2.4. */
export function layOut(width: number, height: number, specs: ComponentSpec[]): Layout {
  const [most, deepest] = mostSampled(specs);
  const [unitColumns, unitRows] = [Math.ceil(width / (8 * most)), Math.ceil(height / (8 * deepest))];
  const components = specs.map(({ id, across, down }) => ({
    id,
    across,
    down,
    columns: Math.ceil(Math.ceil((width * across) / most) / 8),
    rows: Math.ceil(Math.ceil((height * down) / deepest) / 8),
    stride: unitColumns * across,
    height: unitRows * down,
  }));
  return { width, height, unitColumns, unitRows, components };
}

/** The largest sampling factors, across and down. */
export function mostSampled(specs: ComponentSpec[]): [across: number, down: number] {
  return [Math.max(...specs.map(({ across }) => across)), Math.max(...specs.map(({ down }) => down))];
}

/**
 * Of a frame header (B.2.2).
 * @returns the layout, and of each component the slot of its quantization table.
 * @throws Decline('corrupt').
 */
export function readLayout({ payload }: Segment): { layout: Layout; tables: number[] } {
  const view = viewOf(payload);
  const components = Array.from({ length: view.getUint8(5) }, (_, index) => 6 + 3 * index);
  const specs = components.map((at) => {
    const factors = view.getUint8(at + 1);
    return { id: view.getUint8(at), across: factors >> 4, down: factors & 15 };
  });
  if (
    specs.length === 0 ||
    specs.some(({ across, down }) => across < 1 || down < 1 || across > 4 || down > 4)
  )
    throw corrupt('The JPEG has no sampling factors that make sense.');
  const layout = layOut(view.getUint16(3), view.getUint16(1), specs);
  return { layout, tables: components.map((at) => view.getUint8(at + 2)) };
}

type VisitBlocks = (visit: (component: number, at: number) => void) => void;

/**
 * A scan of one component codes its blocks row by row without padding; one of more codes whole units (A.2).
 * @param unit is called with each unit's blocks: the component's place in `components`, and where its block begins.
 */
export function forEachUnit(
  { unitColumns, unitRows }: Pick<Layout, 'unitColumns' | 'unitRows'>,
  components: Plane[],
  unit: (visitBlocks: VisitBlocks) => void,
): void {
  const [single] = components;
  const isSingle = components.length === 1;
  const [columns, rows] = isSingle ? [single!.columns, single!.rows] : [unitColumns, unitRows];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      unit((visit) => {
        if (isSingle) return visit(0, (y * single!.stride + x) * 64);
        for (const [index, { across, down, stride }] of components.entries()) {
          for (let block = 0; block < across * down; block++) {
            const row = y * down + Math.floor(block / across);
            visit(index, (row * stride + x * across + (block % across)) * 64);
          }
        }
      });
    }
  }
}
