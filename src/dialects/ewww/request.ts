/** Reads what is to be optimized, and how. Fields that mean nothing here are ignored. Pure. */
import type { Form, Gravity, Submission, SubmissionOptions } from '../dialect.ts';
import { isOn, readInteger, readSent } from './form.ts';
import { type Kind, kindOf } from './kind.ts';

/** What to submit for one form. */
export interface Wish {
  submission: Submission;
  /** The same image in the one other format that may be answered where it is smaller; null where there is none. */
  conversion: Submission | null;
}

/**
 * @returns null when the file is of a kind that is answered with "no savings".
 * @throws Problem `unauthorized` | `empty-body`
 */
export function readOptimize(form: Form): Wish | null {
  const sent = readSent(form);
  if (isOn(form, 'webp')) {
    const options = webpOptions(form);
    return { submission: { ...sent, options, accept: 'any', charge: false }, conversion: null };
  }
  const kind = kindOf(sent.source.bytes);
  if (!kind) return null;
  const submit = (options: SubmissionOptions): Submission => ({
    ...sent,
    options,
    accept: 'smaller',
    charge: true,
  });
  const converted = conversionOptions(form, kind);
  return { submission: submit(sameFormatOptions(form, kind)), conversion: converted && submit(converted) };
}

/** Of `image_dpi`, which the WordPress plugin sends with PDFs; other numbers are passed over. */
const [LEAST_DPI, MOST_DPI] = [30, 2400];

/** A GIF loses nothing: the vendor has lossy compression for JPG, PNG and PDF, and its plugin for WebP. */
function sameFormatOptions(form: Form, kind: Kind): SubmissionOptions {
  return {
    ...commonOptions(form),
    targets: ['same'],
    fidelity: isOn(form, 'lossy') && kind !== 'gif' ? 'lossy' : 'lossless',
    ...(kind === 'pdf' && { imageDpi: readInteger(form, 'image_dpi', LEAST_DPI, MOST_DPI) }),
    // "Any image sent to the standard optimization endpoint will be automatically auto-rotated also" (API reference).
    upright: true,
  };
}

/** JPG to PNG, PNG to JPG, GIF to PNG (API reference). A JPG out of a PNG cannot be lossless; then it is judged closely. */
function conversionOptions(form: Form, kind: Kind): SubmissionOptions | null {
  if (!isOn(form, 'convert')) return null;
  const common = { ...commonOptions(form), fidelity: isOn(form, 'lossy') ? 'lossy' : 'glossy' } as const;
  if (kind === 'jpeg' || kind === 'gif') return { ...common, targets: ['png'] };
  if (kind === 'png') return { ...common, targets: ['jpeg'], background: readColour(form) };
  return null;
}

function commonOptions(form: Form): SubmissionOptions {
  const fast = isOn(form, 'lossy') && isOn(form, 'lossy_fast');
  return {
    metadata: isOn(form, 'metadata') ? 'all' : 'none',
    ...(fast && { effort: 'fast' as const }),
    ...(isOn(form, 'compress') && { effort: 'thorough' as const }),
  };
}

/**
 * "This option runs in exclusion of all others" (API reference): quality and the resize fields matter.
 * Metadata too, because webp-convert sends it along and means it.
 */
function webpOptions(form: Form): SubmissionOptions {
  const width = readInteger(form, 'width', 1, 16_383);
  const height = readInteger(form, 'height', 1, 16_383);
  const options: SubmissionOptions = {
    targets: ['webp'],
    fidelity: 'lossy',
    metadata: isOn(form, 'metadata') ? 'all' : 'none',
    quality: readInteger(form, 'quality', 1, 100) ?? 82,
  };
  if (width === undefined && height === undefined) return options;
  // A crop needs both sides; with one of them the image is scaled to it.
  const exact = isOn(form, 'crop') && width !== undefined && height !== undefined;
  const resize = { width, height };
  if (!exact) return { ...options, resize: { ...resize, fit: 'inside' } };
  return { ...options, resize: { ...resize, fit: 'cover', gravity: readGravity(form) } };
}

/** `crop_x` and `crop_y` (WordPress plugin): which part a crop keeps, the middle unless they say otherwise. */
function readGravity({ fields }: Form): Gravity {
  const vertical = oneOf(fields.crop_y, ['top', 'bottom']);
  const horizontal = oneOf(fields.crop_x, ['left', 'right']);
  if (vertical && horizontal) return `${vertical}-${horizontal}`;
  return vertical ?? horizontal ?? 'centre';
}

function oneOf<Word extends string>(text: string | undefined, words: Word[]): Word | undefined {
  return words.find((word) => word === text?.trim().toLowerCase());
}

/** `jpg_fill`, in HTML notation; empty or anything else leaves transparent images unconverted. */
function readColour({ fields }: Form): string | undefined {
  const text = fields.jpg_fill?.trim().toLowerCase() ?? '';
  return /^#[0-9a-f]{6}$/.test(text) ? text : undefined;
}
