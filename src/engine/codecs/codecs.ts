/** Every format that the engine writes, and the codec that writes it. */
import type { OutputFormat } from '../contract.ts';
import { avif } from './avif/avif.ts';
import type { Codec } from './codec.ts';
import { jpeg } from './jpeg/jpeg.ts';
import { png } from './png/png.ts';
import { webp } from './webp/webp.ts';

export const CODECS: Record<OutputFormat, Codec> = { jpeg, png, webp, avif };
