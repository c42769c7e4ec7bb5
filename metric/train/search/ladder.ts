/** What `npm run bench -- ladders` measures and the search is trained on. */

/** One encode of an image. */
export interface Rung {
  quality: number;
  /** The gated score. */
  score: number;
  bytes: number;
  /** The score of the image's sample at this quality, and its bytes scaled to the whole; null of an image too small for one. */
  sample: { score: number; bytes: number } | null;
}

/** One encoder's rungs of one image, rising in quality: all around the usual floors, some beyond. */
export interface Ladder {
  image: string;
  pixels: number;
  /** Format and variant, as in `learned.ts`. */
  encoder: string;
  rungs: Rung[];
}
