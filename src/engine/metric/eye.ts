/** One instance of the metrics' wasm that holds a reference for SSIMULACRA 2, against which candidates are judged. */
import type { Pixels } from '../contract.ts';
import type { Backdrop } from './inputs.ts';
import { createStock, instantiate } from './instances.ts';
import { byteTable, deepTable, fineTable } from './linear-table.ts';
import { type Plan, sideAt, weightAt } from './plan.ts';
import { cellCount } from './score.ts';
import { CHANNELS, MAPS, SCALES } from './weights.ts';

/** Receives one row of the weighted error at a scale. */
type ErrorRow = (scale: number, y: number, row: Float32Array) => void;

export interface Eye {
  /**
   * Takes a reference in: its planes stay in memory until the next call.
   * @param stripRows rows handed over at a time, of this and of candidates; changes no number.
   */
  look(reference: Pixels, backdrop: Backdrop, plan: Plan, stripRows?: number): void;
  /**
   * Sums up the error maps of a candidate of the reference's size: float64
   * [scale][channel][map][cell][sum of d, sum of d^4], cells row by row; overwritten by the next call.
   */
  sumErrors(candidate: Pixels, backdrop: Backdrop): Float64Array;
  /** Calls `onRow` with each row of each scale of the weighted error maps. */
  mapErrors(candidate: Pixels, backdrop: Backdrop, onRow: ErrorRow): void;
  /** Bytes of the instance's memory. */
  sizeBytes(): number;
}

interface Exports {
  memory: { readonly buffer: ArrayBuffer };
  setMask(scale: number, channel: number, mask: number): void;
  open(width: number, height: number, scales: number, stripRows: number, keep: number): number;
  stripAt(): number;
  tableAt(): number;
  fineAt(): number;
  takeFine(): number;
  deepAt(): number;
  takeDeep(): number;
  sumsAt(): number;
  weightsAt(): number;
  startReference(): void;
  startCandidate(errors: number): void;
  pushRgb(rows: number): void;
  pushRgba(rows: number, backdrop: number): void;
  pushDeepRgb(rows: number): void;
  pushDeepRgba(rows: number, backdrop: number): void;
}

const STRIP_ROWS = 16;
const stock = createStock(createEye);

/** An eye, new or used; hand it back with `giveEye`. */
export function takeEye(): Eye {
  return stock.take();
}

export function giveEye(eye: Eye): void {
  stock.give(eye);
}

function createEye(): Eye {
  let plan: Plan;
  let stripRows: number;
  let onRow: ErrorRow = () => {};
  const errorRow = (scale: number, y: number, at: number): void =>
    onRow(scale, y, floatsAt(wasm, at, sideAt(plan.width, scale)));
  const wasm = instantiate<Exports>(errorRow);
  return {
    look(reference, backdrop, newPlan, newStripRows = STRIP_ROWS) {
      plan = newPlan;
      stripRows = newStripRows;
      openMemory(wasm, plan, stripRows);
      wasm.startReference();
      push(wasm, reference, backdrop, stripRows);
    },
    sumErrors(candidate, backdrop) {
      wasm.startCandidate(0);
      push(wasm, candidate, backdrop, stripRows);
      return sumsOf(wasm, plan);
    },
    mapErrors(candidate, backdrop, receive) {
      onRow = receive;
      wasm.startCandidate(1);
      push(wasm, candidate, backdrop, stripRows);
    },
    sizeBytes: () => wasm.memory.buffer.byteLength,
  };
}

function openMemory(wasm: Exports, plan: Plan, stripRows: number): void {
  for (let at = 0; at < SCALES * CHANNELS; at++) {
    wasm.setMask(Math.floor(at / CHANNELS), at % CHANNELS, plan.masks[at]!);
  }
  if (!wasm.open(plan.width, plan.height, plan.depth, stripRows, Number(plan.keep))) throw noRoom(plan);
  floatsAt(wasm, wasm.tableAt(), byteTable.length).set(byteTable);
  floatsAt(wasm, wasm.weightsAt(), SCALES * CHANNELS * MAPS).set(mapWeights(plan));
}

/** A pointer above 2 GiB arrives as a negative number. */
function floatsAt(wasm: Exports, at: number, count: number): Float32Array {
  return new Float32Array(wasm.memory.buffer, at >>> 0, count);
}

function noRoom(plan: Plan): Error {
  return new Error(`There is not enough memory to judge an image of ${plan.width} x ${plan.height} pixels.`);
}

/** Weight of each map in the error map: what its mean and its 4-norm weigh together. */
function mapWeights(plan: Plan): number[] {
  return Array.from({ length: plan.depth * CHANNELS * MAPS }, (_, at) => {
    const map = at % MAPS;
    const channel = Math.floor(at / MAPS) % CHANNELS;
    const scale = Math.floor(at / (MAPS * CHANNELS));
    const weigh = (norm: number) => weightAt(plan.scales, channel, scale, norm, map);
    return weigh(0) + weigh(1);
  });
}

/** Runs all rows of an image through the wasm, a strip at a time. */
function push(wasm: Exports, pixels: Pixels, backdrop: Backdrop, stripRows: number): void {
  const { data, deep, width, height, channels } = pixels;
  const samples = deep ?? data;
  if (channels === 4) openFine(wasm);
  if (deep) openDeep(wasm);
  const pushRows = pusherOf(wasm, pixels, backdrop);
  const rowSamples = width * channels;
  for (let y = 0; y < height; y += stripRows) {
    const rows = Math.min(stripRows, height - y);
    const strip = new (deep ? Uint16Array : Uint8Array)(
      wasm.memory.buffer,
      wasm.stripAt() >>> 0,
      rows * rowSamples,
    );
    strip.set(samples.subarray(y * rowSamples, (y + rows) * rowSamples));
    pushRows(rows);
  }
}

function pusherOf(wasm: Exports, { deep, channels }: Pixels, backdrop: Backdrop): (rows: number) => void {
  if (channels === 3) return deep ? wasm.pushDeepRgb : wasm.pushRgb;
  return (rows) => (deep ? wasm.pushDeepRgba(rows, backdrop) : wasm.pushRgba(rows, backdrop));
}

function openFine(wasm: Exports): void {
  if (wasm.fineAt() !== 0) return;
  if (!wasm.takeFine()) throw new Error('There is not enough memory to judge an image with alpha.');
  floatsAt(wasm, wasm.fineAt(), fineTable().length).set(fineTable());
}

function openDeep(wasm: Exports): void {
  if (wasm.deepAt() !== 0) return;
  if (!wasm.takeDeep()) throw new Error('There is not enough memory to judge an image of 16 bits.');
  floatsAt(wasm, wasm.deepAt(), deepTable().length).set(deepTable());
}

function sumsOf(wasm: Exports, plan: Plan): Float64Array {
  const cells = cellCount(plan.width) * cellCount(plan.height);
  return new Float64Array(wasm.memory.buffer, wasm.sumsAt() >>> 0, SCALES * CHANNELS * MAPS * cells * 2);
}
