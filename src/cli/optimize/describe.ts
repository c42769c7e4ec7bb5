/** Words results for a person, one line an output. */
import { formatBytes, formatChange, formatScore } from '../format.ts';
import { oneLine } from '../sentence.ts';
import type { FileResult, KeptOutput, Summary } from './result.ts';

/** @returns the file's line, or lines when it has several outputs. */
export function describeResult(result: FileResult): string {
  const name = oneLine(result.file);
  if (result.status === 'done') {
    return result.outputs.map((output) => describeOutput(name, result.input.bytes, output)).join('\n');
  }
  if (result.status === 'declined') return `${name}  declined, ${result.reason}: ${oneLine(result.detail)}`;
  if (result.status === 'skipped') return `${name}  skipped: ${oneLine(result.detail)}`;
  return `${name}: ${oneLine(result.detail)}`;
}

function describeOutput(name: string, bytesIn: number, output: KeptOutput): string {
  const { bytes, format, quality, score, worstTile } = output;
  return [
    `${name} -> ${oneLine(output.path)}`,
    `${formatBytes(bytesIn)} -> ${formatBytes(bytes)} (${formatChange(bytesIn, bytes)})`,
    quality === null ? `${format} lossless` : `${format} q${quality}`,
    `score ${formatScore(score)}`,
    `worst tile ${formatScore(worstTile.score)}`,
  ].join('  ');
}

/** @param left files that an interrupted run did not come to. */
export function describeSummary(summary: Summary, left: number): string {
  const counts = (['done', 'declined', 'skipped', 'failed'] as const)
    .filter((status) => summary[status] > 0)
    .map((status) => `${summary[status]} ${status === 'done' ? 'optimized' : status}`);
  const sentences = [
    `${summary.files} ${summary.files === 1 ? 'file' : 'files'}: ${counts.join(', ') || 'nothing to do'}.`,
  ];
  if (summary.done > 0) {
    const { bytesIn, bytesOut, bytesSaved, lowestScore } = summary;
    sentences.push(
      `${formatBytes(bytesSaved)} saved, ${formatBytes(bytesIn)} -> ${formatBytes(bytesOut)} (${formatChange(bytesIn, bytesOut)}).`,
      `Lowest score ${formatScore(lowestScore ?? 100)}.`,
    );
  }
  if (left > 0) sentences.push(`Interrupted: ${left} left undone.`);
  if (summary.dryRun) sentences.push('Dry run: nothing was written.');
  return sentences.join(' ');
}
