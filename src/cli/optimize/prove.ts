/** Writes a signed report beside an output: what the engine measured on the bytes that were kept. */
import type { OptimizeOptions, Outcome, Output } from '../../engine/contract.ts';
import { REPORT_TYPE, type Report, reportedFloor, reportVisibility } from '../../lib/report.ts';
import type { Signer } from '../../lib/signature.ts';
import { type WriteOptions, writeAtomically } from '../atomic-write.ts';
import { shownPath } from '../format.ts';
import { sentence } from '../sentence.ts';
import type { KeptOutput } from './result.ts';

type Done = Extract<Outcome, { status: 'done' }>;

/** What the engine was asked, what it answered, and when. */
export interface Work {
  options: OptimizeOptions;
  outcome: Done;
  startedAt: Date;
  engineMs: number;
}

/** Marks the report of the file whose name comes before it. */
const REPORT = '.report.json';

/**
 * @returns the report's path: the output's with `.report.json` behind it. An earlier report is replaced.
 * @throws Error that names the report when it cannot be written.
 */
export async function writeReport(
  signer: Signer,
  work: Work,
  kept: KeptOutput,
  options: Omit<WriteOptions, 'replace'>,
): Promise<string> {
  const path = kept.path + REPORT;
  const output = work.outcome.outputs.find(({ sha256 }) => sha256 === kept.sha256)!;
  const text = `${JSON.stringify(signer.sign(describeWork(work, output)), null, 2)}\n`;
  try {
    await writeAtomically(path, Buffer.from(text), { ...options, replace: true });
  } catch (error) {
    throw new Error(`cannot write ${shownPath(path)}: ${sentence(error)}`, { cause: error });
  }
  return path;
}

/** Of several outputs each has a report of its own, which does not speak of the others. */
function describeWork({ options, outcome, startedAt, engineMs }: Work, output: Output): Report {
  const { accept: formats, limits, gate, maxOverhead, ...asked } = options;
  const { data, visibility, ...measured } = output;
  const { orientation: _orientation, ...input } = outcome.source;
  return {
    type: REPORT_TYPE,
    status: 'done',
    reason: null,
    detail: null,
    engine: outcome.engine,
    fidelity: options.fidelity,
    floor: reportedFloor(options, [output]),
    gate,
    options: { ...asked, formats },
    input,
    outputs: [{ ...measured, ...reportVisibility(visibility), bytes: data.length }],
    createdAt: startedAt.toISOString(),
    finishedAt: new Date(startedAt.getTime() + engineMs).toISOString(),
    engineMs: Math.round(engineMs),
  };
}
