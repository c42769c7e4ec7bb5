/**
 * A cheap look ahead: what an encoder makes of a part of the image, turned into what it would make of the whole by what
 * was learned of samples (`learned.ts`). It guides the search and the choice among encoders; nothing is ever
 * accepted by it.
 */
import type { Effort, LossyEncoder } from './codecs/codec.ts';
import type { Embedded } from './codecs/header.ts';
import { openPixels } from './codecs/sharp.ts';
import type { Limits, PixelFormat, Pixels, Tile } from './contract.ts';
import type { Sighting } from './forecast.ts';
import { gatedScore } from './gate.ts';
import { createJudge, type Judge } from './judge.ts';
import { fromSample, learnedOf } from './learned.ts';
import type { Presentation } from './presentation.ts';
import { canCloseUp, closeUp, cutOut, type Sample, suspectsOf, takeSample } from './sample.ts';

/** What a scout needs of the image: as encoders get it, and as viewers see it. */
interface Scene {
  pixels: Pixels;
  reference: Pixels;
  embedded: Embedded;
  limits: Limits;
  presentation?: Presentation;
}

/** What there is to see at a quality. */
export type Glimpse = (quality: number) => Promise<Sighting>;

export interface Scout {
  /** Looks at the whole through a sample; undefined of small images, and of encoders of which nothing was learned. */
  glimpse(format: PixelFormat, encoder: LossyEncoder): Glimpse | undefined;
  /** Looks at what looked worst in the sample at a quality that was glimpsed at; undefined where that is much of the image. */
  suspects(format: PixelFormat, encoder: LossyEncoder, glimpsed: number): Glimpse | undefined;
  /** Looks at the tile that decides; undefined where that is much of the image. */
  closeUp(format: PixelFormat, encoder: LossyEncoder, tile: Tile): Glimpse | undefined;
  /** About as many bytes as the image takes without loss; null of small images. */
  losslessBytes(): Promise<number | null>;
  /** Frees the metric's side of all that was looked at. */
  release(): void;
}

/** Part of the image, ready to be encoded and judged. */
interface Part extends Sample {
  judge: Judge;
}

/** Parts are taken when they are first looked at: lossless work needs none. */
export function createScout({ pixels, reference, embedded, limits, presentation }: Scene): Scout {
  const parts = new Map<string, Part | null>();
  const seen = new Map<string, Promise<Sighting>>();
  const surveys = new Map<string, Tile[]>();
  const size = pixels.width * pixels.height;
  let lossless: Promise<number | null> | null = null;
  function partOf(name: string, take: (from: Pixels) => Sample | null): Part | null {
    const known = parts.get(name);
    if (known !== undefined) return known;
    const written = take(pixels);
    const shown = pixels === reference ? written : take(reference);
    const part = written && shown && { ...written, judge: createJudge(shown.pixels, limits, presentation) };
    parts.set(name, part);
    return part;
  }
  function once(key: string, look: Glimpse): Glimpse {
    return (quality) => {
      const sighting = seen.get(`${key} ${quality}`) ?? look(quality);
      seen.set(`${key} ${quality}`, sighting);
      return sighting;
    };
  }
  async function lookAt(
    part: Part,
    encoder: LossyEncoder,
    quality: number,
    effort: Effort,
  ): Promise<Sighting> {
    const data = await encoder.encode(part.pixels, quality, effort, embedded);
    const score = gatedScore(await part.judge.judge(data));
    return { quality, score, bytes: data.length / part.share };
  }
  return {
    glimpse(format, encoder) {
      const { sample: learned } = learnedOf(format, encoder);
      const part = learned && partOf('sample', takeSample);
      if (!part) return undefined;
      const name = `${format} ${encoder.variant}`;
      return once(name, async (quality) => {
        const data = await encoder.encode(part.pixels, quality, 'glimpse', embedded);
        const { score, cells } = await part.judge.survey(data);
        surveys.set(`${name} ${quality}`, cells);
        return { quality, ...fromSample(learned, size, score, data.length / part.share) };
      });
    },
    suspects(format, encoder, glimpsed) {
      if (!encoder.hurries && canCloseUp(pixels)) return undefined;
      const { suspects: learned } = learnedOf(format, encoder);
      const cells = surveys.get(`${format} ${encoder.variant} ${glimpsed}`);
      const sample = parts.get('sample');
      if (!learned || !cells || !sample) return undefined;
      const places = suspectsOf(pixels, sample.pixels, cells);
      if (places.length === 0) return undefined;
      const name = places.map(({ x, y }) => `${x} ${y}`).join(', ');
      return once(`${format} ${encoder.variant} ${name}`, async (quality) => {
        const looks: Sighting[] = [];
        for (const place of places) {
          const part = partOf(`${place.x} ${place.y}`, (from) => cutOut(from, place))!;
          looks.push(await lookAt(part, encoder, quality, 'glimpse'));
        }
        const { score, bytes } = worstOf(looks);
        return { quality, ...fromSample(learned, size, score, bytes) };
      });
    },
    closeUp(format, encoder, tile) {
      const place = `tile ${tile.x} ${tile.y}`;
      const part = partOf(place, (from) => closeUp(from, tile));
      if (!part) return undefined;
      return once(`${format} ${encoder.variant} ${place}`, (quality) =>
        lookAt(part, encoder, quality, 'search'),
      );
    },
    losslessBytes() {
      const part = partOf('sample', takeSample);
      lossless ??= part ? bytesWithoutLoss(part) : Promise.resolve(null);
      return lossless;
    },
    release() {
      for (const part of parts.values()) part?.judge.release();
    },
  };
}

type Look = Pick<Sighting, 'score' | 'bytes'>;

/** What close-ups of several places say together: the lowest score, and the mean of the bytes. */
export function worstOf(looks: Look[]): Look {
  const bytes = looks.reduce((sum, look) => sum + look.bytes, 0) / looks.length;
  return { score: Math.min(...looks.map(({ score }) => score)), bytes };
}

/** By the fastest of the good lossless encoders. */
async function bytesWithoutLoss({ pixels, share }: Sample): Promise<number> {
  const file = await openPixels(pixels).webp({ lossless: true, effort: 0 }).toBuffer();
  return file.length / share;
}
