/** Turns images upright. */
import type { Sharp } from 'sharp';

/** Undoes an EXIF orientation, 1 to 8 (EXIF 2.32, tag 274); sharp mirrors before it turns. */
export function turnUpright(image: Sharp, orientation: number): Sharp {
  if (orientation === 2) return image.flop();
  if (orientation === 3) return image.rotate(180);
  if (orientation === 4) return image.flip();
  if (orientation === 5) return image.flop().rotate(270);
  if (orientation === 6) return image.rotate(90);
  if (orientation === 7) return image.flop().rotate(90);
  if (orientation === 8) return image.rotate(270);
  return image;
}
