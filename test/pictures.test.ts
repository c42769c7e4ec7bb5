/** The pictures of the documentation say what the engine and the model say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { drawCodecs, drawJnd } from '../docs/pictures/curves.ts';
import { FLOORS } from '../docs/pictures/floors.ts';
import { spoil } from '../docs/pictures/heat.ts';
import { drawScene } from '../docs/pictures/scene.ts';
import { DEFAULT_LIMITS } from '../src/engine/contract.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { compare } from '../src/engine/judge.ts';
import { pngFile } from './images/files.ts';

const STALE = 'it is stale; run: npm run docs';
const read = (name: string) => readFileSync(join(import.meta.dirname, '../docs/images', name), 'utf8');
const scene = await pngFile(await drawScene());

/** Numbers of a caption, which rounds them to so many decimals. */
function assertSays(said: string | undefined, measured: number, decimals: number): void {
  assert.ok(
    said !== undefined && Math.abs(Number(said) - measured) <= 0.51 * 10 ** -decimals,
    `${said} is not ${measured}; ${STALE}`,
  );
}

test('the curves are drawn from the model that ships and from the report of its training', () => {
  assert.ok(read('jnd.svg') === drawJnd(), STALE);
  assert.ok(read('codecs.svg') === drawCodecs(), STALE);
});

test('the results shown for each floor are files that reach it and are what their captions say', async () => {
  const picture = read('floors.svg');
  const files = [...picture.matchAll(/image\/jpeg;base64,([^"]+)"/g)].map(([, file]) =>
    Buffer.from(file!, 'base64'),
  );
  const captions = [
    ...picture.matchAll(/>([\d.]+) kB, score ([\d.]+)<[\s\S]*?>([\d.]+) JND: (\d+) of 100</g),
  ];
  assert.equal(files.length, FLOORS.length);
  assert.equal(captions.length, FLOORS.length);
  for (const [at, file] of files.entries()) {
    const judged = await compare(scene, file, { limits: DEFAULT_LIMITS });
    const [, kilobytes, score, jnd, viewers] = captions[at]!;
    assert.ok(gatedScore(judged) >= FLOORS[at]!, STALE);
    assertSays(kilobytes, file.length / 1000, 1);
    assertSays(score, gatedScore(judged), 1);
    assertSays(jnd, judged.visibility.jnd, 2);
    assertSays(viewers, 100 * judged.visibility.probability, 0);
  }
});

test('the heat map is of what its caption says', async () => {
  const spoilt = await pngFile(spoil(await drawScene()));
  const { score, worstTile } = await compare(scene, spoilt, { limits: DEFAULT_LIMITS });
  const caption = /score of the whole ([\d.]+), of the worst tile ([\d.]+)</.exec(read('heatmap.svg'));
  assertSays(caption?.[1], score, 1);
  assertSays(caption?.[2], worstTile.score, 1);
});
