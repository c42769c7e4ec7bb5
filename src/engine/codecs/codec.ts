/**
 * The contract that every codec passes (`contract.test.ts` holds each of `CODECS` to it). A codec turns
 * pixels into bytes; which quality, which format and whether the result may ship is not its business.
 */
import type { EffortLevel, MetadataPolicy, OptimizeOptions, PixelFormat, Pixels } from '../contract.ts';
import type { Source } from '../inspect.ts';
import type { Embedded } from './header.ts';
import type { Turning } from './turning.ts';

/**
 * `final`: as few bytes as possible, for what ships. `search`: its pixels, packed faster, for candidates. `glimpse`:
 * other pixels at nearly the same looks where that is much faster, for samples.
 */
export type Effort = 'glimpse' | 'search' | 'final';

export interface LossyEncoder {
  /** What sets this encoder apart from its codec's others, e.g. `4:2:0`. */
  variant: string;
  /**
   * @param quality a whole number within `qualities`; a higher one never looks worse on the whole.
   * @param embedded metadata to carry; pixels are taken to be in its colour profile, else in sRGB.
   * @throws Error when the pixels have alpha and the codec has none.
   */
  encode(pixels: Pixels, quality: number, effort: Effort, embedded?: Embedded): Promise<Uint8Array>;
  /** The same for jobs of another time limit than the usual, where its effort depends on that. */
  within?(jobTimeMs: number): LossyEncoder;
  qualities: { min: number; max: number };
  /** The quality to judge first, where one is known to decide more than the usual one. */
  start?: number;
  /** Whether its score at one quality says little of that at others: of palettes, a flat drawing's few colours are enough. */
  bisects?: boolean;
  /** Those among them at which it writes the very bytes of the one below. */
  repeats?: ReadonlySet<number>;
  /** Whether `final` finds fewer bytes than `search`; else both are the same. */
  packs: boolean;
  /** Whether `glimpse` is much faster than `search`; else both are the same. */
  hurries: boolean;
  /** Name and version for the report, where they are not the codec's. */
  encoder?: string;
  /** The encoder, as `format variant`, whose learned numbers nearly hold for this one, of which nothing was learned. */
  resembles?: string;
  /** Which share of the bytes without loss its results take, about, where no sample of the image tells. */
  shareOfLossless?: number;
}

/**
 * Writes a source, or the pixels that a transform made of it, without losing anything.
 * @param resized null to keep the source as it is; else pixels to write instead (upright, in the profile that
 *   the metadata policy leaves embedded: see `decode.ts`).
 * @returns null when this codec cannot do so exactly (JPEG of anything but an untouched JPEG; WebP of 16 bits).
 * @throws Decline('corrupt') when the source does not decode cleanly.
 */
export type LosslessEncoder = (
  source: Source,
  resized: Pixels | null,
  metadata: MetadataPolicy,
  effort?: EffortLevel,
) => Promise<Uint8Array | null>;

/**
 * Turns a source of the codec's own format as it is coded.
 * @returns null when this codec cannot do so exactly.
 */
export type LosslessTurner = (
  source: Source,
  turning: Turning,
  metadata: MetadataPolicy,
  effort: EffortLevel,
) => Promise<Uint8Array | null>;

/** What goes behind a result of a source that has gain maps. */
export interface GainMaps {
  /** About how many bytes they add. */
  bytes: number;
  attach(result: Uint8Array): Uint8Array;
}

export interface Codec {
  format: PixelFormat;
  /** Name and version of the lossy encoder, for the report. */
  encoder: string;
  /** Name and version of the lossless encoder, for the report; null when there is none. */
  losslessEncoder: string | null;
  /** What takes its place at other efforts than `usual`. */
  losslessEncoders?: Partial<Record<EffortLevel, string>>;
  /** Whether the format can hold transparency. */
  alpha: boolean;
  /** Whether pixels are shown in full or not at all; of what is half transparent, encoders show what is nearer. */
  binaryAlpha?: boolean;
  /** Longest side, in pixels, that the encoder writes. */
  maxSide: number;
  /** Most pixels that it writes, where that is less than its sides allow. */
  maxPixels?: number;
  /** The encoder that gives the fewest bytes at equal looks, as a rule. */
  lossy: LossyEncoder;
  /** Encoders that do better than `lossy` on some images, or reach floors that it does not reach. */
  variants: LossyEncoder[];
  /** What takes the place of `lossy` and `variants` at other efforts than `usual`, in that order. */
  efforts?: Partial<Record<EffortLevel, LossyEncoder[]>>;
  lossless: LosslessEncoder | null;
  /** Where results can have a palette: of at most so many colours, 2 to 256, of pixels in sRGB. */
  palette?: (pixels: Pixels, colours: number, embedded: Embedded) => Promise<Uint8Array>;
  /** Where results can keep a source's gain maps; null where these cannot. */
  gainMaps?: (source: Uint8Array, metadata: MetadataPolicy) => Promise<GainMaps | null>;
  /** Where pixels that are turned and encoded again would lose something. */
  turn?: LosslessTurner;
}

/** What a report calls that which wrote a result without loss. */
export function losslessNameOf(
  { encoder, losslessEncoder, losslessEncoders }: Codec,
  effort: EffortLevel,
): string {
  return losslessEncoders?.[effort] ?? losslessEncoder ?? encoder;
}

/** The lossy encoders that compete; the first is the one for a quality that the caller chose. */
export function encodersOf(
  { lossy, variants, efforts }: Codec,
  { effort, limits }: Pick<OptimizeOptions, 'effort' | 'limits'>,
): LossyEncoder[] {
  const encoders = efforts?.[effort] ?? [lossy, ...variants];
  return encoders.map((encoder) => encoder.within?.(limits.jobTimeMs) ?? encoder);
}
