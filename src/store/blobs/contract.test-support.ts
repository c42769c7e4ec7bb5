/** What every blob store must do, whatever it stores on. A driver's test calls this and adds its own corners. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { BlobEntry, BlobStore } from './blob-store.ts';

export function sample(sizeBytes: number): { key: string; bytes: Uint8Array } {
  const bytes = randomBytes(sizeBytes);
  return { key: createHash('sha256').update(bytes).digest('hex'), bytes };
}

export async function listed(store: BlobStore, prefix?: string): Promise<BlobEntry[]> {
  const entries: BlobEntry[] = [];
  for await (const entry of store.list(prefix)) entries.push(entry);
  return entries;
}

/** @param open makes an empty store; the contract closes it. */
export function describeBlobStore(name: string, open: () => Promise<BlobStore>): void {
  const contract = (title: string, check: (store: BlobStore) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const store = await open();
      await check(store).finally(() => store.close());
    });

  contract('what was put is got back, byte for byte', async (store) => {
    for (const sizeBytes of [0, 1, 4096, 3_000_001]) {
      const { key, bytes } = sample(sizeBytes);
      await store.put(key, bytes);
      assert.ok(Buffer.from(bytes).equals((await store.get(key))!), `${sizeBytes} bytes`);
      assert.equal(await store.has(key), true);
    }
  });

  contract('what was never put is not there', async (store) => {
    const { key } = sample(1);
    assert.equal(await store.get(key), null);
    assert.equal(await store.has(key), false);
  });

  contract('deleting removes, and may be done again', async (store) => {
    const { key, bytes } = sample(10);
    await store.put(key, bytes);
    await store.delete(key);
    await store.delete(key);
    assert.equal(await store.has(key), false);
    assert.deepEqual(await listed(store), []);
  });

  contract('writers of one key at the same time do not disturb each other', async (store) => {
    const { key, bytes } = sample(500_000);
    await Promise.all(Array.from({ length: 8 }, () => store.put(key, bytes)));
    assert.ok(Buffer.from(bytes).equals((await store.get(key))!));
    assert.equal((await listed(store)).length, 1);
  });

  contract('the list names every blob with its size and time, and can be narrowed', async (store) => {
    const before = Date.now() - 2000;
    const samples = Array.from({ length: 20 }, (_, index) => sample(index));
    for (const { key, bytes } of samples) await store.put(key, bytes);
    const entries = await listed(store);
    const sizes = new Map(entries.map(({ key, sizeBytes }) => [key, sizeBytes]));
    assert.deepEqual(sizes, new Map(samples.map(({ key, bytes }) => [key, bytes.length])));
    assert.ok(entries.every(({ modifiedAt }) => modifiedAt.getTime() >= before));
    for (const length of [1, 2, 3, 4, 7, 64]) {
      const prefix = samples[0]!.key.slice(0, length);
      const expected = samples.map(({ key }) => key).filter((key) => key.startsWith(prefix));
      assert.deepEqual((await listed(store, prefix)).map(({ key }) => key).sort(), expected.sort());
    }
  });

  contract('a key that is no digest is refused, so that none leads out of the store', async (store) => {
    for (const key of ['', '../../etc/passwd', 'ab/cd/ef', 'AB'.repeat(32), `${'ab'.repeat(31)}/.`, 'abcd']) {
      await assert.rejects(async () => store.put(key, new Uint8Array(1)), /Not a blob key/, key);
      await assert.rejects(async () => store.get(key), /Not a blob key/, key);
      await assert.rejects(async () => store.has(key), /Not a blob key/, key);
      await assert.rejects(async () => store.delete(key), /Not a blob key/, key);
    }
  });
}
