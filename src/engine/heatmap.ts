/**
 * The heat map: where two images (of animations, the frames that look worst; of PDFs, the images) differ, pixel by pixel as
 * the metric sees it, in colours over the dimmed original and with a legend below. What colour stands for what is `heatmap/scale.ts`'s.
 */
import { createFrameJudge } from './animation/frame-judge.ts';
import { openSamples } from './codecs/sharp.ts';
import { type CompareOptions, Decline, type Pixels } from './contract.ts';
import { gatedScore } from './gate.ts';
import { type Canvas, drawLegend, legendLayout } from './heatmap/legend.ts';
import { colourIndex, paint } from './heatmap/scale.ts';
import { prepareReference } from './metric/ssimulacra2.ts';
import { framePairs } from './pair.ts';
import { arePdfs, pixelPairs } from './pdf/compare.ts';

/** How much light the image below the colours keeps. */
const DIMMED = 0.5;
/** Behind the legend, and beside an image that is narrower than it. */
const BACKGROUND = 18;
/** What transparent pixels are shown over. */
const BACKDROP = 128;

/**
 * @returns a PNG. The image is at its full size in the top left corner; below it is the legend, and where the image
 * is narrower than the legend, the rest of the width is empty.
 * @throws Decline when either cannot be decoded, or when their sizes differ or nothing does (`unsupported`).
 */
export async function heatmap(
  reference: Uint8Array,
  candidate: Uint8Array,
  options: CompareOptions,
): Promise<Uint8Array> {
  const [a, b] = await worstPair(reference, candidate, options);
  const layout = legendLayout(a.width, a.height);
  const [width, height] = [Math.max(a.width, layout.width), a.height + layout.height];
  const canvas: Canvas = { data: new Uint8Array(width * height * 3).fill(BACKGROUND), width, height };
  drawErrors(canvas, a, errorsOf(a, b));
  drawLegend(canvas, a.height, layout);
  return openSamples(canvas.data, width, height, 3).png({ compressionLevel: 6 }).toBuffer();
}

/** The pair of frames that looks worst, or of a document's images; of still images the one. */
async function worstPair(...files: Parameters<typeof framePairs>): Promise<[Pixels, Pixels]> {
  const [reference, candidate] = files;
  const pairs = arePdfs(reference, candidate) ? pixelPairs(...files) : framePairs(...files);
  const judge = createFrameJudge(null);
  let worst: { pair: [Pixels, Pixels]; score: number } | null = null;
  for await (const [a, b] of pairs) {
    judge.expect(a);
    const score = gatedScore(judge.judge(b));
    if (!worst || score < worst.score) worst = { pair: [held(a), held(b)], score };
  }
  judge.release();
  if (!worst) throw new Decline('unsupported', 'No image of the PDF differs, so there is nothing to draw.');
  return worst.pair;
}

function held(pixels: Pixels): Pixels {
  return { ...pixels, data: Uint8Array.from(pixels.data) };
}

function errorsOf(a: Pixels, b: Pixels): Float32Array {
  const prepared = prepareReference(a);
  try {
    return prepared.errorMap(b);
  } finally {
    prepared.release();
  }
}

function drawErrors(canvas: Canvas, image: Pixels, errors: Float32Array): void {
  for (let y = 0, at = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++, at++) {
      const colour = paint(colourIndex(errors[at]!), greyAt(image, at));
      canvas.data.set(colour, (y * canvas.width + x) * 3);
    }
  }
}

/** The image without its colours, which would be taken for errors, and dimmed: luma by ITU-R BT.709. */
function greyAt({ data, channels }: Pixels, at: number): number {
  const from = at * channels;
  const luma = 0.2126 * data[from]! + 0.7152 * data[from + 1]! + 0.0722 * data[from + 2]!;
  const alpha = channels === 4 ? data[from + 3]! / 255 : 1;
  return DIMMED * (luma * alpha + BACKDROP * (1 - alpha));
}
