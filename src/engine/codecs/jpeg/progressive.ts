/**
 * How a component's coefficients but the first are coded in progressive steps (ITU-T T.81 G.1.2): as symbols, each with
 * the bits behind it. Which steps there are is `scan-script.ts`' to say, the symbols' codes are `scan-segments.ts`'.
 */
import type { Component } from './layout.ts';
import { AC, LONGEST_AC, putValue, type SymbolSink, ZEROS } from './symbols.ts';

/** What one scan codes of one component. */
export interface Step {
  /** The coefficients, in zigzag order. */
  first: number;
  last: number;
  /** The lowest bit that it tells. */
  shift: number;
  /** Whether the bits above that are known: it tells one bit more. */
  isRefinement: boolean;
}

/** Rows of blocks, the last one excluded. */
export type Rows = [top: number, bottom: number];

/** Blocks that end without a value are told at once, up to so many (G.1.2.2). */
const MOST_ENDED = 0x7fff;

/** @param rows less than all of them to see what a step costs. */
export function codeStep(component: Component, step: Step, sink: SymbolSink, rows?: Rows): void {
  const { blocks, columns, stride } = component;
  const [top, bottom] = rows ?? [0, component.rows];
  const coder = step.isRefinement ? refining(blocks, step, sink) : first(blocks, step, sink);
  for (let y = top; y < bottom; y++) for (let x = 0; x < columns; x++) coder.block((y * stride + x) * 64);
  coder.end();
}

interface BlockCoder {
  block(at: number): void;
  end(): void;
}

function first(blocks: Int16Array, { first, last, shift }: Step, sink: SymbolSink): BlockCoder {
  const ended = endedBlocks(sink);
  return {
    end: ended.flush,
    block(at) {
      let end = at + last;
      while (end >= at + first && Math.abs(blocks[end]!) >> shift === 0) end--;
      let zeros = 0;
      for (let k = at + first; k <= end; k++) {
        const value = blocks[k]!;
        const size = Math.abs(value) >> shift;
        if (size === 0) {
          zeros++;
          continue;
        }
        ended.flush();
        for (; zeros > 15; zeros -= 16) sink.put(AC, ZEROS, 0, 0);
        putValue(sink, AC, zeros, value < 0 ? -size : size, LONGEST_AC);
        zeros = 0;
      }
      if (end < at + last) ended.add();
    },
  };
}

/** Between new coefficients stand correction bits for the known ones that are passed over (G.1.2.3). */
function refining(blocks: Int16Array, { first, last, shift }: Step, sink: SymbolSink): BlockCoder {
  const ended = endedBlocks(sink);
  let corrections: number[] = [];
  const correct = () => {
    for (const bit of corrections) sink.putBits(bit, 1);
    corrections = [];
  };
  return {
    end: ended.flush,
    block(at) {
      let end = at + last;
      while (end >= at + first && Math.abs(blocks[end]!) >> shift !== 1) end--;
      let zeros = 0;
      for (let k = at + first; k <= at + last; k++) {
        const value = blocks[k]!;
        const size = Math.abs(value) >> shift;
        if (size === 0) {
          zeros++;
          continue;
        }
        for (; zeros > 15 && k <= end; zeros -= 16) {
          ended.flush();
          sink.put(AC, ZEROS, 0, 0);
          correct();
        }
        if (size > 1) {
          corrections.push(size & 1);
          continue;
        }
        ended.flush();
        sink.put(AC, (zeros << 4) | 1, value < 0 ? 0 : 1, 1);
        correct();
        zeros = 0;
      }
      if (zeros > 0 || corrections.length > 0) ended.add(corrections);
      corrections = [];
    },
  };
}

/** Blocks that end without another new coefficient are counted and told at once, with their correction bits. */
function endedBlocks(sink: SymbolSink) {
  let count = 0;
  let corrections: number[] = [];
  const flush = () => {
    if (count === 0) return;
    const bits = 31 - Math.clz32(count);
    sink.put(AC, bits << 4, count - (1 << bits), bits);
    for (const bit of corrections) sink.putBits(bit, 1);
    if (corrections.length > 0) corrections = [];
    count = 0;
  };
  return {
    flush,
    add(more?: number[]) {
      count++;
      if (more) for (const bit of more) corrections.push(bit);
      if (count === MOST_ENDED) flush();
    },
  };
}
