/**
 * Draws the pictures of docs/use/quality.md, from a scene drawn for them and from the engine and the model as they are.
 * Run by `npm run docs`; `test/pictures.test.ts` fails when one says something else than the engine does.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawCodecs, drawJnd } from './pictures/curves.ts';
import { drawFloors } from './pictures/floors.ts';
import { drawHeat } from './pictures/heat.ts';
import { drawScene } from './pictures/scene.ts';

const FOLDER = join(import.meta.dirname, 'images');

const scene = await drawScene();
const pictures = {
  'floors.svg': await drawFloors(scene),
  'jnd.svg': drawJnd(),
  'codecs.svg': drawCodecs(),
  'heatmap.svg': await drawHeat(scene),
};
for (const [name, picture] of Object.entries(pictures)) writeFileSync(join(FOLDER, name), picture);
