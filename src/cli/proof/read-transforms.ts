/** Reads what a report says was done to an image before it was encoded: untrusted JSON in, `Transforms` out. */
import { z } from 'zod';
import { FITS, GRAVITIES, type Transforms, TURNS } from '../../engine/contract.ts';

/** No image has a longer side. */
const side = z.int().min(1).max(65_535);
const offset = z.int().min(0).max(65_535);

const transforms = z.object({
  frames: z.enum(['all', 'first']).optional(),
  crop: z.object({ x: offset, y: offset, width: side, height: side }).optional(),
  resize: z
    .object({
      width: side.optional(),
      height: side.optional(),
      fit: z.enum(FITS),
      gravity: z.enum(GRAVITIES).optional(),
    })
    .optional(),
  turn: z.enum(TURNS).optional(),
  upright: z.boolean().optional(),
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i)
    .optional(),
  imageDpi: z.int().min(1).max(65_535).optional(),
});

/** @returns null when they are of another shape; other options are passed over. */
export function readTransforms(options: unknown): Transforms | null {
  return transforms.safeParse(options).data ?? null;
}
