/** A run of `keeneye optimize` that is cut short leaves whole files only. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../src/engine/contract.ts';
import { decode } from '../../src/engine/decode.ts';
import { pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { filesIn, folderWith, remove, startKeeneye } from './program.test-support.ts';

const FILES = 40;
const picture = await pngFile(photo(400, 300));
const pictures = Object.fromEntries(
  Array.from({ length: FILES }, (_, index) => [`in/${String(index).padStart(2, '0')}.png`, picture]),
);

/** Starts a long run, does something to it after its first line, and waits for its end. */
async function interrupted(interrupt: (child: ReturnType<typeof startKeeneye>) => void) {
  const folder = folderWith(pictures);
  const child = startKeeneye(['optimize', 'in', '--out', 'out', '--format', 'avif', '--jobs', '2'], folder);
  const stderr = text(child.stderr!);
  let stdout = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout!, 'data'), closed]);
  interrupt(child);
  child.stdout!.resume();
  const [code] = await closed;
  return { folder, code, stdout, stderr: await stderr };
}

async function assertWholeFiles(folder: string): Promise<void> {
  const names = filesIn(join(folder, 'out'));
  assert.ok(names.length > 0 && names.length < FILES, `${names.length} files`);
  for (const name of names) {
    assert.match(name, /^\d\d\.avif$/);
    const { width } = await decode(readFileSync(join(folder, 'out', name)), DEFAULT_LIMITS);
    assert.equal(width, 400);
  }
}

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a run with ${expected} and leaves whole files only`, async () => {
    const { folder, code, stdout, stderr } = await interrupted((child) => child.kill(signal));
    assert.deepEqual([code, stderr], [expected, '']);
    await assertWholeFiles(folder);
    const written = filesIn(join(folder, 'out')).length;
    assert.match(stdout, new RegExp(`Interrupted: ${FILES - written} left undone\\.\n$`));
    remove(folder);
  });
}

test('a reader that goes away ends a run quietly', async () => {
  const { folder, code, stderr } = await interrupted((child) => child.stdout!.destroy());
  assert.deepEqual([code, stderr], [141, '']);
  await assertWholeFiles(folder);
  remove(folder);
});
