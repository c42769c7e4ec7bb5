/**
 * The routes of studies, which no dialect owns: a page, its files, and what the page asks for. `:token` is the
 * study's id: whoever knows it may take part, so it stays out of the log.
 */
import type { Dialect, Reply, Request } from '../dialects/dialect.ts';
import { Problem } from '../lib/problem.ts';

/** What lies behind the routes. Everything it throws is a Problem fit to be shown. */
export interface Studies {
  study(id: string): Promise<{ name: string }>;
  pageFile(name: string): Promise<{ type: string; bytes: Uint8Array } | null>;
  join(studyId: string, viewerId: string, told: unknown): Promise<object>;
  image(studyId: string, viewerId: string, position: string, side: string): Promise<Uint8Array>;
  answer(studyId: string, viewerId: string, position: string, told: unknown): Promise<object | null>;
}

/** Answers are a few dozen bytes. */
const MOST_BODY_BYTES = 4096;

/**
 * Nothing but the page's own files is loaded or run, nobody may frame it, and the address, which is a secret, is
 * not passed on.
 */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
  'cache-control': 'no-cache',
};

export function studyRoutes(studies: Studies, refuse: Dialect['refuse']): Dialect {
  const viewer = '/study/:token/viewers/:viewer';
  return {
    name: 'study',
    routes: [
      { method: 'GET', path: '/study/page/:file', handle: (request) => pageFile(request, studies) },
      { method: 'GET', path: '/study/:token', handle: () => page(studies) },
      { method: 'GET', path: '/study/:token/name', handle: (request) => name(request, studies) },
      { method: 'PUT', path: viewer, handle: (request) => join(request, studies) },
      {
        method: 'GET',
        path: `${viewer}/images/:position/:side`,
        handle: (request) => image(request, studies),
      },
      { method: 'PUT', path: `${viewer}/answers/:position`, handle: (request) => answer(request, studies) },
    ],
    refuse,
  };
}

/** The same for every address: the page itself asks whether there is such a study, and says so if not. */
async function page(studies: Studies): Promise<Reply> {
  return fileReply(await studies.pageFile('study.html'));
}

async function pageFile({ params }: Request, studies: Studies): Promise<Reply> {
  return fileReply(await studies.pageFile(params.file ?? ''));
}

function fileReply(file: { type: string; bytes: Uint8Array } | null): Reply {
  if (!file) throw new Problem('not-found', 'There is nothing at this address.');
  return { status: 200, headers: { ...PAGE_HEADERS, 'content-type': file.type }, bytes: file.bytes };
}

async function name({ params }: Request, studies: Studies): Promise<Reply> {
  const { name } = await studies.study(params.token ?? '');
  return json({ name });
}

async function join(request: Request, studies: Studies): Promise<Reply> {
  const { token = '', viewer = '' } = request.params;
  return json(await studies.join(token, viewer, await readJson(request)));
}

async function image({ params }: Request, studies: Studies): Promise<Reply> {
  const { token = '', viewer = '', position = '', side = '' } = params;
  const bytes = await studies.image(token, viewer, position, side);
  const headers = { 'content-type': 'image/png', 'cache-control': 'private, max-age=86400, immutable' };
  return { status: 200, headers, bytes };
}

async function answer(request: Request, studies: Studies): Promise<Reply> {
  const { token = '', viewer = '', position = '' } = request.params;
  const truth = await studies.answer(token, viewer, position, await readJson(request));
  return json({ truth });
}

function json(body: object): Reply {
  return { status: 200, headers: { 'cache-control': 'no-store' }, json: body };
}

/** @throws Problem `malformed-body` | `body-too-large` */
async function readJson(request: Request): Promise<unknown> {
  const declared = Number(request.headers['content-length']);
  if (!(declared >= 0)) throw new Problem('malformed-body', 'Say how long the body is.');
  if (declared > MOST_BODY_BYTES)
    throw new Problem('body-too-large', `The request body is larger than ${MOST_BODY_BYTES} bytes.`);
  try {
    return JSON.parse(Buffer.from(await request.bytes()).toString('utf8'));
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('malformed-body', 'The body is not JSON.', { cause });
  }
}
