/**
 * What every dialect owes the server, whoever its vendor: runs over the folders that are found, so a
 * new dialect is tested the moment it exists.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Dialect, Reply, Route } from '../../src/dialects/dialect.ts';
import { loadDialects } from '../../src/dialects/load.ts';
import { PROBLEM_CODES, Problem, type ProblemCode } from '../../src/lib/problem.ts';
import { exchangeRaw, formBody } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';

const MAX_BYTES = 200_000;
const FOLDER = new URL('../../src/dialects/', import.meta.url);
const dialects = await loadDialects();

const head = ({ method, path }: Route) => ({
  method,
  path: concrete(path),
  params: {},
  query: new URLSearchParams(),
  headers: {},
  origin: 'http://localhost',
});

/** A path that the pattern matches. */
const concrete = (path: string) => path.replaceAll(/:[^/]+/g, 'no-such-thing');

/** The codes that any route can meet before or without its handler. */
const ROUTER_CODES: ProblemCode[] = ['not-found', 'method-not-allowed', 'body-too-large', 'internal'];

const GARBAGE: [string, string | undefined, string | Uint8Array][] = [
  ['nothing', undefined, ''],
  ['one byte', undefined, 'x'],
  ['text', 'text/plain', 'hello'],
  ['broken JSON', 'application/json', '{"a":'],
  ['JSON of the wrong shape', 'application/json', '[[[null]]]'],
  ['a broken urlencoded form', 'application/x-www-form-urlencoded', '%zz=%&&=&a=b=c&%00'],
  ['a form without a boundary', 'multipart/form-data', 'x'],
  [
    'a form that is cut',
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nabc',
  ],
  [
    'a form of noise',
    'multipart/form-data; boundary=b',
    Uint8Array.from({ length: 3000 }, (_, at) => at * 89),
  ],
  ['a form without parts', 'multipart/form-data; boundary=b', '--b--\r\n'],
  ['an empty file', ...formOf({ name: 'file', filename: 'x', data: '' })],
  [
    'hostile names',
    ...formOf({ name: '__proto__', data: 'x' }, { name: 'file', filename: '../../x', data: 'y' }),
  ],
  [
    'ten thousand parts',
    ...formOf(...Array.from({ length: 10_000 }, (_, at) => ({ name: `f${at % 7}`, data: '' }))),
  ],
  ['an impossible content type', '///', 'x'],
];

function formOf(...parts: Parameters<typeof formBody>[0]): [string, Uint8Array] {
  const { type, body } = formBody(parts);
  return [type, body];
}

/** How a dialect's clients show their key, where not as bearers of it. */
const AUTHORIZATIONS: Record<string, string> = { shimmercat: 'Token KEY Domain example.com' };

function authorization({ name }: Dialect): string {
  return (AUTHORIZATIONS[name] ?? 'Bearer KEY').replace('KEY', app.key);
}

/** What the dialect itself says of a problem, as it would go over the wire. */
function worded({ json, text, bytes }: Reply): string {
  return json === undefined ? (text ?? Buffer.from(bytes ?? []).toString()) : JSON.stringify(json);
}

let app: RunningApp;
before(async () => {
  app = await startApp({ MAX_BYTES: String(MAX_BYTES), LOG_LEVEL: 'silent' });
});
after(() => app.stop());

it('finds dialects, the native one among them', () => {
  assert.ok(dialects.some(({ name }) => name === 'native'));
});

for (const dialect of dialects) {
  describe(`the dialect ${dialect.name}`, () => {
    it('has a page that tells endpoints, authentication, answers, deviations and sources', () => {
      const page = new URL(`${dialect.name}/README.md`, FOLDER);
      assert.ok(existsSync(page));
      const text = readFileSync(page, 'utf8').toLowerCase();
      for (const word of ['endpoint', 'authenti', 'answer', 'source'])
        assert.ok(text.includes(word), `it says nothing of "${word}"`);
      for (const { path } of dialect.routes) assert.ok(text.includes(path), `it does not mention ${path}`);
    });

    it('words every problem on every route, and never tells what lay underneath', () => {
      for (const route of dialect.routes) {
        for (const code of PROBLEM_CODES) {
          const problem = new Problem(code, 'A sentence.', { cause: new Error('the inside story') });
          const reply = dialect.refuse(problem, head(route));
          assert.ok(Number.isInteger(reply.status) && reply.status >= 200 && reply.status < 600, code);
          assert.doesNotMatch(worded(reply), /inside story/);
        }
      }
    });

    it('tells the problems of the router apart', () => {
      for (const route of dialect.routes) {
        const replies = ROUTER_CODES.map((code) =>
          dialect.refuse(new Problem(code, 'A sentence.'), head(route)),
        );
        const distinct = new Set(replies.map((reply) => `${reply.status} ${worded(reply)}`));
        assert.equal(distinct.size, ROUTER_CODES.length, route.path);
      }
    });

    it('answers 405 with Allow, in its own words, where the method is not known', async () => {
      for (const path of new Set(dialect.routes.map((route) => route.path))) {
        const known = dialect.routes
          .filter((route) => route.path === path)
          .map(({ method }) => method as string);
        const reply = await fetch(app.url + concrete(path), { method: 'PATCH' });
        assert.deepEqual(
          reply.headers
            .get('allow')
            ?.split(', ')
            .filter((method) => method !== 'HEAD')
            .sort(),
          known.sort(),
        );
        const own = dialect.refuse(new Problem('method-not-allowed', 'x'), {
          ...head(dialect.routes[0]!),
          path,
        });
        assert.equal(reply.status, own.status);
      }
    });

    it('answers garbage on every route without failing', async () => {
      for (const route of dialect.routes) {
        for (const [what, type, body] of route.method === 'GET' ? [GARBAGE[0]!] : GARBAGE) {
          const reply = await send(dialect, route, type, body);
          assert.ok(reply.status < 500, `${route.method} ${route.path} answers ${what} with ${reply.status}`);
        }
      }
    });

    it('refuses a body over the limit in its own words where it would read it, and lives on', async () => {
      for (const route of dialect.routes.filter(({ method }) => method !== 'GET')) {
        const type = 'multipart/form-data; boundary=b';
        const request = `${route.method} ${concrete(route.path)} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization(dialect)}\r\nContent-Type: ${type}\r\nContent-Length: ${MAX_BYTES + 1}\r\n\r\n--b\r\n`;
        const reply = await exchangeRaw(app.url, request);
        assert.equal(reply.status, dialect.refuse(new Problem('body-too-large', 'x'), head(route)).status);
        assert.equal(reply.headers.connection, 'close');
      }
      assert.equal((await fetch(`${app.url}/healthz`)).status, 200);
    });
  });
}

function send(
  dialect: Dialect,
  route: Route,
  type: string | undefined,
  body: string | Uint8Array,
): Promise<Response> {
  const headers: Record<string, string> = { authorization: authorization(dialect) };
  if (type !== undefined) headers['content-type'] = type;
  const content = route.method === 'GET' ? {} : { body: body as RequestInit['body'] };
  return fetch(app.url + concrete(route.path), { method: route.method, headers, ...content });
}
