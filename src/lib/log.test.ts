import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const module = JSON.stringify(new URL('./log.ts', import.meta.url).href);

function run(body: string) {
  const code = `import { createLog, printReady } from ${module}; ${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
}

test('the log writes JSON lines to stderr and nothing to stdout', () => {
  const { stdout, stderr } = run(
    `const log = createLog('info'); log.debug('no'); log.warn({ jobId: 'a' }, 'yes');`,
  );
  assert.equal(stdout, '');
  const line = JSON.parse(stderr);
  assert.deepEqual([line.level, line.jobId, line.msg], ['warn', 'a', 'yes']);
  assert.ok(!Number.isNaN(Date.parse(line.time)));
});

test('of an error the log tells its words and its causes, and nothing that was hung on it', () => {
  const { stderr } = run(
    `const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', client: { secretKey: 'hush' } });
     cause.cause = cause;
     const error = new AggregateError([cause], 'lost', { cause });
     createLog('info').warn({ err: Object.assign(error, { password: 'hush' }) }, 'database connection lost');`,
  );
  const { err } = JSON.parse(stderr);
  assert.deepEqual([err.type, err.message, err.errors], ['AggregateError', 'lost', ['Error: refused']]);
  assert.deepEqual([err.cause.message, err.cause.code], ['refused', 'ECONNREFUSED']);
  assert.match(err.stack, /lost/);
  assert.doesNotMatch(stderr, /hush/);
});

test('the ready line is one JSON line on stdout', () => {
  const { stdout, stderr } = run(`printReady({ ready: true, url: 'http://127.0.0.1:1' });`);
  assert.equal(stdout, '{"ready":true,"url":"http://127.0.0.1:1"}\n');
  assert.equal(stderr, '');
});
