/** Reads what the vendor's forms have in common: the key, the file, flags, numbers, the site they come from. */
import { Problem } from '../../lib/problem.ts';
import type { Form } from '../dialect.ts';

/** Verifies as `great` and has a made-up quota, for everyone to try (the vendor's API reference). */
export const TRIAL_KEY = 'abc123';

/** @throws Problem `unauthorized` when the form has no key. */
export function readKey({ fields }: Form): string {
  const secret = fields.api_key?.trim();
  if (!secret) throw new Problem('unauthorized', 'The form has no api_key.');
  return secret;
}

export interface SentFile {
  bytes: Uint8Array;
  /** For the log. */
  filename: string;
}

/** @throws Problem `empty-body` */
export function readFile({ fields, files }: Form): SentFile {
  const file = files.find(({ name }) => name === 'file');
  if (!file || file.data.length === 0) throw new Problem('empty-body', 'The form has no file.');
  return { bytes: file.data, filename: fields.filename || file.filename };
}

/** Who sends what from where, whatever is to be done with it. */
export interface Sent {
  secret: string;
  source: SentFile;
  domain?: string;
}

/** @throws Problem `unauthorized` | `empty-body` */
export function readSent(form: Form): Sent {
  const domain = readDomain(form);
  return { secret: readKey(form), source: readFile(form), ...(domain !== null && { domain }) };
}

/** The site: `site_url` (WordPress plugin), else `domain` (WordPress plugin, webp-convert). */
function readDomain({ fields }: Form): string | null {
  return readHost(fields.site_url) ?? readHost(fields.domain);
}

/** Of an address or of what is left of one: a port is none of it. Null where that is none. */
export function readHost(text = ''): string | null {
  const url = text.trim().replace(/^(?![a-z][a-z0-9+.-]*:\/\/)/i, 'http://');
  return (URL.canParse(url) && new URL(url).hostname) || null;
}

export function isOn({ fields }: Form, name: string): boolean {
  return fields[name]?.trim() === '1';
}

/** The field as a whole number within bounds; undefined when it is missing, empty or anything else. */
export function readInteger({ fields }: Form, name: string, min: number, max: number): number | undefined {
  const text = fields[name]?.trim() ?? '';
  if (!/^\d{1,6}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
