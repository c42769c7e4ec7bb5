/**
 * Measures what the search is trained on: the gated score and the bytes of every lossy encoder at the qualities around
 * the usual floors, of whole images, of their samples and of close-ups of what these suspect.
 * `--out FILE` gets them as JSON for `npm run train -- --ladders FILE`.
 */
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Ladder, Look, Rung } from '../metric/train/search/ladder.ts';
import type { Effort, LossyEncoder } from '../src/engine/codecs/codec.ts';
import { CODECS } from '../src/engine/codecs/codecs.ts';
import { DEFAULT_LIMITS, type PixelFormat, type Pixels } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { createJudge, type Judge } from '../src/engine/judge.ts';
import { cutOut, type Sample, suspectsOf, takeSample } from '../src/engine/sample.ts';
import { worstOf } from '../src/engine/scout.ts';
import { type CorpusFile, flag, readCorpus } from './corpus.ts';

const FORMATS: PixelFormat[] = ['jpeg', 'webp', 'avif'];
/** Every image is measured at these qualities, */
const LANDMARKS = [10, 25, 40, 50, 60, 68, 75, 80, 86, 90, 92, 96, 98, 100];
/** and at all whose score lies in this range. */
const RANGE = { from: 78, to: 92 };
/** A picture of more pixels is measured in parts of this size, too. */
const LARGE = 1_000_000;
const DETAIL = { width: 640, height: 480 };
/** The score of a sample that is taken to say which places are suspect. */
const SUSPECTING = 86;

export async function run(args: string[]): Promise<void> {
  const out = flag(args, '--out');
  if (!out) throw new Error('name the file to write with --out FILE');
  const files = await readCorpus(flag(args, '--files') ?? '{cid22,clic}/*.png', flag(args, '--corpus'));
  const views = (await Promise.all(files.map(viewsOf))).flat();
  const ladders: Ladder[] = [];
  for (const [at, { name, bytes }] of views.entries()) {
    ladders.push(...(await measure(name, bytes)));
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
  const whole = asPart({ pixels, share: 1 });
  const sample = takeSample(pixels);
  const sampled = sample && asPart(sample);
  const ladders: Ladder[] = [];
  for (const format of FORMATS) {
    for (const encoder of trained(format)) {
      const suspects = sampled ? await suspectsFor(encoder, pixels, sampled) : [];
      const rungs = await climb(encoder, async (quality): Promise<Rung> => {
        const { data, judgement } = await look(whole, encoder, quality, 'search');
        return {
          quality,
          score: round(gatedScore(judgement)),
          bytes: data.length,
          sample: sampled && (await lookAtSample(sampled, encoder, quality)),
          suspects: suspects.length > 0 ? await lookAtSuspects(suspects, encoder, quality) : null,
        };
      });
      for (const { judge } of suspects) judge.release();
      ladders.push({
        image,
        pixels: pixels.width * pixels.height,
        encoder: `${format} ${encoder.variant}`,
        rungs,
      });
    }
  }
  whole.judge.release();
  sampled?.judge.release();
  return ladders;
}

/** Those whose scores at one quality say something of others. */
function trained(format: PixelFormat): LossyEncoder[] {
  const { lossy, variants } = CODECS[format];
  return [lossy, ...variants].filter(({ bisects }) => !bisects);
}

/** A part of the image, or all of it, ready to be encoded and judged. */
interface Part extends Sample {
  judge: Judge;
}

function asPart(sample: Sample): Part {
  return { ...sample, judge: createJudge(sample.pixels, DEFAULT_LIMITS) };
}

async function look(part: Part, encoder: LossyEncoder, quality: number, effort: Effort) {
  const data = await encoder.encode(part.pixels, quality, effort);
  return { data, judgement: await part.judge.judge(data) };
}

async function lookAtSample(part: Part, encoder: LossyEncoder, quality: number): Promise<Look> {
  const { data, judgement } = await look(part, encoder, quality, 'glimpse');
  return { score: round(judgement.score), bytes: Math.round(data.length / part.share) };
}

/** As at each quality of a search, once the sample is about as good as it will have to be. */
async function suspectsFor(encoder: LossyEncoder, pixels: Pixels, sample: Part): Promise<Part[]> {
  const { min, max } = encoder.qualities;
  for (const quality of LANDMARKS.filter((each) => each >= min && each <= max)) {
    const { score, cells } = await sample.judge.survey(
      await encoder.encode(sample.pixels, quality, 'glimpse'),
    );
    if (score < SUSPECTING) continue;
    return suspectsOf(pixels, sample.pixels, cells).map((place) => asPart(cutOut(pixels, place)));
  }
  return [];
}

async function lookAtSuspects(suspects: Part[], encoder: LossyEncoder, quality: number): Promise<Look> {
  const looks: Look[] = [];
  for (const part of suspects) {
    const { data, judgement } = await look(part, encoder, quality, 'glimpse');
    looks.push({ score: gatedScore(judgement), bytes: data.length / part.share });
  }
  const { score, bytes } = worstOf(looks);
  return { score: round(score), bytes: Math.round(bytes) };
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
