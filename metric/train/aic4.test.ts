import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAic4, sourcesOf } from './aic4.ts';

const HEAD = 'img_distorted,img_num,codec,dlevel,distortion,IW-SSIM,SSIMULACRA2';

test('rows are read by the names of their columns', () => {
  const [sample] = parseAic4(`${HEAD}\r\na.png,9,2,3,0.5,0.99,81.5\r\n`);
  assert.deepEqual(sample, {
    source: '9',
    codec: 'JPEG',
    level: 3,
    jnd: 0.5,
    ssimulacra2: 81.5,
    iwssim: 0.99,
    cvvdp: null,
  });
});

test('CVVDP is taken where the table has it', () => {
  const [sample] = parseAic4(`${HEAD},CVVDP\na.png,9,2,3,0.5,0.99,81.5,9.7`);
  assert.equal(sample!.cvvdp, 9.7);
});

test('sources come in order of appearance', () => {
  const samples = parseAic4(`${HEAD}\na,7,1,1,0,1,99\nb,2,1,1,0,1,99\nc,7,1,2,0,1,99`);
  assert.deepEqual(sourcesOf(samples), ['7', '2']);
});

test('a missing column or number is named with its line', () => {
  assert.throws(() => parseAic4('img_num,codec\n1,2'), /Line 2 has no number in column dlevel/);
  assert.throws(() => parseAic4(`${HEAD}\na,7,1,1,0,1,99\nb,7,1,2,much,1,99`), /Line 3 .* distortion/);
});
