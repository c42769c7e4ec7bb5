import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeUpTable } from './made-up-table.ts';
import { cardFacts, reportOn } from './report.ts';
import { train } from './train.ts';

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
