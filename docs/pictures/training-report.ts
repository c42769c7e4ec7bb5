/** Reads the tables of metric/TRAINING-REPORT.md, so that drawings follow the training. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPORT = join(import.meta.dirname, '../../metric/TRAINING-REPORT.md');

/** Where people see one JND of a codec's damage, on the scale of SSIMULACRA 2. */
export interface CodecLine {
  codec: string;
  mean: number;
  least: number;
  most: number;
}

export function codecLines(): CodecLine[] {
  return rowsOf('One JND for each codec').map(([codec, mean, range]) => {
    const [least, most] = range!.split(' to ');
    return { codec: codec!, mean: Number(mean), least: Number(least), most: Number(most) };
  });
}

/** What images at or above a floor look like to people, on average. */
export interface FloorLine {
  floor: number;
  /** Percent of careful viewers who see a difference. */
  seenBy: number;
}

export function floorLines(): FloorLine[] {
  return rowsOf('What a floor lets through').map((cells) => ({
    floor: Number(cells[0]),
    seenBy: Number.parseFloat(cells.at(-1)!),
  }));
}

/** @throws Error when the report has no such table. */
function rowsOf(heading: string): string[][] {
  const section = readFileSync(REPORT, 'utf8').split(`## ${heading}\n`)[1]?.split('\n## ')[0];
  const lines = section?.split('\n').filter((line) => line.startsWith('|')) ?? [];
  if (lines.length < 3) throw new Error(`the training report has no table "${heading}"`);
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
