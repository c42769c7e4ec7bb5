/** The generated reference says what the code says. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { referencePages } from '../docs/generate.ts';

const folder = join(import.meta.dirname, '../docs/reference');
const pages = referencePages();
/** Printed by `npm run bench`, which measures a machine and takes its time. */
const MEASURED = ['benchmarks.md'];

test('docs/reference holds the generated pages, what was measured and nothing else', () => {
  const expected = [...Object.keys(pages), ...MEASURED].sort();
  assert.deepEqual(readdirSync(folder).sort(), expected, 'run: npm run docs');
});

for (const [name, content] of Object.entries(pages)) {
  test(`docs/reference/${name} is what the code generates`, () => {
    assert.ok(readFileSync(join(folder, name), 'utf8') === content, 'it is stale; run: npm run docs');
  });
}
