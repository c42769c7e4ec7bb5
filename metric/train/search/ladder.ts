/** What `npm run bench -- ladders` measures and the search is trained on. */

/** One encode of an image. */
export interface Rung {
  quality: number;
  /** The gated score. */
  score: number;
  bytes: number;
  /** The image's sample at this quality; null of an image too small for one. */
  sample: Look | null;
  /** The close-up that scores lowest of those of what the sample suspects; null where there are none. */
  suspects: Look | null;
}

/** Of a part of the image: its score, and its bytes scaled to the whole. */
export interface Look {
  score: number;
  bytes: number;
}

/** One encoder's rungs of one image, rising in quality: all around the usual floors, some beyond. */
export interface Ladder {
  image: string;
  pixels: number;
  /** Format and variant, as in `learned.ts`. */
  encoder: string;
  rungs: Rung[];
}
