/**
 * How large an image wants to be printed: read and kept as pixels per inch, whatever a container counts in.
 * Where it stands in each container is for that container's reader and writer.
 */

export interface Density {
  across: number;
  down: number;
  /** `ratio`: the numbers only say how much wider than high a pixel is. */
  unit: 'inch' | 'ratio';
}

export const CM_PER_INCH = 2.54;
export const INCHES_PER_METRE = 39.370_079;
/** What software writes when nobody said anything: EXIF's default (EXIF 2.32, tag 282), and libvips', a pixel a millimetre. */
const UNSAID = [72, 25.4];
/** Containers that count in other units round. */
const ROUNDING = 0.02;
/** Of JFIF's fields; no device prints finer. */
const MOST = 65_535;

/** @returns null where that is nonsense, or no more than is understood without it. */
export function densityOf(across: number, down: number, unit: Density['unit']): Density | null {
  if (!(across > 0 && down > 0 && across <= MOST && down <= MOST)) return null;
  const isSquare = Math.abs(across - down) < ROUNDING;
  const isUnsaid = unit === 'ratio' || UNSAID.some((unsaid) => Math.abs(across - unsaid) < ROUNDING);
  return isSquare && isUnsaid ? null : { across, down, unit };
}

/** The density of an image that is turned upright from an EXIF orientation. */
export function uprightDensity(density: Density | null, orientation: number): Density | null {
  if (!density || orientation < 5) return density;
  return { ...density, across: density.down, down: density.across };
}
