/** Originals that clients have kept: under which names, and the two pages that store them and give them back. */
import { Problem } from '../../lib/problem.ts';
import type { Form, Reply, Request, Service } from '../dialect.ts';
import { page } from './errors.ts';
import { readFile, readHost, readKey } from './form.ts';

/** `uniqid().sha256(path)` as a rule (WordPress plugin, ewwwio-php). */
const HASH = /^[\w.-]{1,128}$/;

/** Where to keep the original of an image that is to be optimized; null where the form does not ask for that. */
export function readBackup(form: Form): string | null {
  const hash = readHash(form, 'backup');
  return hash === null ? null : nameOf(form, hash);
}

export async function store(request: Request, service: Service): Promise<Reply> {
  const form = await request.form();
  const secret = readKey(form);
  const { bytes } = readFile(form);
  const name = readBackup(form);
  if (name === null) throw new Problem('invalid-parameter', 'backup is missing or no name.');
  await service.keepOriginal(secret, name, bytes);
  return page('{"success":1}');
}

/** What `store.php` was sent lies outside of all sites, because its form names none (seen). */
export async function restore(request: Request, service: Service): Promise<Reply> {
  const form = await request.form();
  const secret = readKey(form);
  const hash = readHash(form, 'hash');
  if (hash === null) throw new Problem('not-found', 'hash is missing or no name.');
  const bytes = await findOriginal(service, secret, [nameOf(form, hash), nameOf(null, hash)]);
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, bytes };
}

async function findOriginal(service: Service, secret: string, names: string[]): Promise<Uint8Array> {
  const [name, ...others] = names;
  try {
    return await service.original(secret, name!);
  } catch (error) {
    const isMissing = error instanceof Problem && error.code === 'not-found';
    if (!isMissing || others.length === 0) throw error;
    return findOriginal(service, secret, others);
  }
}

function nameOf(form: Form | null, hash: string): string {
  return `${(form && readHost(form.fields.domain)) ?? ''}/${hash}`;
}

function readHash({ fields }: Form, name: string): string | null {
  const hash = fields[name]?.trim() ?? '';
  return HASH.test(hash) ? hash : null;
}
