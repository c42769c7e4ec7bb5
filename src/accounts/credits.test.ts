/** Credits under many hands and over the months; the database is real, and only time is made up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { describeAccount } from './account.ts';
import { creditsLeft, lockCredits, releaseCredits, reserveCredits, settleCredit } from './credits.ts';
import { createKey, findKey, type Key, type NewKey } from './keys.ts';

const { database } = await temporaryDatabase();
await migrate(database);

const made = async (wanted: Partial<NewKey>): Promise<Key> =>
  (await createKey(database, { name: 'test', credits: null, ...wanted })).key;
const keyOf = async ({ id }: Key) => (await findKey(database, id))!;

/** @returns a key that was made on this day. */
async function madeOn(day: string, wanted: Partial<NewKey>): Promise<Key> {
  const key = await made(wanted);
  await database.query('UPDATE keys SET created_at = $2 WHERE id = $1', [key.id, `${day}T10:00:00Z`]);
  return key;
}

/** @returns how many of so many reservations, side by side, were granted. */
async function reserveAtOnce(times: number, keyIds: string[]): Promise<number> {
  const granted = await Promise.all(
    Array.from({ length: times }, (_, at) =>
      database.transaction((tx) => reserveCredits(tx, keyIds[at % keyIds.length]!, 1)),
    ),
  );
  return granted.reduce((sum, count) => sum + count, 0);
}

test('of 1,000 reservations side by side on 100 credits exactly 100 are granted', async () => {
  const key = await made({ credits: 100 });
  assert.equal(await reserveAtOnce(1000, [key.id]), 100);
  assert.equal(creditsLeft(await keyOf(key)), 0);
});

test('of 1,000 reservations by three keys below one with 100 credits exactly 100 are granted', async () => {
  const parent = await made({ credits: 100 });
  const below = await Promise.all(
    [null, 1000, 1000].map((credits) => made({ credits, parentId: parent.id })),
  );
  const keys = [...below, parent];
  assert.equal(
    await reserveAtOnce(
      1000,
      keys.map(({ id }) => id),
    ),
    100,
  );
  assert.equal((await keyOf(parent)).creditsReserved, 100);
});

test("a key's own limit holds below one that has more", async () => {
  const parent = await made({ credits: 100 });
  const child = await made({ credits: 7, parentId: parent.id });
  assert.equal(await reserveCredits(database, child.id, 50), 7);
  assert.equal(await reserveCredits(database, child.id, 1), 0);
  assert.equal((await keyOf(parent)).creditsReserved, 7);
});

test('as many credits are reserved as are left, and all of a key without a limit', async () => {
  const few = await made({ credits: 3 });
  assert.deepEqual(
    [await reserveCredits(database, few.id, 2), await reserveCredits(database, few.id, 2)],
    [2, 1],
  );
  assert.equal(await reserveCredits(database, (await made({})).id, 5000), 5000);
});

test('a settled credit is used up, a released one can be spent again, by the key and those above it', async () => {
  const parent = await made({ credits: 3 });
  const key = await made({ parentId: parent.id });
  await reserveCredits(database, key.id, 3);
  await settleCredit(database, key.id);
  await releaseCredits(database, key.id, 1);
  for (const each of [await keyOf(key), await keyOf(parent)])
    assert.deepEqual([each.creditsUsed, each.creditsReserved], [1, 1]);
  assert.equal(await reserveCredits(database, key.id, 3), 1);
});

test('what is rolled back was never reserved', async () => {
  const key = await made({ credits: 1 });
  const failing = database.transaction(async (tx) => {
    assert.equal(await reserveCredits(tx, key.id, 1), 1);
    throw new Error('no');
  });
  await assert.rejects(failing, { message: 'no' });
  assert.equal(await reserveCredits(database, key.id, 1), 1);
});

test('ends and begins of jobs of a family of keys never wait for each other in a circle', async () => {
  const root = await made({});
  const sons = await Promise.all([1, 2, 3].map(() => made({ parentId: root.id })));
  const grandsons = await Promise.all(sons.map(({ id }) => made({ parentId: id })));
  const ids = [root, ...sons, ...grandsons].map(({ id }) => id);
  await Promise.all(
    Array.from({ length: 200 }, (_, at) =>
      database.transaction(async (tx) => {
        const several = [0, 3, 5].map((step) => ids[(at * step + at) % ids.length]!);
        await lockCredits(tx, several);
        for (const id of several) await reserveCredits(tx, id, 1);
        for (const id of several) await settleCredit(tx, id);
      }),
    ),
  );
  const after = await keyOf(root);
  assert.deepEqual([after.creditsUsed, after.creditsReserved], [600, 0]);
});

test('a monthly allowance is renewed on the day of its creation, once, however many ask at that moment', async () => {
  const key = await madeOn('2026-01-15', { plan: 'monthly', credits: 20 });
  const at = (time: string) => new Date(time);
  const spend = async (wanted: number, now: Date) => {
    const granted = await reserveCredits(database, key.id, wanted, now);
    for (let each = 0; each < granted; each += 1) await settleCredit(database, key.id, now);
    return granted;
  };
  assert.equal(await spend(30, at('2026-02-14T23:59:59Z')), 20);
  assert.equal(await spend(1, at('2026-02-14T23:59:59Z')), 0);
  const renewal = at('2026-02-15T00:00:00Z');
  const granted = await Promise.all(
    Array.from({ length: 60 }, () =>
      database.transaction(async (tx) => {
        const count = await reserveCredits(tx, key.id, 1, renewal);
        if (count === 1) await settleCredit(tx, key.id, renewal);
        return count;
      }),
    ),
  );
  assert.equal(granted.filter((count) => count === 1).length, 20);
  const account = await describeAccount(database, key, renewal);
  assert.deepEqual([account.creditsLeft, account.creditsUsed], [0, 40]);
  assert.deepEqual(account.plan, {
    ...{ kind: 'monthly', allowance: 20, used: 20, daysToRenewal: 28, exhausted: 'own' },
  });
});

test('a clock that is behind does not bring an allowance back', async () => {
  const key = await madeOn('2026-01-15', { plan: 'monthly', credits: 2 });
  assert.equal(await reserveCredits(database, key.id, 2, new Date('2026-03-15T00:00:01Z')), 2);
  await settleCredit(database, key.id, new Date('2026-03-15T00:00:02Z'));
  assert.equal(await reserveCredits(database, key.id, 1, new Date('2026-03-14T23:59:59Z')), 0);
  assert.equal(await reserveCredits(database, key.id, 1, new Date('2026-03-15T00:00:03Z')), 0);
});

test('a credit that was reserved in one month and settled in the next counts in the next', async () => {
  const key = await madeOn('2026-01-31', { plan: 'monthly', credits: 5 });
  assert.equal(await reserveCredits(database, key.id, 5, new Date('2026-02-27T12:00:00Z')), 5);
  await settleCredit(database, key.id, new Date('2026-02-27T13:00:00Z'));
  const next = new Date('2026-02-28T00:00:00Z');
  await settleCredit(database, key.id, next);
  const { creditsLeft, creditsUsed, plan } = await describeAccount(database, key, next);
  assert.deepEqual([creditsLeft, creditsUsed, plan.used, plan.daysToRenewal], [1, 2, 1, 31]);
  assert.equal(await reserveCredits(database, key.id, 9, next), 1);
});

test('a key of the 31st is renewed on the last day of shorter months, and on the 31st again after them', async () => {
  const key = await madeOn('2027-12-31', { plan: 'monthly', credits: 5 });
  const daysAt = async (day: string) =>
    (await describeAccount(database, key, new Date(`${day}T00:00:00Z`))).plan.daysToRenewal;
  assert.deepEqual(
    await Promise.all(
      ['2027-12-31', '2028-01-30', '2028-01-31', '2028-02-28', '2028-02-29', '2028-03-30', '2028-03-31'].map(
        daysAt,
      ),
    ),
    [31, 1, 29, 1, 31, 1, 30],
  );
});

test('the database itself refuses what would overdraw a key', async () => {
  const key = await made({ plan: 'monthly', credits: 1 });
  await assert.rejects(database.query('UPDATE keys SET credits_used = 2 WHERE id = $1', [key.id]), {
    code: '23514',
  });
  await assert.rejects(settleCredit(database, key.id), { code: '23514' });
});
