/** The generated reference says what the code says. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { referencePages } from '../docs/generate.ts';
import { createMetrics } from '../src/lib/metrics.ts';

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

test('every metric of our own is explained to operators', async () => {
  const metrics = createMetrics();
  const unknown = async () => null;
  const engine = () => ({ restarts: {}, memoryBytes: 0, busy: 0, size: 0 });
  metrics.observe({ engine, queue: unknown, callbacks: unknown, refusals: () => ({}) });
  const { text } = await metrics.expose();
  const page = readFileSync(join(folder, '../operate/watching.md'), 'utf8');
  const names = Array.from(text.matchAll(/^# TYPE (keeneye_\w+)/gm), ([, name]) => name!);
  const explained = Array.from(page.matchAll(/^\| `(keeneye_\w+)`/gm), ([, name]) => name!);
  assert.deepEqual(explained.sort(), names.sort());
});
