/** Writes what was trained to where the engine and the readers find it: weights, report, facts of the model card. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JndModel } from '../../src/engine/metric/jnd-network.ts';
import { cardFacts } from './report.ts';
import type { Training } from './train.ts';

const ROOT = join(import.meta.dirname, '../..');
const WEIGHTS = join(ROOT, 'src/engine/metric/jnd-weights.ts');
const REPORT = join(ROOT, 'metric/TRAINING-REPORT.md');
const CARD = join(ROOT, 'metric/MODEL-CARD.md');

/** Between these two lines of the card everything is replaced. */
const FACTS = /(<!-- facts from training -->\n)[\s\S]*?(\n<!-- end of facts -->)/;

export function ship(training: Training, report: string): void {
  writeFileSync(WEIGHTS, weightsModule(training.model));
  writeFileSync(REPORT, report);
  const card = readFileSync(CARD, 'utf8');
  writeFileSync(
    CARD,
    card.replace(FACTS, (_all, begin, end) => `${begin}\n${cardFacts(training)}\n${end}`),
  );
}

/** The model as a module of the engine: a module needs no file to be read, and no copying when it is packed. */
function weightsModule(model: JndModel): string {
  return [
    '/** The trained networks: written by `npm run train`, not by hand. What they are is in metric/MODEL-CARD.md. */',
    "import type { JndModel } from './jnd-network.ts';",
    '',
    '// biome-ignore format: written by a program',
    `export const JND_MODEL: JndModel = ${printed(model)};`,
    '',
  ].join('\n');
}

/** JSON with one network a line. */
function printed(model: JndModel): string {
  const entries = Object.entries(model).map(([name, value]) => {
    if (!Array.isArray(value)) return `  ${name}: ${literal(value)},`;
    return `  ${name}: [\n${value.map((each) => `    ${literal(each)},\n`).join('')}  ],`;
  });
  return `{\n${entries.join('\n')}\n}`;
}

function literal(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/"(\w+)":/g, ' $1: ')
    .replaceAll('"', "'");
}
