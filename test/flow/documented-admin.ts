/** Holds what the administration really answers against its OpenAPI document. */
import assert from 'node:assert/strict';
import { ANSWERS, type AnswerName } from '../../src/admin/answers.ts';
import { adminOpenapi } from '../../src/admin/openapi.ts';
import { WORDINGS } from '../../src/dialects/native/errors.ts';

type Content = Record<string, { schema: { $ref?: string } }>;

const document = adminOpenapi('http://localhost', (code) => WORDINGS[code].status) as {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Content }> }>>;
};

/** Throws unless the document tells of the answer's status, its type and every member of its body. */
export function assertDocumented(method: string, reply: Response, body: unknown): void {
  const { pathname } = new URL(reply.url);
  const what = `${method} ${pathname} -> ${reply.status}`;
  const path = Object.keys(document.paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
  const operation = document.paths[path ?? '']?.[method.toLowerCase()];
  if (reply.status === 405 && !operation) return;
  const told = operation?.responses[reply.status];
  assert.ok(told, `undocumented: ${what}`);
  const type = reply.headers.get('content-type')?.split(';')[0];
  const content = type ? told.content?.[type] : undefined;
  assert.ok(content || !told.content, `undocumented: ${type} of ${what}`);
  const name = content?.schema.$ref?.split('/').at(-1);
  if (!name) return;
  const parsed = ANSWERS[name as AnswerName].safeParse(body);
  assert.ok(parsed.success, `${what}: ${parsed.error?.message}`);
}
