/** Takes one file from its bytes to its result: read, optimize, keep. Every way it can fail becomes a result. */
import type { Stats } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import type { OptimizeOptions, Outcome, Reason } from '../../engine/contract.ts';
import type { Pool } from '../../engine/pool.ts';
import type { Signer } from '../../lib/signature.ts';
import { shownPath } from '../format.ts';
import { sentence } from '../sentence.ts';
import { backUp, canBackUp } from './backup.ts';
import type { Keeper, KeepOptions } from './keep.ts';
import type { Placement } from './placement.ts';
import { type Work, writeReport } from './prove.ts';
import type { FileResult, KeptOutput } from './result.ts';
import type { Source } from './sources.ts';

type Done = Extract<Outcome, { status: 'done' }>;

export interface FileTools {
  pool: Pick<Pool, 'optimize'>;
  options: OptimizeOptions;
  placement: Placement;
  keeper: Keeper;
  /** Signs a report for each output; null when none is to be written. */
  signer: Signer | null;
  dryRun: boolean;
  /** Aborts the work in hand; what is being written is finished. */
  signal: AbortSignal;
}

/** Reasons that say that the file was not understood, rather than that it cannot be improved. */
const NOT_UNDERSTOOD: Reason[] = ['corrupt', 'unsupported', 'too-large'];

/** @returns null when the run was aborted before there was a result. */
export async function optimizeFile(source: Source, tools: FileTools): Promise<FileResult | null> {
  if (tools.signal.aborted) return null;
  try {
    return await attempt(source, tools);
  } catch (error) {
    return tools.signal.aborted ? null : failed(source, sentence(error));
  }
}

async function attempt(source: Source, tools: FileTools): Promise<FileResult> {
  const conflict = tools.placement.conflict(source);
  if (conflict !== null) return failed(source, conflict);
  const facts = await stat(source.realPath);
  const bytes = await readFile(source.realPath);
  if (bytes.length === 0) return failed(source, 'the file is empty');
  const backup = tools.placement.backup(source);
  if (backup !== null && !(await canBackUp(source.realPath, bytes, backup))) {
    return { file: source.path, status: 'skipped', detail: `its backup ${shownPath(backup)} exists already` };
  }
  const startedAt = new Date();
  const start = performance.now();
  const outcome = await tools.pool.optimize(bytes, tools.options, tools.signal);
  const engineMs = performance.now() - start;
  if (outcome.status === 'declined') return declined(source, outcome);
  const kept =
    backup === null
      ? await keepOutputs(source, outcome, tools, { mode: facts.mode & 0o777, replacesSource: false })
      : await replaceSource(source, { bytes, facts, backup }, outcome, tools);
  const work = { options: tools.options, outcome, startedAt, engineMs };
  const outputs = await proveOutputs(kept, work, facts, tools);
  const { engine, source: input } = outcome;
  return { file: source.path, status: 'done', engine, input, outputs, backup: backup && shownPath(backup) };
}

async function keepOutputs(
  source: Source,
  outcome: Done,
  tools: FileTools,
  options: KeepOptions,
): Promise<KeptOutput[]> {
  const kept: KeptOutput[] = [];
  for (const output of outcome.outputs) {
    const places = tools.placement.places(source, outcome.source.format, output.format);
    const path = await tools.keeper.keep(source, places, output.data, options);
    const { data, ...facts } = output;
    kept.push({ path: shownPath(path), bytes: data.length, ...facts });
  }
  return kept;
}

/** Once all outputs are in their places: a report that cannot be written undoes none of them. */
async function proveOutputs(
  kept: KeptOutput[],
  work: Work,
  facts: Stats,
  { signer, dryRun }: FileTools,
): Promise<KeptOutput[]> {
  if (!signer || dryRun) return kept;
  const options = { mode: facts.mode & 0o666, owner: ownerToKeep(facts) };
  const proved: KeptOutput[] = [];
  for (const output of kept)
    proved.push({ ...output, report: await writeReport(signer, work, output, options) });
  return proved;
}

interface Original {
  bytes: Uint8Array;
  /** As of before it was read. */
  facts: Stats;
  backup: string;
}

/** At every moment there is the original, under its own name or its backup's. */
async function replaceSource(
  source: Source,
  { bytes, facts, backup }: Original,
  outcome: Done,
  tools: FileTools,
): Promise<KeptOutput[]> {
  const mode = facts.mode & 0o777;
  const options = { mode, replacesSource: true, owner: ownerToKeep(facts) };
  if (tools.dryRun) return keepOutputs(source, outcome, tools, options);
  if (!isUnchanged(facts, await stat(source.realPath))) {
    throw new Error('it changed while it was being optimized, and was left as it is');
  }
  const isNew = await backUp(source.realPath, bytes, backup, mode);
  try {
    const kept = await keepOutputs(source, outcome, tools, options);
    if (isUnchanged(facts, await stat(source.realPath))) await rm(source.realPath);
    return kept;
  } catch (error) {
    if (isNew && isUnchanged(facts, await stat(source.realPath))) await rm(backup);
    throw error;
  }
}

function isUnchanged(before: Stats, after: Stats): boolean {
  return before.ino === after.ino && before.size === after.size && before.mtimeMs === after.mtimeMs;
}

/** Only root can give files away, and only root needs to: everyone else's new files are theirs. */
function ownerToKeep({ uid, gid }: Stats): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid, gid } : undefined;
}

function declined(source: Source, outcome: Extract<Outcome, { status: 'declined' }>): FileResult {
  const { engine, reason, detail, source: input } = outcome;
  if (NOT_UNDERSTOOD.includes(reason)) return failed(source, detail, reason);
  return { file: source.path, status: 'declined', engine, reason, detail, input };
}

function failed(source: Source, detail: string, reason: Reason | null = null): FileResult {
  return { file: source.path, status: 'failed', reason, detail };
}
