/** What `keeneye` says of itself, and of command lines that it does not know. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keeneye } from './program.test-support.ts';

const run = (...args: string[]) => keeneye(args, tmpdir());
const VERBS = ['optimize', 'compare', 'serve', 'keys', 'webhooks', 'doctor'];

test('help names every verb and ends with 0', async () => {
  const { code, stdout, stderr } = await run('--help');
  assert.deepEqual([code, stderr], [0, '']);
  for (const verb of VERBS) assert.match(stdout, new RegExp(`^ {2}${verb} `, 'm'));
});

for (const verb of VERBS) {
  test(`help of ${verb} says how it is used and what its exit codes mean`, async () => {
    const { code, stdout } = await run(verb, '--help');
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: keeneye ${verb}`));
    assert.match(stdout, /^Exit codes:$/m);
  });
}

test('the version is that of the package', async () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  assert.equal((await run('--version')).stdout, `${manifest.version}\n`);
});

test('no verb, or one that does not exist, is a usage error', async () => {
  const none = await run();
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^Usage: keeneye/);
  const unknown = await run('optimise', 'photo.jpg');
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /^keeneye: unknown command 'optimise'\n\(Did you mean optimize\?\)\n$/);
});
