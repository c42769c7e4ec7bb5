/**
 * The server's own routes, which no dialect owns: downloads of artifacts, public keys, health and metrics (those of
 * studies are in `study-routes.ts`). They are a dialect like the others, and borrow the words of its refusals from one.
 */
import type { Artifact, Dialect, Reply, Request } from '../dialects/dialect.ts';
import { imageHeaders } from '../lib/image-headers.ts';
import type { Metrics } from '../lib/metrics.ts';
import { keyId, type PublicKey } from '../lib/signature.ts';

/** What a download link leads to. @throws Problem `not-found` when the token is unknown or has expired. */
export type OpenArtifact = (token: string) => Promise<{ artifact: Artifact; bytes: Uint8Array }>;

/** Names what is missing before work can be taken in; empty when the server is ready. */
export type Health = () => Promise<string[]>;

export interface HouseParts {
  openArtifact: OpenArtifact;
  reportKeys: PublicKey[];
  health: Health;
  metrics: Pick<Metrics, 'expose'>;
}

const EXTENSIONS = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  svg: 'svg',
  pdf: 'pdf',
} as const;

export function houseRoutes(parts: HouseParts, refuse: Dialect['refuse']): Dialect {
  return {
    name: 'server',
    routes: [
      {
        method: 'GET',
        path: '/artifacts/:token',
        handle: (request) => download(request, parts.openArtifact),
      },
      { method: 'GET', path: '/.well-known/keeneye-keys.json', handle: async () => keySet(parts.reportKeys) },
      { method: 'GET', path: '/healthz', handle: async () => ({ status: 200, json: { status: 'alive' } }) },
      { method: 'GET', path: '/readyz', handle: () => readiness(parts.health) },
      { method: 'GET', path: '/metrics', handle: () => scrape(parts.metrics) },
    ],
    refuse,
  };
}

async function download(request: Request, openArtifact: OpenArtifact): Promise<Reply> {
  const { artifact, bytes } = await openArtifact(request.params.token ?? '');
  const etag = `"${artifact.sha256}"`;
  const headers = { etag, 'cache-control': 'private, max-age=3600, immutable' };
  if (isKnown(request.headers['if-none-match'], etag)) return { status: 304, headers };
  return {
    status: 200,
    headers: {
      ...headers,
      ...imageHeaders(artifact.format, bytes),
      'content-disposition': `inline; filename="${artifact.sha256.slice(0, 16)}.${EXTENSIONS[artifact.format]}"`,
    },
    bytes,
  };
}

/** Whether a client has it (RFC 9110, 13.1.2); a proxy that compresses calls what it passed on weak. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const named = (ifNoneMatch ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return named.includes(etag) || named.includes('*');
}

/** A JWK set (RFC 7517). */
function keySet(keys: PublicKey[]): Reply {
  const json = { keys: keys.map((key) => ({ ...key, kid: keyId(key), use: 'sig' })) };
  const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=300' };
  return { status: 200, headers, json };
}

async function readiness(health: Health): Promise<Reply> {
  const missing = await health();
  if (missing.length === 0) return { status: 200, json: { status: 'ready' } };
  return { status: 503, headers: { 'retry-after': '2' }, json: { status: 'not ready', missing } };
}

async function scrape(metrics: Pick<Metrics, 'expose'>): Promise<Reply> {
  const { contentType, text } = await metrics.expose();
  return { status: 200, headers: { 'content-type': contentType }, text };
}
