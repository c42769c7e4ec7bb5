/** What became of one file: the record behind its line and its JSON object. */
import type { Output, Reason, SourceFacts } from '../../engine/contract.ts';

export interface KeptOutput extends Omit<Output, 'data'> {
  /** Where it was written, or would have been. */
  path: string;
  bytes: number;
  /** Where its report was written, when one was asked for. */
  report?: string;
}

export type FileResult = { file: string } & (
  | {
      status: 'done';
      engine: string;
      input: SourceFacts;
      outputs: KeptOutput[];
      /** Where an in-place run put the original. */
      backup: string | null;
    }
  | { status: 'declined'; engine: string; reason: Reason; detail: string; input: SourceFacts | null }
  /** Passed over before the engine looked. */
  | { status: 'skipped'; detail: string }
  /** Could not be read, understood or written; `reason` is the engine's, when it was the engine. */
  | { status: 'failed'; reason: Reason | null; detail: string }
);

export interface Summary {
  files: number;
  done: number;
  declined: number;
  skipped: number;
  failed: number;
  /** Over the files that are done: the sources, and the smallest output of each. */
  bytesIn: number;
  bytesOut: number;
  bytesSaved: number;
  /** Over all outputs, of the whole image and of the worst tile; null when there are none. */
  lowestScore: number | null;
  lowestTileScore: number | null;
  seconds: number;
  dryRun: boolean;
}

/** @param seconds how long the run took. */
export function summarize(results: FileResult[], seconds: number, dryRun: boolean): Summary {
  const done = results.filter((result) => result.status === 'done');
  const count = (status: FileResult['status']) => results.filter((result) => result.status === status).length;
  const bytesIn = sum(done.map(({ input }) => input.bytes));
  const bytesOut = sum(done.map(({ outputs }) => Math.min(...outputs.map(({ bytes }) => bytes))));
  const outputs = done.flatMap((result) => result.outputs);
  return {
    files: results.length,
    done: done.length,
    declined: count('declined'),
    skipped: count('skipped'),
    failed: count('failed'),
    bytesIn,
    bytesOut,
    bytesSaved: bytesIn - bytesOut,
    lowestScore: lowest(outputs.map(({ score }) => score)),
    lowestTileScore: lowest(outputs.map(({ worstTile }) => worstTile.score)),
    seconds,
    dryRun,
  };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function lowest(values: number[]): number | null {
  return values.reduce<number | null>(
    (least, value) => (least === null ? value : Math.min(least, value)),
    null,
  );
}
