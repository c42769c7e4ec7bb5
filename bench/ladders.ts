/**
 * Measures what the search is trained on: for photographs, and for JPEG copies of half of them, the gated score and the
 * bytes of every lossy encoder at the qualities around the usual floors, of the whole image and of its sample.
 * `--out FILE` gets them as JSON for `npm run train -- --ladders FILE`.
 */
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Ladder, Rung } from '../metric/train/search/ladder.ts';
import type { LossyEncoder } from '../src/engine/codecs/codec.ts';
import { CODECS } from '../src/engine/codecs/codecs.ts';
import { DEFAULT_LIMITS, type PixelFormat } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { createJudge } from '../src/engine/judge.ts';
import { takeSample } from '../src/engine/sample.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';

const FORMATS: PixelFormat[] = ['jpeg', 'webp', 'avif'];
/** Every image is measured at these qualities, */
const LANDMARKS = [10, 25, 40, 50, 60, 68, 75, 80, 86, 90, 92, 96, 98, 100];
/** and at all whose score lies in this range. */
const RANGE = { from: 78, to: 92 };
/** A picture of more pixels is measured in parts of this size, too. */
const LARGE = 1_000_000;
const DETAIL = { width: 640, height: 480 };
/** Qualities of the JPEG copies, in turn. */
const COPIES = [60, 70, 75, 80, 85, 90, 92, 95];

export async function run(args: string[]): Promise<void> {
  const out = flag(args, '--out');
  if (!out) throw new Error('name the file to write with --out FILE');
  const files = await readCorpus(flag(args, '--files') ?? '{cid22,clic}/*.png', flag(args, '--corpus'));
  const views = (await Promise.all(files.map(viewsOf))).flat();
  const ladders: Ladder[] = [];
  for (const [at, { name, bytes }] of views.entries()) {
    ladders.push(...(await measure(name, bytes)));
    if (at % 2 === 1) {
      const quality = COPIES[((at - 1) / 2) % COPIES.length]!;
      ladders.push(
        ...(await measure(`${name} as JPEG ${quality}`, await sharp(bytes).jpeg({ quality }).toBuffer())),
      );
    }
    writeFileSync(out, `[\n${ladders.map((ladder) => JSON.stringify(ladder)).join(',\n')}\n]\n`);
    console.log(`${at + 1} of ${views.length} images`);
  }
}

/** A picture as it is; of a large one also two details and the whole at the size of a web page. */
async function viewsOf({ name, bytes }: CorpusFile): Promise<CorpusFile[]> {
  const { width, height } = await sharp(bytes).metadata();
  if (width * height <= LARGE) return [{ name, bytes }];
  const cut = async (x: number, y: number) => {
    const left = Math.min(width - DETAIL.width, Math.floor(width * x));
    const top = Math.min(height - DETAIL.height, Math.floor(height * y));
    return sharp(bytes)
      .extract({ left, top, ...DETAIL })
      .png()
      .toBuffer();
  };
  return [
    { name, bytes },
    { name: `${name} detail 1`, bytes: await cut(0.1, 0.15) },
    { name: `${name} detail 2`, bytes: await cut(0.55, 0.5) },
    { name: `${name} reduced`, bytes: await sharp(bytes).resize(900).png().toBuffer() },
  ];
}

/** One ladder for each encoder. */
async function measure(image: string, bytes: Uint8Array): Promise<Ladder[]> {
  const pixels = await decode(bytes, DEFAULT_LIMITS);
  const judge = createJudge(pixels, DEFAULT_LIMITS);
  const sample = takeSample(pixels);
  const sampleJudge = sample && createJudge(sample.pixels, DEFAULT_LIMITS);
  const ladders: Ladder[] = [];
  for (const format of FORMATS) {
    for (const encoder of [CODECS[format].lossy, ...CODECS[format].variants]) {
      const rungs = await climb(encoder, async (quality): Promise<Rung> => {
        const data = await encoder.encode(pixels, quality, 'search');
        const score = round(gatedScore(await judge.judge(data)));
        if (!sample || !sampleJudge) return { quality, score, bytes: data.length, sample: null };
        const small = await encoder.encode(sample.pixels, quality, 'glimpse');
        const seen = await sampleJudge.judge(small);
        const scaled = { score: round(seen.score), bytes: Math.round(small.length / sample.share) };
        return { quality, score, bytes: data.length, sample: scaled };
      });
      ladders.push({
        image,
        pixels: pixels.width * pixels.height,
        encoder: `${format} ${encoder.variant}`,
        rungs,
      });
    }
  }
  judge.release();
  sampleJudge?.release();
  return ladders;
}

/** To hundredths: the score is not known better. */
function round(score: number): number {
  return Number(score.toFixed(2));
}

/** The landmarks, and whatever lies between those that are next to the range. */
async function climb(
  { qualities: { min, max }, repeats }: LossyEncoder,
  at: (quality: number) => Promise<Rung>,
): Promise<Rung[]> {
  const rungs = new Map<number, Rung>();
  const landmarks = LANDMARKS.filter((quality) => quality >= min && quality <= max);
  for (const quality of landmarks) rungs.set(quality, await at(quality));
  const first = landmarks.findLast((quality) => rungs.get(quality)!.score < RANGE.from) ?? min;
  const last = landmarks.find((quality) => rungs.get(quality)!.score > RANGE.to) ?? max;
  for (let quality = first; quality <= last; quality++) {
    if (!repeats?.has(quality) && !rungs.has(quality)) rungs.set(quality, await at(quality));
  }
  return [...rungs.values()]
    .filter(({ quality }) => !repeats?.has(quality))
    .sort((a, b) => a.quality - b.quality);
}
