/**
 * The smallest PNG at a floor, beside the smallest that pngquant makes of the same image: with as few colours as still
 * reach the floor, dithered and not, packed by oxipng as ours are. Needs `pngquant`.
 */
import { spawnSync } from 'node:child_process';
import { encodePngSamples } from '../src/engine/codecs/png/carrier.ts';
import { packPng } from '../src/engine/codecs/png/transcode.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type Pixels } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { createJudge, type Judge } from '../src/engine/judge.ts';
import { optimize } from '../src/engine/optimize.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';
import { type Cell, printMarkdown, printTable } from './table.ts';

const HEAD = ['image', 'floor', 'pngquant', 'keeneye', 'difference', 'by'];
const GRAPHICS =
  '{mixed/png/{candle,firetruck,indycar,screen*,splash}.png,cid22/{1454613116,1536017106,Beam*,Stock*,newplot*}.png}';
const FLOORS = [75, 85];
const COLOURS = [256, 224, 192, 160, 128, 112, 96, 80, 64, 56, 48, 40, 32, 24, 16, 12, 8];

export async function run(args: string[]): Promise<void> {
  const files = await readCorpus(flag(args, '--files') ?? GRAPHICS, flag(args, '--corpus'));
  const rows: Cell[][] = [];
  for (const file of files) {
    const pixels = await decode(file.bytes, DEFAULT_LIMITS);
    const judge = createJudge(pixels, DEFAULT_LIMITS);
    for (const floor of FLOORS) rows.push(await compareAt(floor, file, pixels, judge));
    judge.release();
  }
  (args.includes('--markdown') ? printMarkdown : printTable)(HEAD, rows);
}

async function compareAt(floor: number, { name, bytes }: CorpusFile, pixels: Pixels, judge: Judge) {
  const rival = await smallestOfPngquant(floor, pixels, judge);
  const options = { ...DEFAULT_OPTIONS, floor, targets: ['png' as const] };
  const outcome = await optimize(bytes, options);
  const [ours] = outcome.status === 'done' ? outcome.outputs : [];
  const difference = ours && rival ? `${((ours.data.length / rival - 1) * 100).toFixed(1)} %` : '';
  return [name, floor, rival ?? 'none', ours?.data.length ?? 'none', difference, ours?.encoder ?? ''];
}

/** Null where not even 256 colours reach the floor. */
async function smallestOfPngquant(floor: number, pixels: Pixels, judge: Judge): Promise<number | null> {
  const { data, width, height, channels } = pixels;
  const plain = await encodePngSamples(data, width, height, channels);
  let least: number | null = null;
  for (const dithering of [[], ['--nofs']]) {
    for (const colours of COLOURS) {
      const command = [...dithering, '--speed', '1', '--strip', `${colours}`, '-'];
      const { stdout, status } = spawnSync('pngquant', command, { input: plain, maxBuffer: 2 ** 28 });
      if (status !== 0) throw new Error(`pngquant ended with ${status}`);
      const packed = await packPng(stdout, null);
      if (gatedScore(await judge.judge(packed)) < floor) break;
      least = Math.min(least ?? packed.length, packed.length);
    }
  }
  return least;
}
