/** Tells the results of a run as they come, as lines for a person or as JSON for a program, and sums them up. */
import { terminal } from '../terminal.ts';
import { describeResult, describeSummary } from './describe.ts';
import { openProgress } from './progress.ts';
import { type FileResult, type Summary, summarize } from './result.ts';

export interface Report {
  add(result: FileResult): void;
  /** @param seconds how long the run took. */
  end(seconds: number): Summary;
}

/** @param files how many results will come. */
export function openReport(files: number, { json, dryRun }: { json: boolean; dryRun: boolean }): Report {
  const results: FileResult[] = [];
  const progress = openProgress(json ? 0 : files, process.stderr);
  return {
    add(result) {
      results.push(result);
      progress.around(() => (json ? terminal.print(JSON.stringify(result)) : printLine(result)));
      progress.advance(savedBy(result));
    },
    end(seconds) {
      progress.end();
      const summary = summarize(results, seconds, dryRun);
      terminal.print(json ? JSON.stringify({ summary }) : describeSummary(summary, files - results.length));
      return summary;
    },
  };
}

function printLine(result: FileResult): void {
  if (result.status === 'failed') terminal.complain(describeResult(result));
  else terminal.print(describeResult(result));
}

function savedBy(result: FileResult): number {
  if (result.status !== 'done') return 0;
  return result.input.bytes - Math.min(...result.outputs.map(({ bytes }) => bytes));
}
