import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminOpenapi } from './openapi.ts';
import { adminRoutes } from './routes.ts';

const document = JSON.parse(JSON.stringify(adminOpenapi('https://img.example.org', () => 400)));

test('the OpenAPI document of the administration describes exactly the routes that are served', () => {
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const { routes } = adminRoutes({} as Parameters<typeof adminRoutes>[0]);
  const served = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  assert.deepEqual(described.sort(), served.sort());
});

test('all that it refers to is in it, and no leftover of the generator', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
  assert.deepEqual([...new Set(references)].sort(), Object.keys(document.components.schemas).sort());
  assert.doesNotMatch(text, /\$schema|\$id/);
});

test('what may be left out of a request is not required', () => {
  const { parameters } = document.paths['/api/v1/admin/jobs'].get;
  assert.deepEqual(
    parameters.map(({ name, required }: Record<string, unknown>) => [name, required]),
    ['status', 'key', 'dialect', 'limit', 'after'].map((name) => [name, false]),
  );
  const { schema } = document.paths['/api/v1/admin/keys'].post.requestBody.content['application/json'];
  assert.deepEqual(schema.required, ['name']);
});
