/** Reads what is to be optimized out of a form: one to five files, or addresses of files. */
import type { Form, FormFile, Source } from '../dialect.ts';
import { invalid, readAddress, readChoice } from './fields.ts';
import { kindOf } from './kind.ts';

const MOST = 5;

/** @returns one to five sources in the form's order. @throws Problem `invalid-parameter` */
export function readSources(form: Form): Source[] {
  const type = readChoice(form.fields, 'type', ['url', 'urls', 'file', 'files']);
  if (!type) throw invalid('type', 'is required: url, urls, file or files');
  if (type === 'file' || type === 'files')
    return namesOf('file', type, form).map((name) => readFile(form, name));
  const credentials = readCredentials(form);
  return namesOf('url', type, form).map((name) => ({ ...readUrl(form, name), ...credentials }));
}

/** The fields that a type stands for: `url`, or of `urls` those of `url1` to `url5` that were sent. */
function namesOf(stem: 'file' | 'url', type: string, { fields, files }: Form): string[] {
  if (type === stem) return [stem];
  const sent = new Set(stem === 'file' ? files.map(({ name }) => name) : Object.keys(fields));
  const numbers = [...sent]
    .filter((name) => new RegExp(`^${stem}[1-9]\\d?$`).test(name))
    .map((name) => Number(name.slice(stem.length)))
    .sort((a, b) => a - b);
  if (numbers.length === 0) throw invalid(`${stem}1`, `is required when type is ${type}`);
  if (numbers.at(-1)! > MOST)
    throw invalid(`${stem}${numbers.at(-1)}`, `is one too many: ${MOST} are taken at once`);
  return numbers.map((number) => stem + number);
}

function readFile({ files }: Form, name: string): Source {
  const file = files.find((each) => each.name === name);
  if (!file) throw invalid(name, 'is required: a file, sent as multipart/form-data');
  if (!kindOf(file.data)) throw invalid(name, 'must be a JPEG, PNG or GIF image');
  return { bytes: file.data, filename: baseName(file) };
}

/** The PHP client sends the path on its own machine, and finds its results by the last part of it. */
function baseName({ name, filename }: FormFile): string {
  return filename.split(/[/\\]/).at(-1) || name;
}

function readUrl({ fields }: Form, name: string): { url: string; filename: string } {
  const url = readAddress(fields, name);
  if (!url) throw invalid(name, 'is required');
  const { pathname, hostname } = new URL(url);
  return { url, filename: pathname.split('/').at(-1) || hostname };
}

/** Not documented; the WordPress plugin sends them for sites behind a password. */
function readCredentials({ fields: { http_user: user, http_pass: password = '' } }: Form) {
  return user ? { credentials: { user, password } } : {};
}
