/**
 * Instances of the metrics' wasm. WebAssembly memory never shrinks, so each reference has an instance of its own;
 * a few are kept for the next reference, as far as they are small, others are left to the garbage collector.
 */
import { readFileSync } from 'node:fs';

/** The part of WebAssembly that is used: the types of Node leave it to those of browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { exports: unknown };
};

/** Memory that all idle instances of a metric may hold together. */
const IDLE_BYTES = 128 << 20;

let compiled: object | undefined;

/**
 * A new instance with its own memory. The wasm is compiled on the first call.
 * @param errorRow receives one row of the weighted error of SSIMULACRA 2 at a scale.
 */
export function instantiate<Exports>(errorRow: (scale: number, y: number, at: number) => void): Exports {
  compiled ??= new WebAssembly.Module(
    readFileSync(new URL('../../../metric/build/metric.wasm', import.meta.url)),
  );
  return new WebAssembly.Instance(compiled, { eye: { errorRow } }).exports as Exports;
}

/** Hands out instances, used ones first, and takes them back. */
export interface Stock<T> {
  take(): T;
  give(instance: T): void;
}

export function createStock<T extends { sizeBytes(): number }>(create: () => T): Stock<T> {
  const idle: T[] = [];
  return {
    take: () => idle.pop() ?? create(),
    give(instance) {
      const bytes = [...idle, instance].reduce((sum, each) => sum + each.sizeBytes(), 0);
      if (bytes <= IDLE_BYTES) idle.push(instance);
    },
  };
}
