/** Writes jobs, reports and accounts as the native API shows them. Pure. */
import { Problem } from '../../lib/problem.ts';
import { REPORT_TYPE, type Report, reportedFloor, reportVisibility } from '../../lib/report.ts';
import type { Account, Artifact, Job } from '../dialect.ts';
import type { AccountBody, JobBody, ReportBody } from './schema.ts';

/** @param link the download address of an artifact. */
export function jobBody(job: Job, link: (artifact: Artifact) => string): JobBody {
  return {
    id: job.id,
    status: job.status,
    reason: job.reason ?? undefined,
    detail: job.detail ?? undefined,
    input: inputBody(job),
    outputs: job.artifacts.map((artifact) => ({ ...measuredBody(artifact), url: link(artifact) })),
  };
}

/**
 * The signed report.
 * @throws Problem `not-found` while there is nothing to prove: the job has not ended, or failed.
 */
export function reportBody(job: Job): ReportBody {
  if (job.status !== 'done' && job.status !== 'declined') {
    throw new Problem('not-found', `The job is ${job.status} and has no report.`, { jobId: job.id });
  }
  const report = {
    type: REPORT_TYPE as typeof REPORT_TYPE,
    job: job.id,
    status: job.status,
    reason: job.reason,
    detail: job.detail,
    engine: job.engine,
    fidelity: job.options.fidelity ?? null,
    floor: reportedFloor(job.options, job.artifacts),
    gate: job.accept,
    options: { ...job.options },
    input: provedInput(job),
    outputs: job.artifacts.map((artifact) => ({
      ...measuredBody(artifact),
      ...reportVisibility(artifact.visibility),
      evaluations: artifact.evaluations,
    })),
    createdAt: job.createdAt.toISOString(),
    finishedAt: job.finishedAt?.toISOString() ?? null,
    engineMs: job.engineMs,
  } satisfies Report;
  return job.sign(report);
}

export function accountBody({ name, creditsLeft, creditsUsed }: Account): AccountBody {
  return { name, creditsLeft, creditsUsed };
}

/**
 * The output whose differences are to be shown.
 * @throws Problem `not-found` when the job has none or its pixels are the original's, `invalid-parameter`
 */
export function lossyArtifact(job: Job, index: number): Artifact {
  const refuse = (why: string) =>
    new Problem('not-found', `There is no heat map: ${why}.`, { jobId: job.id });
  if (job.status === 'declined') throw refuse('the job was declined and has no output');
  if (job.status !== 'done') throw refuse(`the job is ${job.status}`);
  const artifact = job.artifacts[index];
  if (!artifact) {
    const sentence = `The job has ${job.artifacts.length} output(s), counted from 0; output ${index} is none of them.`;
    throw new Problem('invalid-parameter', sentence, { parameter: 'output' });
  }
  if (artifact.quality === null) throw refuse('this output is lossless, so no pixel differs');
  return artifact;
}

/** The output to deliver when only one can be: the smallest. @throws Problem `internal` when a done job has none. */
export function bestArtifact(job: Job): Artifact {
  const [first, ...rest] = job.artifacts;
  if (!first) throw new Problem('internal', 'The job is done but has no output.', { jobId: job.id });
  return rest.reduce((best, artifact) => (artifact.bytes < best.bytes ? artifact : best), first);
}

function inputBody({ source }: Job): JobBody['input'] {
  const { bytes, width, height, format, sha256 } = source;
  return { bytes, width, height, format, sha256 };
}

/** Of a job that ended with an answer, whose source was therefore at hand. */
function provedInput(job: Job): Report['input'] {
  const { bytes, sha256, ...shape } = inputBody(job);
  if (bytes === null || sha256 === null)
    throw new Problem('internal', 'The job has an answer but no source.', { jobId: job.id });
  return { bytes, sha256, ...shape };
}

function measuredBody(artifact: Artifact): Omit<JobBody['outputs'][number], 'url'> {
  const { format, bytes, width, height, frames, sha256, score, worstTile, encoder, quality } = artifact;
  const { x, y, width: tileWidth, height: tileHeight, score: tileScore, image } = worstTile;
  // Spelled out, because what comes out of the database has its members in an order of its own.
  const tile = { x, y, width: tileWidth, height: tileHeight, score: tileScore, ...(image && { image }) };
  return { format, bytes, width, height, frames, sha256, score, worstTile: tile, encoder, quality };
}
