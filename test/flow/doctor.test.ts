/** `keeneye doctor` on the machine that runs the tests, well configured and badly. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram, temporaryFolder } from './start-server.ts';

interface Check {
  name: string;
  status: 'ok' | 'warn' | 'fail';
  detail: string;
  advice?: string;
}

const folder = await temporaryFolder();
const dataDir = join(folder, 'data');

async function examine(env: Record<string, string>): Promise<{ code: number; ok: boolean; checks: Check[] }> {
  const { code, stdout, stderr } = await runProgram(['doctor', '--json'], env);
  assert.equal(stderr, '');
  return { code, ...JSON.parse(stdout) };
}

test('where the tests pass nothing fails, and looking changes nothing', async () => {
  const { code, ok, checks } = await examine({ DATA_DIR: dataDir });
  assert.deepEqual(
    checks.filter(({ status }) => status === 'fail'),
    [],
  );
  assert.deepEqual([code, ok], [0, true]);
  const names = ['node', 'engine', 'allocator', 'open files', 'configuration', 'database', 'data folder'];
  assert.deepEqual(
    checks.map(({ name }) => name),
    names,
  );
  assert.match(checks[1]!.detail, /jpeg, png, webp, avif/);
  assert.match(checks[5]!.detail, /PostgreSQL 18\S* \(embedded\)/);
  assert.ok(checks.every(({ status, advice }) => status === 'ok' || advice));
  assert.ok(!existsSync(dataDir));
});

test('every fault of the configuration is a failed check', async () => {
  const { code, ok, checks } = await examine({ PORT: 'x', FLOOR: '3' });
  const faults = checks.filter(({ name }) => name === 'configuration');
  assert.deepEqual(
    faults.map(({ status, detail }) => [status, detail.split(' ')[0]]),
    [
      ['fail', 'PORT'],
      ['fail', 'FLOOR'],
    ],
  );
  assert.deepEqual([code, ok], [1, false]);
});

test('a database that does not answer fails, without showing its password', async () => {
  const { code, checks } = await examine({
    DATA_DIR: dataDir,
    DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x',
  });
  const database = checks.find(({ name }) => name === 'database')!;
  assert.equal(database.status, 'fail');
  assert.match(database.detail, /ECONNREFUSED/);
  assert.doesNotMatch(JSON.stringify(checks), /hunter2/);
  assert.equal(code, 1);
});

test('for people it prints a line a check and what to do', async () => {
  const { code, stdout } = await runProgram(['doctor'], { PORT: '-1' });
  assert.match(stdout, /^ok {4}node {11}\d+\./m);
  assert.match(stdout, /^fail {2}configuration {2}PORT must be .*\n {21}See keeneye serve --help\.$/m);
  assert.equal(code, 1);
});
