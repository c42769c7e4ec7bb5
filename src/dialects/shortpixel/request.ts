/** What a call asks for: addresses, uploads, each with its options. Pure; nothing is fetched or looked up here. */
import type { FormFile, Source } from '../dialect.ts';
import type { Code, Refusal } from './codes.ts';
import { type Fields, isObject, list, structured, text } from './fields.ts';
import { readRefresh, readWaitMs, readWish, type Wish } from './options.ts';

const MOST = 100;

/** One image of a call. */
export interface Asked {
  /** As it is answered. */
  url: string;
  wish: Wish | Refusal;
  waitMs: number;
  refresh: boolean;
  /** With which its site is to be asked. */
  credentials: { user: string; password: string } | undefined;
}

export interface Upload extends Omit<Asked, 'url' | 'credentials'> {
  name: string;
  path: string | null;
  filename: string;
  data: Uint8Array;
}

/** The address of an upload that is to be answered as it stands, and what the client calls it. */
export interface Poll {
  name: string;
  url: string;
  waitMs: number;
}

/** Empty when there is none. */
export function readKey(fields: Fields): string {
  return text(fields.key);
}

/** The vendor's keys have 20 letters and digits; here they are at least as long, and an operator may choose them. */
export function isKey(secret: string): boolean {
  return /^[\x21-\x7e]{20,}$/.test(secret);
}

export function readUrls(fields: Fields): Asked[] | Code {
  const urls = list(fields.urllist).map(readUrl);
  if (urls.length === 0) return -105;
  const each = perImage(fields, urls.length);
  if (typeof each === 'number') return each;
  return urls.map((url, at) => ({ url, credentials: readCredentials(fields), ...readTerms(each[at]!) }));
}

/** The one address of `reducer-sync.php` and `image-status.php`. */
export function readSingleUrl(fields: Fields): Asked | Code {
  const url = readUrl(fields.url ?? list(fields.urllist)[0]);
  return url === '' ? -105 : { url, credentials: readCredentials(fields), ...readTerms(fields) };
}

/** PHP samples of the vendor encode whole addresses; where that is not so a `%` belongs to the address. */
export function readUrl(value: unknown): string {
  const url = text(value);
  if (/^https?:\/\//i.test(url) || !/^https?%3A%2F%2F/i.test(url)) return url;
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/** @returns null for what is no web address. */
export function sourceOf({
  url,
  credentials,
}: Pick<Asked, 'url' | 'credentials'>): (Source & { url: string }) | null {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  return { url: new URL(url).href, ...(credentials && { credentials }) };
}

export function readUploads(fields: Fields, files: FormFile[]): Upload[] | Code {
  const paths = structured(fields.file_paths);
  if (files.length === 0) return isObject(paths) && Object.keys(paths).length > 0 ? -115 : -109;
  if (text(fields.file_paths) === '' && !isObject(paths)) return -114;
  if (!isObject(paths)) return -117;
  if (Object.keys(paths).some((name) => !files.some((file) => file.name === name))) return -115;
  const each = perImage(fields, files.length);
  if (typeof each === 'number') return each;
  return files.map(({ name, filename, data }, at) => {
    const path = text(Object.hasOwn(paths, name) ? paths[name] : '') || null;
    return { name, path, filename: filename || (path ?? ''), data, ...readTerms(each[at]!) };
  });
}

/** From `file_urls`: an object, a JSON text of one, or values of a repeated field. */
export function readPolls(fields: Fields): Poll[] | Code {
  const urls = structured(fields.file_urls);
  const named = isObject(urls)
    ? Object.entries(urls)
    : list(urls).map((url, at): [string, unknown] => [`url${at + 1}`, url]);
  if (named.length > MOST) return -107;
  return named.map(([name, url]) => ({ name, url: readUrl(url), waitMs: readWaitMs(fields) }));
}

/** The fields of each image: those of the call, under those of its place in `paramlist`. */
function perImage(fields: Fields, count: number): Fields[] | Code {
  if (count > MOST) return -107;
  const own = list(fields.paramlist);
  if (own.length > 0 && own.length !== count) return -116;
  return Array.from({ length: count }, (_, at) => {
    const params = own[at];
    return isObject(params) ? { ...fields, ...params } : fields;
  });
}

function readTerms(fields: Fields): Pick<Asked, 'wish' | 'waitMs' | 'refresh'> {
  return { wish: readWish(fields), waitMs: readWaitMs(fields), refresh: readRefresh(fields) };
}

/** The SDK always sends both, mostly empty. */
function readCredentials({ user, pass }: Fields): Asked['credentials'] {
  // A database knows no NUL, and no site has one in its passwords.
  const plain = (value: unknown) => text(value).replaceAll('\0', '').toWellFormed();
  return plain(user) === '' ? undefined : { user: plain(user), password: plain(pass) };
}

/** Whether addresses were sent where files are taken. */
export function hasUrls(fields: Fields): boolean {
  return list(fields.urllist).length > 0;
}

export function readDomain(fields: Fields): string {
  return text(fields.DomainCheck);
}
