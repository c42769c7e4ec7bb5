/** The generated reference says what the code says. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { referencePages } from '../docs/generate.ts';

const folder = join(import.meta.dirname, '../docs/reference');
const pages = referencePages();

test('docs/reference holds the generated pages and nothing else', () => {
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(pages).sort(), 'run: npm run docs');
});

for (const [name, content] of Object.entries(pages)) {
  test(`docs/reference/${name} is what the code generates`, () => {
    assert.ok(readFileSync(join(folder, name), 'utf8') === content, 'it is stale; run: npm run docs');
  });
}
