import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { WriteStream } from 'node:tty';
import { openProgress } from './progress.ts';

function stream(isTTY: boolean): { stream: WriteStream; written: () => string } {
  const through = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  return { stream: through as unknown as WriteStream, written: () => String(through.read() ?? '') };
}

test('a terminal is shown a bar, which is taken away at the end', () => {
  const screen = stream(true);
  const progress = openProgress(2, screen.stream);
  progress.advance(1500);
  progress.around(() => screen.stream.write('a line\n'));
  progress.end();
  const written = screen.written();
  assert.match(written, /1\/2 files, 1\.50 kB saved/);
  assert.ok(written.includes('\u001b[2Ka line\n'), 'the bar is cleared before the line');
  assert.ok(written.endsWith('\u001b[1G\u001b[0J'), 'nothing of the bar stays');
});

test('anything but a terminal is shown no bar', () => {
  const pipe = stream(false);
  const progress = openProgress(2, pipe.stream);
  progress.advance(1);
  progress.around(() => undefined);
  progress.end();
  assert.equal(pipe.written(), '');
});
