/**
 * What the metrics cost on one core: megapixels a second with a cached reference and for preparing one, how that
 * changes with size, memory, growth over many calls, and how far the golden scores are met. Time is the thread's own
 * on the CPU, page faults included, so that other programs on the machine hardly count.
 */
import { openPixels } from '../src/engine/codecs/sharp.ts';
import { DEFAULT_LIMITS, type Pixels } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { giveEye, takeEye } from '../src/engine/metric/eye.ts';
import { iwssimLevels, iwssimOf, prepareIwssim } from '../src/engine/metric/iwssim.ts';
import { lumaEyes } from '../src/engine/metric/luma-eye.ts';
import { planFor } from '../src/engine/metric/plan.ts';
import { prepareReference } from '../src/engine/metric/ssimulacra2.ts';
import { tintOf } from '../src/engine/metric/tint.ts';
import { tintEyes } from '../src/engine/metric/tint-eye.ts';
import { photo } from '../test/images/pixels.ts';
import { readGoldenPairs, worstDifference } from '../test/metric/golden.ts';
import { banded, scene } from '../test/metric/scenes.ts';
import { flag } from './corpus.ts';
import { type Cell, printTable, quantile } from './table.ts';

const SMALL_CALLS = 1000;

/** A metric as it is used: a reference prepared once, candidates compared with it. */
interface Metric {
  name: string;
  prepare(reference: Pixels): { compare(candidate: Pixels): void; release(): void };
  /** Memory of the instances that hold a reference and have judged a candidate. */
  memoryBytes(reference: Pixels): number;
}

const ssimulacra2: Metric = {
  name: 'SSIMULACRA 2.1',
  prepare: prepareReference,
  memoryBytes(reference) {
    const eye = takeEye();
    eye.look(reference, 51, planFor(reference.width, reference.height));
    eye.sumErrors(reference, 51);
    return eye.sizeBytes();
  },
};

const iwssim: Metric = {
  name: 'IW-SSIM',
  prepare: prepareIwssim,
  memoryBytes(reference) {
    const eye = lumaEyes.take();
    eye.look(reference, 51, iwssimLevels(reference.width, reference.height));
    eye.losses(reference, 51);
    return eye.sizeBytes();
  },
};

const both: Metric = {
  name: 'both',
  prepare(reference) {
    const held = [ssimulacra2.prepare(reference), iwssim.prepare(reference)];
    return {
      compare: (candidate) => held.forEach((each) => void each.compare(candidate)),
      release: () => held.forEach((each) => void each.release()),
    };
  },
  memoryBytes: (reference) => ssimulacra2.memoryBytes(reference) + iwssim.memoryBytes(reference),
};

/** Pairs judged for the first time: what a search ends with. */
const pair: Metric = {
  name: 'both, once',
  prepare: (reference) => ({
    compare(candidate) {
      judgeOnce(reference, candidate);
      iwssimOf(reference, candidate);
    },
    release() {},
  }),
  memoryBytes: both.memoryBytes,
};

/** What is looked at beside both, of the bytes that should ship. */
const tint: Metric = {
  name: 'casts and dots',
  prepare: (reference) => ({ compare: (candidate) => void tintOf(reference, candidate), release() {} }),
  memoryBytes: ({ width }) => {
    const eye = tintEyes.take();
    eye.open(width, 32);
    return eye.sizeBytes();
  },
};

/** @param args `--runs N`: runs per size, 15 by default. */
export async function run(args: string[]): Promise<void> {
  const runs = Number(flag(args, '--runs') ?? 15);
  const tile = photo(1024, 1024);
  const sizes = [tile, tiled(tile, 4000, 3000)];
  const figures: Figures[] = [];
  for (const pixels of sizes) {
    const candidate = await asJpeg(pixels);
    for (const metric of [ssimulacra2, iwssim, both, pair, tint])
      figures.push(measure(metric, pixels, candidate, runs));
  }
  console.log(`MP/s on one core by CPU time, median and best of ${runs} runs`);
  printTable(
    ['metric', 'size', 'cached, median', 'best', 'prepare, median', 'best', 'bytes/pixel'],
    figures.map(row),
  );
  for (const { name } of [both, pair]) console.log(growthWithSize(name, figures));
  console.log(growth());
  console.log(await goldenDifference());
}

/** What the metrics have to do with most: a JPEG with colour of half the resolution. */
async function asJpeg(pixels: Pixels): Promise<Pixels> {
  const file = await openPixels(pixels).jpeg({ quality: 80, chromaSubsampling: '4:2:0' }).toBuffer();
  return decode(file, DEFAULT_LIMITS);
}

/** Repeats an image to the right and below. */
function tiled(tile: Pixels, width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = (y % tile.height) * tile.width * 3;
    for (let x = 0; x < width; x += tile.width) {
      const count = Math.min(tile.width, width - x) * 3;
      data.set(tile.data.subarray(from, from + count), (y * width + x) * 3);
    }
  }
  return { data, width, height, channels: 3 };
}

/** Of one metric on one size: MP/s of every run, and what the memory comes to. */
interface Figures {
  name: string;
  size: string;
  compared: number[];
  prepared: number[];
  bytesPerPixel: number;
}

function measure(metric: Metric, reference: Pixels, candidate: Pixels, runs: number): Figures {
  const { width, height } = reference;
  const prepared: number[] = [];
  const compared: number[] = [];
  for (let round = 0; round < runs; round++) {
    const start = cpuMs();
    const held = metric.prepare(reference);
    const ready = cpuMs();
    held.compare(candidate);
    compared.push((width * height) / (cpuMs() - ready) / 1000);
    prepared.push((width * height) / (ready - start) / 1000);
    held.release();
  }
  const bytesPerPixel = metric.memoryBytes(reference) / (width * height);
  return { name: metric.name, size: `${width} x ${height}`, compared, prepared, bytesPerPixel };
}

/** What this thread has used of its core, user and system. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function row({ name, size, compared, prepared, bytesPerPixel }: Figures): Cell[] {
  const isOnce = name === pair.name || name === tint.name;
  const rates = (isOnce ? [compared] : [compared, prepared]).flatMap((all) => [
    quantile(all, 0.5).toFixed(1),
    Math.max(...all).toFixed(1),
  ]);
  const memory = isOnce
    ? ['', '', name === pair.name ? '' : bytesPerPixel.toFixed(1)]
    : [bytesPerPixel.toFixed(1)];
  return [name, size, ...rates, ...memory];
}

/** How much more a megapixel of the largest size costs than one of the smallest. */
function growthWithSize(name: string, figures: Figures[]): string {
  const [small, large] = figures.filter((each) => each.name === name);
  const [from, to] = [quantile(small!.compared, 0.5), quantile(large!.compared, 0.5)];
  const change = (100 * (from / to - 1)).toFixed(1);
  return `${name}: a megapixel at ${large!.size} costs ${change} % more than at ${small!.size}`;
}

/** Memory that the process and the instance have after many small jobs more than before them. */
function growth(): string {
  const pixels = scene(120, 120);
  const candidate = banded(pixels, 8);
  for (let call = 0; call < 100; call++) judgeOnce(pixels, candidate);
  const [resident, wasm] = [process.memoryUsage.rss(), idleBytes()];
  for (let call = 0; call < SMALL_CALLS; call++) judgeOnce(pixels, candidate);
  const kib = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;
  const change = `wasm ${kib(idleBytes() - wasm)}, resident ${kib(process.memoryUsage.rss() - resident)}`;
  return `growth over ${SMALL_CALLS} references and comparisons: ${change}`;
}

function judgeOnce(reference: Pixels, candidate: Pixels): number {
  const prepared = prepareReference(reference);
  const { score } = prepared.compare(candidate);
  prepared.release();
  return score;
}

/** Size of the instance that the next small reference will be given. */
function idleBytes(): number {
  const eye = takeEye();
  giveEye(eye);
  return eye.sizeBytes();
}

async function goldenDifference(): Promise<string> {
  const pairs = readGoldenPairs();
  if (pairs === null) return 'golden scores: left out, there are none beside the project';
  const score = await worstDifference(pairs, judgeOnce);
  const value = await worstDifference(pairs, iwssimOf, (pair) => pair.iwssim);
  return [
    `golden scores: worst difference over ${pairs.length} pairs`,
    `SSIMULACRA 2.1 ${score.difference.toFixed(5)} (${score.id})`,
    `IW-SSIM ${value.difference.toFixed(7)} (${value.id})`,
  ].join(', ');
}
