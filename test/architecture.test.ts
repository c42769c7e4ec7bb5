/**
 * The house rules that a compiler does not know: imports point down, vendors stay in their folders,
 * the map is true, files stay small. Reads the sources as text; that a dialect which nobody knew of is
 * served is for `dialects/fixture.test.ts` to show.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isTest = (file: string) => /\.test(-support)?\.ts$/.test(file);
const sources = globSync('src/**/*.ts', { cwd: root }).sort();
const production = sources.filter((file) => !isTest(file));
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Import {
  from: string;
  to: string;
}

/** Every static or dynamic import of a project file by a project file, as paths from the root. */
function projectImports(files: string[]): Import[] {
  return files.flatMap((from) =>
    [...read(from).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) => ({
      from,
      to: normalize(join(dirname(from), match[1]!)),
    })),
  );
}

/** The room a file is in: the folder under src, or the file itself when it lies there. */
const room = (file: string) => file.split('/')[1]!;

const MAY_IMPORT: Record<string, string[]> = {
  'main.ts': ['cli'],
  cli: ['app.ts', 'studies', 'webhooks', 'jobs', 'accounts', 'engine', 'store', 'config', 'lib'],
  'app.ts': [
    'http',
    'admin',
    'dialects',
    'studies',
    'submissions',
    'webhooks',
    'accounts',
    'jobs',
    'outbound',
    'engine',
    'outbound',
    'store',
    'config',
    'lib',
  ],
  http: ['dialects', 'lib'],
  admin: ['jobs', 'webhooks', 'accounts', 'store', 'dialects', 'lib'],
  dialects: ['lib'],
  studies: ['jobs', 'engine', 'store', 'lib'],
  submissions: ['jobs', 'accounts', 'engine', 'outbound', 'store', 'dialects', 'lib'],
  webhooks: ['outbound', 'store', 'lib'],
  accounts: ['store', 'lib'],
  jobs: ['accounts', 'engine', 'webhooks', 'outbound', 'store', 'lib'],
  engine: ['lib'],
  store: ['lib'],
  outbound: ['lib'],
  config: ['lib', 'engine', 'outbound'],
  lib: [],
};

test('imports point down only', () => {
  const wrong = projectImports(production)
    .filter(({ from, to }) => to.startsWith('src/') && room(from) !== room(to))
    .filter(({ from, to }) => !MAY_IMPORT[room(from)]?.includes(room(to)))
    .map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(wrong, []);
});

test('below http the rooms know only the contract of the dialects, not a dialect', () => {
  const allowed = new Set(['src/dialects/dialect.ts', 'src/dialects/load.ts']);
  const wrong = projectImports(production)
    .filter(({ from, to }) => room(from) !== 'dialects' && to.startsWith('src/dialects/') && !allowed.has(to))
    .map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(wrong, []);
});

test('a dialect imports the contract, lib and itself', () => {
  const wrong = projectImports(production.filter((file) => /^src\/dialects\/[^/]+\//.test(file)))
    .filter(({ from, to }) => {
      const own = from.split('/').slice(0, 3).join('/');
      return to !== 'src/dialects/dialect.ts' && !to.startsWith('src/lib/') && !to.startsWith(`${own}/`);
    })
    .map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(wrong, []);
});

test('no production file imports a test or a bench', () => {
  const wrong = projectImports(production).filter(({ to }) => isTest(to) || /^(test|bench)\//.test(to));
  assert.deepEqual(wrong, []);
});

test('only engine children load native codecs, never the program itself', () => {
  const loaded = new Set(['src/main.ts']);
  for (const file of loaded) {
    const source = read(file).replaceAll(/^(import|export) type [^;]*;/gm, '');
    for (const [, path] of source.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g))
      loaded.add(normalize(join(dirname(file), path!)));
  }
  assert.ok(loaded.has('src/engine/pool.ts') && loaded.has('src/http/server.ts'));
  const native = [...loaded].filter((file) =>
    /^import [^;]*from '(sharp|@napi-rs\/image|libheif-js[^']*)'/m.test(read(file)),
  );
  assert.deepEqual(native, []);
});

test("no vendor's name occurs outside that vendor's folder", () => {
  const vendors = {
    shimmercat: /shimmercat|imgopt/i,
    shortpixel: /shortpixel/i,
    ewww: /ewww/i,
    megaoptim: /megaoptim/i,
    optidash: /optidash/i,
  };
  const files = globSync(['src/**/*.*', 'web/**/*.*', 'test/flow/**/*.*'], { cwd: root });
  const wrong = files.flatMap((file) =>
    Object.entries(vendors)
      .filter(([vendor]) => !file.startsWith(`src/dialects/${vendor}/`))
      .filter(([, name]) => name.test(file) || name.test(read(file)))
      .map(([vendor]) => `${file}: ${vendor}`),
  );
  assert.deepEqual(wrong, []);
});

test('only config/env.ts reads the environment', () => {
  const wrong = production.filter((file) => file !== 'src/config/env.ts' && /process\.env/.test(read(file)));
  assert.deepEqual(wrong, []);
});

test('nobody ends the process by force but an engine child whose parent has gone', () => {
  const wrong = production.filter((file) => /process\.(exit|abort|reallyExit)\(/.test(read(file)));
  assert.deepEqual(wrong, ['src/engine/child.ts']);
});

test('only the log writes to the standard streams in the server', () => {
  const server = production.filter((file) => !/^src\/(cli|lib\/log\.ts)/.test(file));
  assert.deepEqual(
    server.filter((file) => /console\.|process\.std(out|err)/.test(read(file))),
    [],
  );
});

test('the engine knows no file system, clock or network', () => {
  const allowed = new Set(['src/engine/resident-memory.ts', 'src/engine/metric/instances.ts']);
  const wrong = production
    .filter((file) => file.startsWith('src/engine/') && !allowed.has(file))
    .filter((file) =>
      /from '(node:)?(fs|fs\/promises|net|http|https|dns)'|Date\.now|new Date/.test(read(file)),
    );
  assert.deepEqual(wrong, []);
});

test('every path that the map names exists', () => {
  const map = read('ARCHITECTURE.md');
  const named = [...map.matchAll(/`((?:src|web|metric|test|bench|docs|bin)(?:\/[\w.*-]+)*\/?)`/g)].map(
    (match) => match[1]!,
  );
  assert.ok(named.length > 20, 'the map names the rooms');
  const missing = named.filter((path) =>
    path.includes('*') ? globSync(path, { cwd: root }).length === 0 : !existsSync(join(root, path)),
  );
  assert.deepEqual(missing, []);
});

test('the map is at most 120 lines and every source file says what it is for', () => {
  assert.ok(read('ARCHITECTURE.md').split('\n').length <= 121);
  const silent = production.filter((file) => !read(file).startsWith('/**'));
  assert.deepEqual(silent, []);
});

test('source files have at most 300 lines, and nothing in them is left for later', () => {
  const long = production.filter((file) => read(file).split('\n').length > 301);
  assert.deepEqual(long, []);
  const unfinished = sources.filter((file) =>
    /\b(TODO|FIXME|XXX|placeholder|not (yet )?implemented)\b|\b(test|it|describe)\.(skip|only|todo)\(/i.test(
      read(file),
    ),
  );
  assert.deepEqual(unfinished, []);
});

test('no file names a path of a developer machine or a registry host', () => {
  const files = globSync(['**/*.{ts,js,json,md,sql}', '.ci/*'], {
    cwd: root,
    exclude: (name) => ['node_modules', 'dist', 'data', '.git', 'build'].includes(name),
  }).filter((file) => relative('test', file).startsWith('..') || !file.endsWith('architecture.test.ts'));
  const wrong = files.filter((file) => /registry\.npmjs|"resolved":|\/root\/|\/home\/\w+\//.test(read(file)));
  assert.deepEqual(wrong, []);
});
