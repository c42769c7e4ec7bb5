import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from './index.ts';
import { openapi } from './openapi.ts';

const document = JSON.parse(JSON.stringify(openapi('https://img.example.org')));

/** Every value of a key anywhere in the document. */
function everyValue(node: unknown, key: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => [
    ...(name === key ? [value] : []),
    ...everyValue(value, key),
  ]);
}

describe('the OpenAPI document', () => {
  it('describes exactly the routes that are served', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = dialect.routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    );
    assert.deepEqual(described.sort(), served.sort());
  });

  it('has no dangling reference and no leftover of the generator', () => {
    const references = everyValue(document, '$ref') as string[];
    assert.ok(references.length > 5);
    for (const reference of references) {
      const found = reference
        .slice(2)
        .split('/')
        .reduce((node, key) => node?.[key], document);
      assert.ok(found, reference);
    }
    assert.deepEqual([...everyValue(document, '$schema'), ...everyValue(document, '$id')], []);
  });

  it('tells with which headers each answer comes', () => {
    const { post } = document.paths['/api/v1/optimize'];
    const headersOf = (status: number) => Object.keys(post.responses[status].headers ?? {});
    assert.deepEqual(headersOf(202), ['Location', 'Retry-After']);
    assert.deepEqual(headersOf(204), ['Location', 'Keeneye-Job', 'Keeneye-Reason']);
    assert.deepEqual(headersOf(401), ['WWW-Authenticate']);
    assert.deepEqual(headersOf(503), ['Retry-After']);
    assert.deepEqual(headersOf(422), []);
  });

  it('gives every operation an id and every parameter a description and a type', () => {
    const ids = everyValue(document.paths, 'operationId');
    assert.equal(new Set(ids).size, dialect.routes.length);
    for (const parameter of (
      everyValue(document.paths, 'parameters') as Record<string, unknown>[][]
    ).flat()) {
      assert.ok((parameter.schema as { type?: string }).type, String(parameter.name));
      if (parameter.in === 'query') assert.ok(parameter.description, String(parameter.name));
    }
  });
});
