/** Every pixel format that the engine writes, and the codec that writes it. */
import type { PixelFormat } from '../contract.ts';
import { avif } from './avif/avif.ts';
import type { Codec } from './codec.ts';
import { gif } from './gif/gif.ts';
import { jpeg } from './jpeg/jpeg.ts';
import { png } from './png/png.ts';
import { webp } from './webp/webp.ts';

export const CODECS: Record<PixelFormat, Codec> = { jpeg, png, webp, avif, gif };
