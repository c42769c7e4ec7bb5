import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from './random.ts';
import { cardFacts, reportOn } from './report.ts';
import { train } from './train.ts';

/** People who see what IW-SSIM says, roughly, and a SSIMULACRA 2 that says the same less well. */
function madeUpTable(): string {
  const random = createRandom(5);
  const lines = ['img_num,codec,dlevel,distortion,IW-SSIM,SSIMULACRA2'];
  for (const source of [2, 6, 7, 9]) {
    for (const codec of [1, 2]) {
      for (let level = 1; level <= 6; level++) {
        const missing = 0.0004 * 2 ** level * (1 + 0.2 * random.next());
        const jnd = 1.2 * Math.log1p(missing / 0.005) * (1 + 0.1 * random.next());
        const score = 98 - 9 * jnd - 4 * random.next();
        lines.push([source, codec, level, jnd, 1 - missing, score].join(','));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

test('the same table and seed give the same weights and the same words', () => {
  const [first, second] = [1, 2].map(() => train(madeUpTable(), 7));
  assert.deepEqual(first!.model, second!.model);
  assert.equal(reportOn(first!), reportOn(second!));
  assert.equal(cardFacts(first!), cardFacts(second!));
});

test('another seed gives other weights, another table another hash', () => {
  const [one, other] = [train(madeUpTable(), 7), train(madeUpTable(), 8)];
  assert.notDeepEqual(one.model.structure, other.model.structure);
  assert.equal(one.model.dataSha256, other.model.dataSha256);
  assert.notEqual(
    train(madeUpTable().replace('\n2,1,1', '\n6,1,1'), 7).model.dataSha256,
    one.model.dataSha256,
  );
});

test('a relation that the table holds is found, on sources that were not seen', () => {
  const { standings } = train(madeUpTable(), 3);
  const [structure, score] = standings;
  assert.ok(structure!.agreement.rmse < 0.15, `${structure!.agreement.rmse}`);
  assert.ok(structure!.agreement.srocc > 0.98);
  assert.ok(score!.agreement.rmse > structure!.agreement.rmse);
});

test('a held-out source has no say in what is predicted of it', () => {
  const table = madeUpTable();
  const shifted = table
    .split('\n')
    .map((line) => {
      const [source, codec, level, jnd, ...metrics] = line.split(',');
      return source === '7' ? [source, codec, level, Number(jnd) + 3, ...metrics].join(',') : line;
    })
    .join('\n');
  const [before, after] = [table, shifted].map((each) => train(each, 1).standings[0]!.heldOut);
  before!.samples.forEach(({ source }, at) => {
    const same = before!.predictions[at] === after!.predictions[at];
    assert.equal(same, source === '7');
  });
});

test('a table with too few sources is refused', () => {
  const few = madeUpTable()
    .split('\n')
    .filter((line) => !line.startsWith('9,'))
    .join('\n');
  assert.throws(() => train(few, 1), /3 sources cannot be split/);
});
