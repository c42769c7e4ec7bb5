/** Reads the vendor's forms: the key, the image and what to do with it. Fields that mean nothing here are ignored. */
import { Problem } from '../../lib/problem.ts';
import type { Form, Submission, SubmissionOptions } from '../dialect.ts';

/** Verifies as `great` and has a made-up quota, for everyone to try (the vendor's API reference). */
const TRIAL_KEY = 'abc123';

export function isTrialKey(secret: string): boolean {
  return secret === TRIAL_KEY;
}

/** @throws Problem `unauthorized` when the form has no key. */
export function readKey({ fields }: Form): string {
  const secret = fields.api_key?.trim();
  if (!secret) throw new Problem('unauthorized', 'The form has no api_key.');
  return secret;
}

/**
 * @returns what to submit, or null when the file is of a kind that is answered with "no savings".
 * @throws Problem `unauthorized` | `empty-body`
 */
export function readOptimize(form: Form): Submission | null {
  const secret = readKey(form);
  const file = form.files.find(({ name }) => name === 'file');
  if (!file || file.data.length === 0) throw new Problem('empty-body', 'The form has no file.');
  const filename = form.fields.filename || file.filename;
  const source = { bytes: file.data, filename };
  if (isOn(form, 'webp')) {
    return { secret, source, options: webpOptions(form), accept: 'any', charge: false };
  }
  if (!isOptimizable(file.data)) return null;
  return { secret, source, options: sameFormatOptions(form), accept: 'smaller', charge: true };
}

function sameFormatOptions(form: Form): SubmissionOptions {
  return {
    targets: ['same'],
    fidelity: isOn(form, 'lossy') ? 'lossy' : 'lossless',
    metadata: isOn(form, 'metadata') ? 'all' : 'none',
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
  return { ...options, resize: { width, height, fit: exact ? 'cover' : 'inside' } };
}

function isOn({ fields }: Form, name: string): boolean {
  return fields[name]?.trim() === '1';
}

/** The field as a whole number within bounds; undefined when it is missing, empty or anything else. */
function readInteger({ fields }: Form, name: string, min: number, max: number): number | undefined {
  const text = fields[name]?.trim() ?? '';
  if (!/^\d{1,6}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

/** JPEG, PNG and WebP by their first bytes; what else the vendor takes (GIF, PDF, SVG) is not served yet. */
function isOptimizable(data: Uint8Array): boolean {
  const start = Buffer.from(data.buffer, data.byteOffset, Math.min(data.length, 12)).toString('latin1');
  const isWebp = start.startsWith('RIFF') && start.endsWith('WEBP');
  return start.startsWith('\xff\xd8\xff') || start.startsWith('\x89PNG') || isWebp;
}
