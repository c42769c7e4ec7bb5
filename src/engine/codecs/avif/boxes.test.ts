import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readItems } from './boxes.ts';

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts]);
}

const numbers = (...values: number[]) =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 255])));

/** A file whose one item lies in `extents` places, told with `sizes` (four bits each: offset, length; base, index). */
function fileWith(sizes: number, extents: number, places: Uint8Array): Buffer {
  const item = Buffer.concat([numbers(1, 0, extents), places]);
  const info = box('infe', Buffer.from([2, 0, 0, 0]), numbers(1, 0), Buffer.from('av01\0'));
  const version = Buffer.alloc(4);
  return box(
    'meta',
    version,
    box('pitm', version, numbers(1)),
    box('iinf', version, numbers(1), info),
    box('iloc', version, numbers(sizes, 1), item),
  );
}

test('an item lies where the file says', () => {
  const file = fileWith(0x4400, 1, Buffer.from([0, 0, 0, 4, 0, 0, 0, 4]));
  const { primary } = readItems(file);
  assert.deepEqual(
    [primary.type, primary.extents.map((bytes) => Buffer.from(bytes).toString())],
    ['av01', ['meta']],
  );
  assert.equal(readItems(fileWith(0, 1, Buffer.alloc(0))).primary.extents[0]!.length, file.length - 8);
});

test('places that lead out of the file, or take no room in it, are declined', () => {
  const beyond = fileWith(0x4400, 1, Buffer.from([0, 0, 0, 4, 0, 0, 255, 255]));
  for (const file of [beyond, fileWith(0, 65_535, Buffer.alloc(0))])
    assert.throws(() => readItems(file), { reason: 'corrupt' });
});
