/** The contract between whoever chooses how good each frame must be (`record.ts`) and those who write frames, one file a format. */
import type { Delay, Patch } from '../codecs/animation.ts';

/** A frame to be written. All images are RGBA of the whole canvas; what is transparent is all zeros. */
export interface Take {
  frame: Uint8Array;
  /** The source's frames around it; null at the ends. */
  before: Uint8Array | null;
  next: Uint8Array | null;
  /** What viewers of the result see before it is drawn. */
  canvas: Uint8Array;
  delay: Delay;
}

export interface Coded {
  /** Estimated where it is packed well only once it is kept. */
  bytes: number;
  /** What viewers will draw. */
  patch: Patch;
  /** Appends it to the file. */
  keep(): void | Promise<void>;
}

export interface Recorder {
  /** Name and version of the encoder, for the report. */
  encoder: string;
  /** Whether quality matters: else every frame is exact. */
  lossy: boolean;
  /** Whether `code` has an exact frame compete with one of some quality already. */
  rivalsItself: boolean;
  /**
   * @param quality 1 to 100; null to be exact.
   * @param afresh whether all of the frame is drawn, whatever is there.
   * @param lessThan bytes that it must take fewer of to be of any use.
   * @returns null where the format cannot hold the frame so, or clearly not in so few bytes.
   */
  code(take: Take, quality: number | null, afresh: boolean, lessThan?: number): Promise<Coded | null>;
  /** Of all frames kept so far. */
  bytes(): number;
  finish(): Uint8Array;
}
