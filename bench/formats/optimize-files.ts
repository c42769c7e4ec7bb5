/**
 * One fidelity of one format in a process of its own, so that its CPU time and peak memory are its own: files in,
 * results out over IPC.
 */
import type { OptimizeOptions, Outcome } from '../../src/engine/contract.ts';
import { optimize } from '../../src/engine/optimize.ts';

export interface Order {
  files: Uint8Array[];
  options: OptimizeOptions;
}

export interface Made {
  outcomes: Outcome[];
  cpuSeconds: number;
  peakBytes: number;
}

process.once('message', async ({ files, options }: Order) => {
  const before = process.cpuUsage();
  const outcomes: Outcome[] = [];
  for (const file of files) outcomes.push(await optimize(file, options));
  const { user, system } = process.cpuUsage(before);
  // Kilobytes, on Linux and macOS alike (libuv).
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const made = { outcomes, cpuSeconds: (user + system) / 1e6, peakBytes } satisfies Made;
  process.send?.(made, () => process.disconnect());
});
