/** The native API: routes and handlers. What each parameter and reply looks like is in `schema.ts`. */
import { Problem } from '../../lib/problem.ts';
import type { Artifact, Dialect, Job, Reply, Request, Service } from '../dialect.ts';
import { refuse } from './errors.ts';
import { openapi } from './openapi.ts';
import { heatmapParameters, jobParameters, noParameters } from './parameters.ts';
import { queryOf, readKey, readOptimize, readParameters } from './request.ts';
import { accountBody, bestArtifact, jobBody, lossyArtifact, reportBody } from './response.ts';

/** A link is made anew whenever a job is shown, so it need not outlive a day. */
const LINK_TTL_MS = 24 * 3600 * 1000;

export const dialect: Dialect = {
  name: 'native',
  routes: [
    { method: 'POST', path: '/api/v1/optimize', handle: optimize },
    { method: 'GET', path: '/api/v1/jobs/:id', handle: showJob },
    { method: 'GET', path: '/api/v1/jobs/:id/report', handle: showReport },
    { method: 'GET', path: '/api/v1/jobs/:id/heatmap.png', handle: showHeatmap },
    { method: 'GET', path: '/api/v1/account', handle: showAccount },
    {
      method: 'GET',
      path: '/api/v1/openapi.json',
      handle: async ({ origin }) => ({ status: 200, json: openapi(origin) }),
    },
  ],
  refuse,
};

async function optimize(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  // Asked first, so that a stranger's upload is refused before it is read.
  await service.account(secret);
  const { submission, waitMs, image } = await readOptimize(request);
  const taken = await service.submit({ ...submission, secret });
  const job = await service.wait(taken, waitMs, request.signal);
  if (job.status === 'failed') throw failure(job);
  const ended = job.status === 'done' || job.status === 'declined';
  if (image && ended) return imageReply(job, request.origin);
  const headers = { location: jobUrl(job, request.origin), ...(ended ? {} : { 'retry-after': '1' }) };
  return { status: ended ? 200 : 202, headers, json: shown(job, request, service) };
}

async function showJob(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  const { wait } = readParameters(jobParameters, queryOf(request));
  const found = await service.find(secret, request.params.id ?? '');
  const job = await service.wait(found, wait * 1000, request.signal);
  return { status: 200, json: shown(job, request, service) };
}

async function showReport(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  readParameters(noParameters, queryOf(request));
  return { status: 200, json: reportBody(await service.find(secret, request.params.id ?? '')) };
}

async function showHeatmap(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  const { output } = readParameters(heatmapParameters, queryOf(request));
  const job = await service.find(secret, request.params.id ?? '');
  const bytes = await job.heatmap(lossyArtifact(job, output), request.signal);
  const headers = { 'content-type': 'image/png', 'cache-control': 'private, max-age=3600' };
  return { status: 200, headers, bytes };
}

async function showAccount(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  readParameters(noParameters, queryOf(request));
  return { status: 200, json: accountBody(await service.account(secret)) };
}

async function imageReply(job: Job, origin: string): Promise<Reply> {
  const headers = { 'keeneye-job': job.id, location: jobUrl(job, origin) };
  if (job.status === 'declined') {
    return { status: 204, headers: { ...headers, 'keeneye-reason': job.reason ?? 'no-gain' } };
  }
  const best = bestArtifact(job);
  const described = {
    'content-type': `${best.format === 'pdf' ? 'application' : 'image'}/${best.format}`,
    'keeneye-score': String(best.score),
  };
  return { status: 200, headers: { ...headers, ...described }, bytes: await job.read(best) };
}

function shown(job: Job, { origin }: Request, service: Service): unknown {
  return jobBody(job, (artifact: Artifact) => service.link(artifact, LINK_TTL_MS, origin));
}

function jobUrl(job: Job, origin: string): string {
  return `${origin}/api/v1/jobs/${job.id}`;
}

function failure(job: Job): Problem {
  const detail = job.detail ?? 'The image could not be processed.';
  return new Problem('job-failed', `${detail} (${job.reason ?? 'unknown'})`, { jobId: job.id });
}
