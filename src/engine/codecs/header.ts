/**
 * What a container's own structure says of the image in it. Each format has a reader
 * (`<format>/header.ts`), which also makes sure that the file is whole as far as structure can tell.
 */
import type { Drawing } from '../svg/drawing.ts';
import type { ColourEncoding } from './colour-encoding.ts';
import type { Density } from './density.ts';

/** Blocks as they stand in a file, without their container's framing. */
export interface Embedded {
  /** From its TIFF header on. */
  exif: Uint8Array | null;
  /** The XML packet. */
  xmp: Uint8Array | null;
  /** A Photoshop image resource block with IPTC in it, as in JPEG's APP13 after its name. */
  iptc: Uint8Array | null;
  icc: Uint8Array | null;
  /** Null where the file says nothing of it. */
  density: Density | null;
}

export const NOTHING_EMBEDDED: Embedded = { exif: null, xmp: null, iptc: null, icc: null, density: null };

export interface Header {
  /** As stored, before orientation. */
  width: number;
  height: number;
  /** EXIF orientation, 1 to 8, as far as viewers of this format honour it. */
  orientation: number;
  /** Frames or pages shown one after the other. */
  pages: number;
  colour: 'rgb' | 'grey' | 'cmyk';
  /** Bits a sample, for shallower ones 8. */
  bitDepth: 8 | 10 | 12 | 16;
  /** Whether the format keeps samples exactly (of WebP: whether this file does). */
  isLossless: boolean;
  /** How finely a lossy coding quantizes, 0 to 100 on its usual encoder's own scale; null of others. */
  codedQuality: number | null;
  /** Holds more light than an SDR decoder shows, which no codec keeps: a PQ or HLG transfer, or a gain map. */
  isHdr: boolean;
  /** Shows less light than it holds: images behind the first tell brighter screens more, and a codec can keep them. */
  hasGainMap?: boolean;
  /** How samples map to colours where no ICC profile says so; null for sRGB. */
  encoding: ColourEncoding | null;
  embedded: Embedded;
  /** Of what is drawn and has no pixels of its own. */
  drawing?: Drawing;
}

export const EVERYTHING_PLAIN: Pick<Header, 'orientation' | 'pages' | 'codedQuality' | 'isHdr' | 'encoding'> =
  {
    orientation: 1,
    pages: 1,
    codedQuality: null,
    isHdr: false,
    encoding: null,
  };
