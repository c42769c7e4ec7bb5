/**
 * Writes GIF animations: each frame is the smallest rectangle that changes; what does not change may stay transparent,
 * pixel by pixel as it packs best. Exact, the rectangle that the source draws is tried, too. Lossy, colours may change a
 * little where that makes for longer strings.
 */
import type { Patch } from '../codecs/animation.ts';
import { readStoredPatch } from '../codecs/gif/animation.ts';
import { readGifBlocks } from '../codecs/gif/blocks.ts';
import { GIF_ENCODER, hasBinaryAlpha } from '../codecs/gif/gif.ts';
import { type Choice, chooseIndices, type LzwTask } from '../codecs/gif/lzw-choose.ts';
import { estimateBytes, packIndices } from '../codecs/gif/lzw-pack.ts';
import { choosePalettes, codeSizeFor, type IndexedPalette, indexBits } from '../codecs/gif/palettes.ts';
import { taskFor, writeGif, writeImage } from '../codecs/gif/write.ts';
import { type Cut, coarsen, cutAsStored, cutOut, rectangleOf, type Shape, withoutHalves } from './gif-cut.ts';
import type { Coded, Recorder, Take } from './recorder.ts';

/** How far a colour may be off, in steps of 1/255 of RGB, for each point of quality below 100. */
const RADIUS_A_POINT = 0.5;
/** A try that takes so much more than the least by estimate may yet turn out smallest. */
const CLOSE = 1.01;
const MOST_PACKED = 2;
const DISPOSALS = { keep: 1, clear: 2, restore: 3 };

/** One way to write a frame. */
interface Try {
  cut: Cut;
  palette: IndexedPalette;
  choice: Choice;
  /** By estimate: to pack it well takes long. */
  bytes: number;
}

/**
 * @param screen the palette for all frames that need no other.
 * @param stored the GIF whose frames these are, untouched; else null.
 */
export function recordGif(
  shape: Shape,
  screen: IndexedPalette,
  xmp: Uint8Array | null,
  stored: Uint8Array | null,
): Recorder {
  const storedImages = stored ? readGifBlocks(stored).images : [];
  const images: Uint8Array[] = [];
  let bytes = 0;

  async function code(
    take: Take,
    quality: number | null,
    afresh: boolean,
    lessThan = Number.POSITIVE_INFINITY,
  ): Promise<Coded | null> {
    const tries = await triesFor(take, quality, afresh);
    const least = tries.reduce((a, b) => Math.min(a, b.bytes), Number.POSITIVE_INFINITY);
    if (tries.length === 0 || least > lessThan * CLOSE) return null;
    const likely = promising(tries);
    // Of tries that look the same, but are left in other ways, one must be chosen at once.
    const smallest = quality === null ? packSmallest(likely, take) : null;
    const [first] = likely;
    return {
      bytes: smallest?.image.length ?? first!.bytes,
      patch: patchFor(smallest?.made ?? first!, take),
      keep() {
        const { image } = smallest ?? packSmallest([first!], take);
        images.push(image);
        bytes += image.length;
      },
    };
  }

  async function triesFor(take: Take, quality: number | null, afresh: boolean): Promise<Try[]> {
    const cuts = quality === null ? exactCuts(take, afresh) : [await tolerantCut(take, quality, afresh)];
    const radius = radiusAt(quality);
    return cuts.flatMap((cut) =>
      choosePalettes(cut, screen).flatMap((palette) =>
        choicesFor(cut, taskFor(cut, palette, radius)).map((choice) => ({
          ...{ cut, palette, choice },
          bytes: estimate(palette, choice, screen),
        })),
      ),
    );
  }

  function exactCuts(take: Take, afresh: boolean): Cut[] {
    if (!hasBinaryAlpha({ ...shape, data: take.frame, channels: 4 })) return [];
    const image = storedImages[images.length];
    const asStored = image ? cutAsStored(readStoredPatch(stored!, image), take, shape) : null;
    return [cutOut(take, shape, 0, afresh), ...(asStored ? [asStored] : [])];
  }

  async function tolerantCut(take: Take, quality: number, afresh: boolean): Promise<Cut> {
    const cut = cutOut(withoutHalves(take, shape), shape, radiusAt(quality) ** 2, afresh);
    return choosePalettes(cut, screen).length > 0 ? cut : coarsen(cut);
  }

  function packSmallest(tries: Try[], { delay }: Take): { made: Try; image: Uint8Array } {
    return tries
      .map((made) => ({ made, image: write(made, delay) }))
      .reduce((a, b) => (b.image.length < a.image.length ? b : a));
  }

  function write({ cut, palette, choice }: Try, delay: Patch['delay']): Uint8Array {
    const { transparent, colours } = palette;
    const { indices, clears } = choice;
    return writeImage({
      ...rectangleOf(cut),
      palette: palette === screen ? null : colours,
      transparent: indices.includes(transparent) ? transparent : -1,
      disposal: DISPOSALS[cut.dispose],
      delay,
      lzw: packIndices(indices, codeSizeFor(palette), clears),
    });
  }

  return {
    encoder: GIF_ENCODER,
    lossy: true,
    rivalsItself: false,
    code,
    bytes: () => bytes,
    finish: () => writeGif(shape, screen.colours.length > 0 ? screen.colours : null, images, xmp),
  };
}

/** Those that are likely to be smallest when they are packed well, the likeliest first. */
function promising(tries: Try[]): Try[] {
  const sorted = tries.toSorted((a, b) => a.bytes - b.bytes);
  return sorted.filter(({ bytes }) => bytes <= sorted[0]!.bytes * CLOSE).slice(0, MOST_PACKED);
}

function estimate(palette: IndexedPalette, { indices, clears }: Choice, screen: IndexedPalette): number {
  const table = palette === screen ? 0 : 3 << indexBits(palette.colours.length / 3);
  return table + estimateBytes(indices, codeSizeFor(palette), clears);
}

function radiusAt(quality: number | null): number {
  return quality === null ? 0 : (100 - quality) * RADIUS_A_POINT;
}

/** Ways to write a cut: exact, also all that may be transparent so, and as little of it as can be. */
function choicesFor({ free, clears }: Cut, task: LzwTask): Choice[] {
  const { wanted, transparent, near } = task;
  if (near) return [chooseIndices(task, 'patient')];
  const full = Uint8Array.from(wanted, (index) => (index < 0 ? transparent : index));
  if (clears || !free.includes(1)) return [{ indices: full, clears: clears ?? [] }];
  const sparse = full.map((index, at) => (free[at] ? transparent : index));
  return [chooseIndices(task, 'eager'), { indices: full, clears: [] }, { indices: sparse, clears: [] }];
}

function patchFor({ cut, palette, choice }: Try, { delay }: Take): Patch {
  const data = paint(choice.indices, palette);
  return { ...rectangleOf(cut), data, blend: 'over', dispose: cut.dispose, delay };
}

function paint(indices: Uint8Array, { colours, transparent }: IndexedPalette): Uint8Array {
  const data = new Uint8Array(indices.length * 4);
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at]!;
    if (index === transparent) continue;
    data.set(colours.subarray(index * 3, index * 3 + 3), at * 4);
    data[at * 4 + 3] = 255;
  }
  return data;
}
