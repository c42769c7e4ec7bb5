/**
 * Trains the search: `npm run train -- --ladders FILE`, the files being what `npm run bench -- ladders` measured.
 * Prints how a search does that was trained on the other pictures, and writes what was learned and the report.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEARNED } from '../../../src/engine/learned-encoders.ts';
import { mean } from '../statistics.ts';
import { fitEncoder } from './fit-encoder.ts';
import type { Ladder } from './ladder.ts';
import { type Rehearsal, rehearseHeldOut } from './rehearse.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MODULE = join(ROOT, 'src/engine/learned-encoders.ts');
const REPORT = join(ROOT, 'metric/SEARCH-REPORT.md');
const FLOORS = [80, 85, 90];

/** @param files JSON of ladders. What was learned of encoders that are not in them stays. */
export async function trainSearch(files: string[]): Promise<void> {
  const ladders = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')) as Ladder[]);
  const encoders = new Set(ladders.map(({ encoder }) => encoder));
  const of = (name: string) => ladders.filter(({ encoder }) => encoder === name);
  const rows: string[][] = [];
  for (const name of encoders) {
    const rehearsals = await rehearseHeldOut(of(name), FLOORS);
    for (const floor of FLOORS) rows.push(row(name, floor, rehearsals));
  }
  const images = new Set(ladders.map(({ image }) => image)).size;
  const report = describe(images, rows);
  console.log(report);
  const fitted = [...encoders].map((name) => [name, fitEncoder(of(name))] as const);
  writeFileSync(MODULE, printModule({ ...LEARNED, ...Object.fromEntries(fitted) }));
  writeFileSync(REPORT, report);
}

function row(name: string, floor: number, all: Rehearsal[]): string[] {
  const rehearsals = all.filter((each) => each.floor === floor);
  const evaluations = rehearsals.map((each) => each.evaluations);
  return [
    name,
    String(floor),
    String(rehearsals.length),
    mean(evaluations).toFixed(2),
    String(Math.max(...evaluations)),
    mean(rehearsals.map(({ glimpses }) => glimpses)).toFixed(2),
    mean(rehearsals.map(({ closeUps }) => closeUps)).toFixed(2),
    `${(100 * mean(rehearsals.map(({ excess }) => excess).filter(Number.isFinite))).toFixed(2)} %`,
  ];
}

function describe(images: number, rows: string[][]): string {
  const head = [
    'encoder',
    'floor',
    'images',
    'evaluations',
    'most',
    'glimpses',
    'of suspects',
    'bytes above the optimum',
  ];
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    '# Search report',
    '',
    'Written by `npm run train -- --ladders`; changes by hand are lost.',
    '',
    `The search over ${images} images, each with what was learned of the other pictures. Left out are images on which`,
    'no quality of the encoder reaches the floor.',
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
  ].join('\n');
}

function printModule(learned: typeof LEARNED): string {
  const entries = Object.entries(learned).map(([name, { curve, growth, sample, suspects, spreads }]) => {
    const fields = [`    curve: ${JSON.stringify(curve)},`, `    growth: ${JSON.stringify(growth)},`];
    if (sample) fields.push(`    sample: ${JSON.stringify(sample)},`);
    if (suspects) fields.push(`    suspects: ${JSON.stringify(suspects)},`);
    fields.push(`    spreads: ${JSON.stringify(spreads)},`);
    return `  '${name}': {\n${fields.join('\n')}\n  },\n`;
  });
  return [
    '/** Written by `npm run train -- --ladders`, not by hand. What the numbers mean is in `learned.ts`. */',
    '// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: measured numbers',
    "import type { LearnedEncoder } from './learned.ts';",
    '',
    '// biome-ignore format: written by a program',
    `export const LEARNED: Record<string, LearnedEncoder> = {\n${entries.join('')}};`,
    '',
  ].join('\n');
}
