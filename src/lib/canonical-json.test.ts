import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from './canonical-json.ts';

test('numbers, texts and literals are written as RFC 8785, 3.2.2 shows', () => {
  const value = {
    numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001, -0]'),
    string: '€$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  const text = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  assert.equal(canonicalJson(value), text);
});

test('members are sorted by UTF-16 code units, as RFC 8785, 3.2.3 shows', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  const order = [...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((match) => match[1]!.split(' ')[0]);
  assert.deepEqual(order, ['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji:', 'Hebrew']);
});

test('names that look like numbers, and __proto__, are members like others', () => {
  assert.equal(canonicalJson({ 10: 1, 9: 2, a: 3 }), '{"10":1,"9":2,"a":3}');
  const odd = JSON.parse('{"__proto__":{"b":1},"a":[]}');
  assert.equal(canonicalJson(odd), '{"__proto__":{"b":1},"a":[]}');
});

test('order and white space do not matter, and writing it again changes nothing', () => {
  const one = JSON.parse('{ "b": [1.0, {"d": 1E2, "c": "\\u00e9"}], "a": null }');
  const other = JSON.parse('{"a":null,"b":[1,{"c":"é","d":100}]}');
  assert.equal(canonicalJson(one), canonicalJson(other));
  assert.equal(canonicalJson(JSON.parse(canonicalJson(one))), canonicalJson(one));
});

test('what is undefined is left out of objects, and what JSON cannot say is refused', () => {
  assert.equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
  for (const wrong of [Number.NaN, -1 / 0, '\ud800', { '\udc00': 1 }, [undefined], new Date(0), 1n, () => 1])
    assert.throws(() => canonicalJson(wrong), TypeError);
});
