/**
 * In which steps a component's AC coefficients take the fewest bytes: where to cut their bands, and how many low bits
 * to leave to refinements. Each possible step is counted once, over a part of the blocks; the cheapest way through
 * them is then a shortest path.
 */
import type { EffortLevel } from '../../contract.ts';
import { huffmanCode } from './huffman-code.ts';
import type { Component } from './layout.ts';
import { codeStep, type Rows, type Step } from './progressive.ts';
import { AC, createCounter } from './symbols.ts';

/** Of low bits left to refinements. */
export const MOST_SHIFT = 3;

/** How thoroughly to look. */
interface Search {
  /** Where bands may begin or end. */
  edges: number[];
  refinementEdges: number[];
  /** About how many blocks to count. */
  blocks: number;
}

const USUAL: Search = {
  edges: [1, 2, 3, 4, 5, 6, 9, 13, 19, 28, 64],
  refinementEdges: [1, 19, 64],
  blocks: 2_000,
};
const THOROUGH: Search = {
  edges: [1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 16, 19, 23, 28, 35, 44, 64],
  refinementEdges: [1, 6, 13, 19, 28, 64],
  blocks: 20_000,
};
/** Of a scan: two markers and the header, and a table without its symbols. */
const HEADER_BYTES = 10;
const TABLE_BYTES = 21;

interface Script {
  steps: Step[];
  bits: number;
}

/** @returns the steps in an order in which they can be decoded. */
export function scriptFor(component: Component, effort: EffortLevel): Step[] {
  const search = effort === 'thorough' ? THOROUGH : USUAL;
  const cost = costOf(component, search.blocks);
  const script = (edges: number[], shift: number, isRefinement: boolean) =>
    cheapest(edges, (first, last) => cost({ first, last, shift, isRefinement }));
  let best = script(search.edges, 0, false);
  let refinements: Script[] = [];
  for (let shift = 1; shift <= MOST_SHIFT; shift++) {
    refinements = [script(search.refinementEdges, shift - 1, true), ...refinements];
    const next = joined([script(search.edges, shift, false), ...refinements]);
    // Where one bit less does not pay, two do not either, as a rule.
    if (next.bits >= best.bits) break;
    best = next;
  }
  return best.steps;
}

function joined(scripts: Script[]): Script {
  return {
    steps: scripts.flatMap(({ steps }) => steps),
    bits: scripts.reduce((sum, { bits }) => sum + bits, 0),
  };
}

/** The cheapest way to cut the coefficients into bands. */
function cheapest(edges: number[], stepOf: (first: number, last: number) => Script): Script {
  const best: Script[] = [{ steps: [], bits: 0 }];
  for (const [to, end] of edges.entries()) {
    if (to === 0) continue;
    const ways = best.map((way, from) => joined([way, stepOf(edges[from]!, end - 1)]));
    best.push(ways.reduce((least, way) => (way.bits < least.bits ? way : least)));
  }
  return best.at(-1)!;
}

/** About what steps take as scans of their own. @param most blocks to count, about. */
function costOf(component: Component, most: number): (step: Step) => Script {
  const parts = partsOf(component, most);
  const counted = parts.reduce((sum, [top, bottom]) => sum + bottom - top, 0);
  const scale = component.rows / counted;
  return (step) => {
    const counter = createCounter();
    for (const rows of parts) codeStep(component, step, counter, rows);
    const occurrences = counter.occurrences[AC]!;
    const { lengths, symbols } = huffmanCode(occurrences);
    const codeBits = symbols.reduce((sum, symbol) => sum + occurrences[symbol]! * lengths[symbol]!, 0);
    const overheadBytes = HEADER_BYTES + (symbols.length > 0 ? TABLE_BYTES + symbols.length : 0);
    return { steps: [step], bits: scale * (counter.bitCount() + codeBits) + 8 * overheadBytes };
  };
}

/** Single rows, spread over the image. */
function partsOf({ columns, rows }: Component, most: number): Rows[] {
  const count = Math.ceil(most / columns);
  if (count >= rows) return [[0, rows]];
  return Array.from({ length: count }, (_, part) => {
    const top = Math.floor(((part + 0.5) * rows) / count);
    return [top, top + 1];
  });
}
