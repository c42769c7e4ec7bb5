/** Jobs as people read them: one a line of a table, or one with all that is known of it. */
import type { JobDetails, JobEntry } from '../../jobs/job-list.ts';
import { formatBytes, formatChange, formatScore } from '../format.ts';
import { tabulate } from '../keys/describe.ts';
import { oneLine } from '../sentence.ts';

const HEADINGS = ['ID', 'STATUS', 'REASON', 'DIALECT', 'KEY', 'AGE', 'BYTES', 'SAVED', 'WHAT'];

export function tabulateJobs(jobs: JobEntry[]): string[] {
  return tabulate(
    HEADINGS,
    jobs.map((job) => [
      job.id,
      job.status,
      job.reason ?? '',
      job.dialect,
      oneLine(job.keyName),
      formatAge(job.ageSeconds),
      job.sourceBytes === null ? '' : formatBytes(job.sourceBytes),
      savedOf(job),
      job.what,
    ]),
  );
}

function savedOf({ sourceBytes, savedBytes }: JobEntry): string {
  if (sourceBytes === null || savedBytes === null) return '';
  return formatChange(sourceBytes, sourceBytes - savedBytes);
}

/** In its largest unit: `42 s`, `7 min`, `3 h`, `2 d`. */
function formatAge(seconds: number): string {
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  if (seconds < 6_000) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function describeJob(job: JobDetails): string[] {
  const { timing, source } = job;
  const facts: [string, string | null][] = [
    ['id', job.id],
    ['status', job.status],
    ['reason', job.reason],
    ['detail', job.detail],
    ['dialect', job.dialect],
    ['key', `${job.keyId} (${job.keyName})`],
    ['what', job.what],
    ['file', job.filename],
    ['source', describeSource(job)],
    ['address', source.url],
    ['sha256', source.sha256 && `${source.sha256}${source.stored ? '' : ' (not kept)'}`],
    ['saved', savedOf(job) || null],
    ['created', job.createdAt.toISOString()],
    ['started', job.startedAt?.toISOString() ?? null],
    ['finished', job.finishedAt?.toISOString() ?? null],
    ['expires', job.expiresAt?.toISOString() ?? null],
    ['waited', timing.waitedMs === null ? null : `${timing.waitedMs} ms`],
    ['engine', timing.engineMs === null ? null : `${timing.engineMs} ms`],
    ['attempts', String(job.attempts)],
    ['charged', job.charge ? 'if it succeeds' : 'no'],
    ...job.artifacts.map((artifact): [string, string] => ['result', describeArtifact(artifact)]),
    ...job.batches.map((batch): [string, string] => ['batch', describeBatch(batch)]),
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : `${name.padEnd(10)}${oneLine(value)}`));
}

function describeSource({ source, sourceBytes }: JobDetails): string | null {
  if (sourceBytes === null) return null;
  const { format, width, height } = source;
  return [formatBytes(sourceBytes), format, width && height && `${width} x ${height}`]
    .filter(Boolean)
    .join(', ');
}

function describeArtifact(artifact: JobDetails['artifacts'][number]): string {
  const { id, format, bytes, width, height, score } = artifact;
  return `${id}: ${format}, ${formatBytes(bytes)}, ${width} x ${height}, score ${formatScore(score)}`;
}

function describeBatch({ id, size, callback }: JobDetails['batches'][number]): string {
  const told = callback && `; callback ${callback.id} ${callback.status}, ${callback.attempts} attempts`;
  return `${id} of ${size}${told ?? ''}`;
}
