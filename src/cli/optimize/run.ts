/** `keeneye optimize`, once its command line is understood: find, optimize, keep, report. */
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OptimizeOptions } from '../../engine/contract.ts';
import { exists } from '../../lib/exists.ts';
import { openPool } from '../engine-pool.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { loadReportSigner } from '../proof/report-key.ts';
import { terminal } from '../terminal.ts';
import { setResultsApart } from './earlier-results.ts';
import { inOrder } from './in-order.ts';
import { createKeeper } from './keep.ts';
import { optimizeFile } from './one-file.ts';
import { type Destination, planPlacement } from './placement.ts';
import { openReport, type Report } from './report.ts';
import { type Found, findSources, type SearchRules, type Source } from './sources.ts';

export interface Plan {
  paths: string[];
  destination: Destination;
  options: OptimizeOptions;
  /** Files in work at the same time. */
  jobs: number;
  json: boolean;
  /** The key that signs a report beside each output; null to write none. */
  reportKey: string | null;
  dryRun: boolean;
}

/**
 * @param signal ends the run early; its reason is then the exit code.
 * @returns the exit code.
 * @throws UsageError when the destination cannot be one.
 */
export async function runOptimize(plan: Plan, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const destination = await resolveFolders(plan.destination);
  const found = await findSources(plan.paths, searchRules(destination), signal);
  const report = openReport(found.sources.length + found.faults.length, plan);
  reportSearch(found, report);
  const { originals, results } = setResultsApart(found.sources, destination, plan.options);
  for (const { file, original } of results) {
    report.add({ file, status: 'skipped', detail: `by its name it is the result of ${original}` });
  }
  await optimizeAll(originals, { ...plan, destination }, report, signal);
  const summary = report.end((performance.now() - startedAt) / 1000);
  if (signal.aborted) return signal.reason;
  return summary.failed > 0 ? EXIT.failed : EXIT.ok;
}

async function optimizeAll(
  sources: Source[],
  plan: Plan,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { options, jobs, dryRun, destination, reportKey } = plan;
  const signer = reportKey === null || dryRun ? null : await loadReportSigner(reportKey);
  const pool = openPool(jobs);
  const placement = planPlacement(sources, destination);
  const keeper = createKeeper(sources, dryRun);
  try {
    await inOrder(
      sources,
      jobs,
      (source) => optimizeFile(source, { pool, options, placement, keeper, signer, dryRun, signal }),
      (result) => result && report.add(result),
    );
  } finally {
    await pool.close();
  }
}

function reportSearch({ faults, empty }: Found, report: Report): void {
  for (const { path, detail } of faults) report.add({ file: path, status: 'failed', reason: null, detail });
  for (const path of empty) terminal.complain(`${path}: no images here`);
}

/** In place, links inside folders are left alone: what they lead to may lie outside of what the user named. */
function searchRules(destination: Destination): SearchRules {
  return {
    followLinks: destination.kind !== 'in-place',
    skipFolders: [folderOf(destination)].filter((folder) => folder !== null),
  };
}

function folderOf(destination: Destination): string | null {
  if (destination.kind === 'out') return destination.folder;
  return destination.kind === 'in-place' ? destination.backupFolder : null;
}

async function resolveFolders(destination: Destination): Promise<Destination> {
  if (destination.kind === 'out') return { ...destination, folder: await resolveFolder(destination.folder) };
  if (destination.kind === 'beside' || destination.backupFolder === null) return destination;
  return { ...destination, backupFolder: await resolveFolder(destination.backupFolder) };
}

/** It may be missing: it is made when something is written to it. */
async function resolveFolder(path: string): Promise<string> {
  if (!(await exists(path))) return resolve(path);
  if (!(await stat(path)).isDirectory()) throw new UsageError(`${path} is not a folder.`);
  return realpath(path);
}
