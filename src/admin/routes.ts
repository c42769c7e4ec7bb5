/**
 * The administration over HTTP, for whoever has the secret of an admin key: who may, and keys as `keeneye keys` has
 * them at a terminal. A set of routes like a dialect, which borrows the words of its refusals from one.
 */
import { describeAccount } from '../accounts/account.ts';
import { changeKey } from '../accounts/change-key.ts';
import { createKey, findKey, type Key, listKeys, revokeKey } from '../accounts/keys.ts';
import { exportUsage } from '../accounts/ledger.ts';
import { countUsage } from '../accounts/usage-sums.ts';
import type { Dialect, Reply, Request, Route, Service } from '../dialects/dialect.ts';
import { Problem, type ProblemCode } from '../lib/problem.ts';
import type { Database } from '../store/database.ts';
import { callbackRoutes } from './callback-routes.ts';
import type { AdminParts, AdminRoute, Handler } from './handler.ts';
import { jobRoutes } from './job-routes.ts';
import { adminOpenapi } from './openapi.ts';
import { readJson, readQuery } from './read.ts';
import { changedKey, keyBody, newKey, usageQuery } from './schema.ts';

const KEYS = '/api/v1/admin/keys';
/** Some 20 MB, because a reply is sent in one piece. */
const MOST_ENTRIES = 100_000;

export function adminRoutes(parts: AdminParts): Dialect {
  const guarded =
    (handle: Handler): Route['handle'] =>
    async (request, service) => {
      await requireAdmin(request, service);
      const { headers, ...reply } = await handle(request, parts);
      return { ...reply, headers: { 'cache-control': 'no-store', ...headers } };
    };
  const routes = [...keyRoutes, ...jobRoutes, ...callbackRoutes].map(([method, path, handle]) => ({
    method,
    path,
    handle: guarded(handle),
  }));
  return { name: 'admin', routes, refuse: parts.refuse };
}

const keyRoutes: AdminRoute[] = [
  ['GET', KEYS, list],
  ['POST', KEYS, make],
  ['GET', `${KEYS}/:id`, show],
  ['PATCH', `${KEYS}/:id`, change],
  ['DELETE', `${KEYS}/:id`, revoke],
  ['GET', '/api/v1/admin/usage.csv', usage],
  ['GET', '/api/v1/admin/openapi.json', describe],
];

/** Before anything else of the request is looked at. */
async function requireAdmin({ headers }: Request, service: Pick<Service, 'authenticate'>): Promise<void> {
  const secret = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (secret === undefined)
    throw new Problem('unauthorized', "Send an admin key's secret: `Authorization: Bearer KEY`.");
  const { admin } = await service.authenticate(secret);
  if (!admin) throw new Problem('unauthorized', 'This API key is not an admin key.');
}

async function list(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  const keys = await listKeys(database);
  return { status: 200, json: { keys: keys.map(keyBody) } };
}

async function make(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  const { parent, ...wanted } = await readJson(request, newKey);
  const { key, secret } = await createKey(database, { credits: null, ...wanted, parentId: parent });
  const headers = { location: `${request.origin}${KEYS}/${key.id}` };
  return { status: 201, headers, json: { ...(await shown(database, key)), secret } };
}

async function show(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  const key = await findKey(database, request.params.id ?? '');
  if (!key) throw noSuchKey();
  return { status: 200, json: await shown(database, key) };
}

async function change(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  const wanted = await readJson(request, changedKey);
  const key = await changeKey(database, request.params.id ?? '', wanted);
  if (!key) throw noSuchKey();
  return { status: 200, json: await shown(database, key) };
}

async function revoke(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  if (!(await revokeKey(database, request.params.id ?? ''))) throw noSuchKey();
  return { status: 204 };
}

async function usage(request: Request, { database }: AdminParts): Promise<Reply> {
  const { from, to, key } = readQuery(request, usageQuery);
  if (key !== undefined && !(await findKey(database, key))) throw noSuchKey();
  const filter = { from, to, keyId: key };
  const more = (await countUsage(database, filter, MOST_ENTRIES + 1)) > MOST_ENTRIES;
  const pieces = await Array.fromAsync(exportUsage(database, { ...filter, limit: MOST_ENTRIES }));
  const headers = {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="usage.csv"',
    'keeneye-complete': more ? 'no' : 'yes',
  };
  return { status: 200, headers, text: pieces.join('') };
}

async function describe(request: Request, { refuse }: AdminParts): Promise<Reply> {
  readQuery(request);
  const statusOf = (code: ProblemCode) => refuse(new Problem(code, ''), request).status;
  return { status: 200, json: adminOpenapi(request.origin, statusOf) };
}

async function shown(database: Database, key: Key): Promise<object> {
  const { creditsLeft, plan } = await describeAccount(database, key);
  return { ...keyBody(key), creditsLeft, daysToRenewal: plan.daysToRenewal };
}

function noSuchKey(): Problem {
  return new Problem('not-found', 'There is no such key.');
}
