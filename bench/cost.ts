/**
 * What proof costs: CPU time of a whole verified encode (decoding, sample, search, judging, visibility, final packing)
 * against one blind encode by sharp at the very quality that was found, on the same core in the same run, in a process
 * that collects garbage as an engine process does.
 */
import { setFlagsFromString } from 'node:v8';
import sharp from 'sharp';
import { ENGINE_FLAGS } from '../src/engine/child-process.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type Output, type PixelFormat } from '../src/engine/contract.ts';
import { optimize } from '../src/engine/optimize.ts';
import { flag, readCorpus } from './corpus.ts';
import { mean, printTable } from './table.ts';

const FORMATS: PixelFormat[] = ['jpeg', 'webp', 'avif'];

/** Blind encodes: with the settings that the search uses; of JPEG also with those that sharp's users know. */
const BLIND: Record<string, (file: Uint8Array, output: Output) => Promise<Buffer>> = {
  'jpeg, same settings': (file, { quality, encoder }) =>
    sharp(file)
      .jpeg({
        mozjpeg: true,
        quantisationTable: 2,
        trellisQuantisation: false,
        quality: quality!,
        chromaSubsampling: encoder.endsWith('4:4:4') ? '4:4:4' : '4:2:0',
      })
      .toBuffer(),
  'jpeg, mozjpeg: true': (file, { quality }) =>
    sharp(file).jpeg({ mozjpeg: true, quality: quality! }).toBuffer(),
  webp: (file, { quality }) =>
    sharp(file).webp({ quality: quality!, effort: 4, smartSubsample: true }).toBuffer(),
  avif: (file, { quality }) =>
    sharp(file).avif({ quality: quality!, effort: 2, chromaSubsampling: '4:4:4', bitdepth: 10 }).toBuffer(),
};

interface Cost {
  verifiedMs: number;
  blindMs: Map<string, number>;
  evaluations: number;
}

export async function run(args: string[]): Promise<void> {
  for (const each of ENGINE_FLAGS) setFlagsFromString(each);
  const pattern = flag(args, '--files') ?? 'kodak/*.png';
  const floor = Number(flag(args, '--floor') ?? DEFAULT_OPTIONS.floor);
  const files = await readCorpus(pattern, flag(args, '--corpus'));
  const costs = new Map<PixelFormat, Cost[]>(FORMATS.map((format) => [format, []]));
  for (const format of FORMATS) await costOf(files[0]!.bytes, format, floor);
  for (const { bytes } of files) {
    for (const format of FORMATS) {
      const cost = await costOf(bytes, format, floor);
      if (cost) costs.get(format)!.push(cost);
    }
  }
  console.log(`${files.length} images of ${pattern}, floor ${floor}, CPU time on one core`);
  printTable(
    ['blind encode', 'images', 'evaluations', 'verified (ms)', 'blind (ms)', 'ratio'],
    FORMATS.flatMap((format) => rows(costs.get(format)!)),
  );
}

/** Null where no lossy encode won whose quality a blind one could have. */
async function costOf(file: Uint8Array, format: PixelFormat, floor: number): Promise<Cost | null> {
  const options = { ...DEFAULT_OPTIONS, floor, targets: [format], limits: DEFAULT_LIMITS };
  const [outcome, verifiedMs] = await timed(() => optimize(file, options));
  const output = outcome.status === 'done' ? outcome.outputs[0] : undefined;
  if (!output || output.quality === null || output.encoder.endsWith('near-lossless')) return null;
  const blindMs = new Map<string, number>();
  for (const [name, encode] of Object.entries(BLIND).filter(([each]) => each.startsWith(format))) {
    const [, ms] = await timed(() => encode(file, output));
    blindMs.set(name, ms);
  }
  return { verifiedMs, blindMs, evaluations: output.evaluations };
}

/** Of all threads of this process. */
async function timed<Result>(work: () => Promise<Result>): Promise<[Result, cpuMs: number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
}

function rows(costs: Cost[]): (string | number)[][] {
  const verified = mean(costs.map(({ verifiedMs }) => verifiedMs));
  const evaluations = mean(costs.map((cost) => cost.evaluations));
  return [...costs[0]!.blindMs.keys()].map((name) => {
    const blind = mean(costs.map(({ blindMs }) => blindMs.get(name)!));
    return [
      name,
      costs.length,
      evaluations.toFixed(2),
      verified.toFixed(0),
      blind.toFixed(0),
      (verified / blind).toFixed(2),
    ];
  });
}
