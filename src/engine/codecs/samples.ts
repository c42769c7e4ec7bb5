/** What decoders give: samples as they stand in a file, before colours mean anything. */

export interface Samples {
  /** Straight alpha, rows top to bottom without padding; 0 to 255, or 0 to 65,535. */
  data: Uint8Array | Uint16Array;
  width: number;
  height: number;
  channels: 3 | 4;
}

export interface ShallowSamples extends Samples {
  data: Uint8Array;
}

export interface DeepSamples extends Samples {
  data: Uint16Array;
}
