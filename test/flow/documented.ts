/** Holds what the server really answers against its OpenAPI document. */
import assert from 'node:assert/strict';
import { openapi } from '../../src/dialects/native/openapi.ts';

interface Told {
  headers?: Record<string, unknown>;
  content?: Record<string, unknown>;
}

const document = openapi('http://localhost') as {
  paths: Record<string, Record<string, { responses: Record<string, Told> }>>;
};
const PLAIN_HEADERS = ['location', 'retry-after', 'www-authenticate'];

/** @returns the reply, when the document tells of its status, its content type and its headers. */
export function documented(method: string, reply: Response): Response {
  const { pathname } = new URL(reply.url);
  const path = Object.keys(document.paths).find((template) => fits(template, pathname));
  const what = `${method} ${pathname} -> ${reply.status}`;
  const told = document.paths[path ?? '']?.[method.toLowerCase()]?.responses[reply.status];
  assert.ok(told, `undocumented: ${what}`);
  const type = reply.headers.get('content-type')?.split(';')[0] ?? null;
  const types = Object.keys(told.content ?? {}).map((each) =>
    type && each === 'image/*' ? imageType(type) : each,
  );
  assert.ok(type === null ? types.length === 0 : types.includes(type), `undocumented: ${type} of ${what}`);
  const names = [...reply.headers.keys()].filter(isOurs);
  const toldNames = Object.keys(told.headers ?? {}).map((name) => name.toLowerCase());
  assert.deepEqual(
    names.filter((name) => !toldNames.includes(name)),
    [],
    `undocumented headers of ${what}`,
  );
  return reply;
}

function fits(template: string, pathname: string): boolean {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
}

function imageType(type: string): string {
  return type.startsWith('image/') ? type : 'image/*';
}

function isOurs(name: string): boolean {
  return name.startsWith('keeneye-') || PLAIN_HEADERS.includes(name);
}
