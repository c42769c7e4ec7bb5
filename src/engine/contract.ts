/**
 * The engine's vocabulary: what goes in, what comes out, and the closed list of reasons for which
 * nothing does. Pure types and constants; every other file of the engine speaks in these terms.
 */
import type { PlacedImage } from '../lib/report.ts';
import type { Pace } from './codecs/animation.ts';

/** Formats made of pixels that the engine writes. */
export const PIXEL_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
export type PixelFormat = (typeof PIXEL_FORMATS)[number];

/** Formats that are written again as what they are, never made of pixels. */
export const DOCUMENT_FORMATS = ['svg', 'pdf'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

export const OUTPUT_FORMATS = [...PIXEL_FORMATS, ...DOCUMENT_FORMATS] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Formats that the engine reads. */
export const INPUT_FORMATS = [...OUTPUT_FORMATS, 'tiff', 'bmp', 'ico', 'heic'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/**
 * What to produce; each target yields at most one output.
 * `same` keeps the source's format (a source that cannot be written back counts as `auto`);
 * `auto` is the smallest result that passes among `OptimizeOptions.accept`.
 */
export const TARGETS = ['same', 'auto', ...PIXEL_FORMATS] as const;
export type Target = (typeof TARGETS)[number];

/**
 * `lossless` keeps coefficients or pixels; of what is resized or cropped the new pixels, and where the format cannot hold
 * these it is judged at `RESIZED_FLOORS`. `glossy` and `lossy` differ in their default floor.
 */
export const FIDELITIES = ['lossless', 'glossy', 'lossy'] as const;
export type Fidelity = (typeof FIDELITIES)[number];

/** The lowest and highest perceptual floor that may be asked for. */
export const FLOOR_RANGE = { min: 50, max: 95 } as const;
/** The floor of `glossy`; that of `lossy` is configuration. */
export const GLOSSY_FLOOR = 90;
export const DEFAULT_LOSSY_FLOOR = 85;

/**
 * `none` drops what is not needed to show the image as it was, `copyright` keeps who made it and who owns it,
 * `private-stripped` everything but places, serial numbers and the like, `all` everything.
 */
export const METADATA_POLICIES = ['none', 'copyright', 'private-stripped', 'all'] as const;
export type MetadataPolicy = (typeof METADATA_POLICIES)[number];

/** Bounds checked on the header, before any pixel is decoded. */
export interface Limits {
  /** Largest width x height, and largest of the two. */
  maxPixels: number;
  maxSide: number;
  /** Largest embedded ICC profile, in bytes. */
  maxIccBytes: number;
  /** Most frames of an animation, and most pixels of all of them together. */
  maxFrames: number;
  maxFramePixels: number;
  /** How long a job may take: less effort is spent on pixels than was asked for where their encodes would not fit. */
  jobTimeMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxPixels: 100_000_000,
  maxSide: 65_535,
  maxIccBytes: 4 << 20,
  maxFrames: 5_000,
  maxFramePixels: 500_000_000,
  jobTimeMs: 300_000,
};

/**
 * How an image meets a box: `inside` fits within and `outside` around it, neither enlarges; `cover` fills exactly
 * the box and crops what hangs over, `fill` stretches to it; both enlarge where needed.
 */
export const FITS = ['inside', 'outside', 'cover', 'fill'] as const;
export type Fit = (typeof FITS)[number];

/** Which part a `cover` keeps; `smart` looks for what catches the eye. */
export const GRAVITIES = [
  'centre',
  'smart',
  'top',
  'top-right',
  'right',
  'bottom-right',
  'bottom',
  'bottom-left',
  'left',
  'top-left',
] as const;
export type Gravity = (typeof GRAVITIES)[number];

/** Sizes in pixels; with one side only, the other follows in proportion. */
export interface Resize {
  width?: number;
  height?: number;
  fit: Fit;
  /** Of a `cover`; the centre unless told otherwise. */
  gravity?: Gravity;
}

/** In pixels from the top left of the upright image. */
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Turns clockwise, in degrees, and mirrorings: `flop` swaps left and right, `flip` top and bottom. */
export const TURNS = ['90', '180', '270', 'flop', 'flip', 'transpose', 'transverse'] as const;
export type Turn = (typeof TURNS)[number];

/** What is done to an upright image before it is encoded, in this order. */
export interface Transforms {
  /** `first` takes the first frame of an animation or page of a document for the whole. */
  frames?: 'all' | 'first';
  crop?: Rectangle;
  resize?: Resize;
  turn?: Turn;
  /** Stores lossless results upright, too, even where that trims up to 15 pixels of a JPEG's edge. */
  upright?: boolean;
  /** `#rrggbb`: what shows through where a format knows no transparency; without it such a format is not tried. */
  background?: string;
  /** Of a PDF: images that are drawn at more dots an inch become so small that they are drawn at these. */
  imageDpi?: number;
}

/** The transforms among any options. */
export function transformsOf(all: Transforms): Transforms {
  const { frames, crop, resize, turn, upright, background, imageDpi } = all;
  return { frames, crop, resize, turn, upright, background, imageDpi };
}

/** How much time is spent on few bytes: `thorough` is for those who can wait minutes. */
export const EFFORTS = ['fast', 'usual', 'thorough'] as const;
export type EffortLevel = (typeof EFFORTS)[number];

export interface OptimizeOptions extends Transforms {
  targets: Target[];
  /** What `auto` may choose among. */
  accept: PixelFormat[];
  fidelity: Fidelity;
  /** The lowest SSIMULACRA 2.1 score, global and of the worst tile, that may ship. Ignored by `lossless`. */
  floor: number;
  metadata: MetadataPolicy;
  /** `keep` leaves CMYK what it is where the format can hold it; `convert` makes RGB of it for screens. */
  cmyk: 'convert' | 'keep';
  effort: EffortLevel;
  upright: boolean;
  /** Takes scripts, event handlers and references to elsewhere out of drawings. */
  sanitize: boolean;
  /** Encode at this quality (1 to 100) instead of searching one. The gates hold as for any other result. */
  quality?: number;
  /** Of a PNG: a palette of at most so many colours (2 to 256), whatever else was asked of its fidelity. */
  colours?: number;
  /** `smaller`: all gates hold. `any`: ship whatever decodes, even when larger or below the floor. */
  gate: 'smaller' | 'any';
  /** Largest output/source size ratio that counts as a gain. */
  maxOverhead: number;
  limits: Limits;
}

export const DEFAULT_OPTIONS: OptimizeOptions = {
  targets: ['same'],
  accept: [...PIXEL_FORMATS],
  fidelity: 'lossy',
  floor: DEFAULT_LOSSY_FLOOR,
  metadata: 'none',
  cmyk: 'convert',
  effort: 'usual',
  upright: false,
  sanitize: false,
  gate: 'smaller',
  maxOverhead: 0.99,
  limits: DEFAULT_LIMITS,
};

/** 8-bit samples, straight (not premultiplied) alpha, rows top to bottom without padding. */
export interface Pixels {
  data: Uint8Array;
  /** The same samples in 16 bits, of sources that have more than 8; `data` is these, rounded. */
  deep?: Uint16Array;
  width: number;
  height: number;
  channels: 3 | 4;
  /** Of channels that are cyan, magenta, yellow and black (255 is full ink), how a JPEG holds them: documents do plainly. */
  inks?: 'inverted' | 'plain';
}

/** A rectangle of the image and its own score. */
export interface Tile extends Rectangle {
  score: number;
  /** Of a document, the image that the tile is part of. */
  image?: PlacedImage;
}

/** What the eye says of one candidate: SSIMULACRA 2.1 of the whole image and of its worst 256 x 256 tile. */
export interface Judgement {
  score: number;
  worstTile: Tile;
}

/** How visible a difference is to people, estimated from their judgments of other images (metric/MODEL-CARD.md). */
export interface Visibility {
  /** Just noticeable differences; 0 = none, at 1 half of all careful viewers see it. */
  jnd: number;
  /** Standard deviation to expect of `jnd`. */
  spread: number;
  /** Probability, 0 to 1, that a careful viewer sees any difference. */
  probability: number;
  /** IW-SSIM, 1 = identical; null for images too small for all its levels (a side under 176 px). */
  iwssim: number | null;
}

/** A judgement of one file against another, and the size (as displayed) that both have. Of animations, of the worst frame; of documents, of the worst image. */
export interface Comparison extends Judgement {
  visibility: Visibility;
  width: number;
  height: number;
  frames: number;
  /** The frame whose score is lowest, counted from 1. */
  worstFrame: number;
  /** Null where nothing moves. */
  pace: Pace | null;
}

/** How two files are made comparable. */
export interface CompareOptions {
  limits: Limits;
  /** What was done to the reference before it was encoded. */
  transforms?: Transforms;
}

/** What is known of a source from its header. Width and height are as displayed, after EXIF orientation. */
export interface SourceFacts {
  format: InputFormat;
  bytes: number;
  width: number;
  height: number;
  sha256: string;
  /** As EXIF has it, 1 to 8; 1 where nothing says so. */
  orientation: number;
}

export interface Output extends Judgement {
  format: OutputFormat;
  data: Uint8Array;
  width: number;
  height: number;
  /** Of an animation; 1 for still images, pages for documents. */
  frames: number;
  sha256: string;
  /** Which encoder and version wrote it, e.g. `mozjpeg 0826579 (sharp 0.35.5)`. */
  encoder: string;
  /** The encoder's quality setting; null for a lossless result. */
  quality: number | null;
  /** How many candidates the metric judged to find it. */
  evaluations: number;
  visibility: Visibility;
}

/** Why nothing ships. Closed: a decline is always one of these. */
export const REASONS = [
  'no-gain',
  'below-floor',
  'already-optimal',
  'would-lose-hdr',
  'would-lose-animation',
  'unsupported',
  'too-large',
  'corrupt',
] as const;
export type Reason = (typeof REASONS)[number];

export type Outcome =
  | { status: 'done'; engine: string; source: SourceFacts; outputs: Output[] }
  | { status: 'declined'; engine: string; source: SourceFacts | null; reason: Reason; detail: string };

/** Thrown inside the engine to end an optimization with a reason; `optimize` turns it into a declined outcome. */
export class Decline extends Error {
  readonly reason: Reason;

  /** @param detail a sentence for the client. */
  constructor(reason: Reason, detail: string) {
    super(detail);
    this.name = 'Decline';
    this.reason = reason;
  }
}
