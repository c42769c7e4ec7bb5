import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Account, Plan } from '../dialect.ts';
import { exceededReply, quotaReply, quotaV2Reply, verifyReply } from './quota.ts';

function account(creditsLeft: number | null, plan: Partial<Plan> = {}): Account {
  const used = plan.used ?? 0;
  const whole: Plan = { kind: 'prepaid', allowance: 0, used, daysToRenewal: 0, exhausted: null, ...plan };
  return { id: 'a', name: 'n', email: null, creditsLeft, creditsUsed: used, plan: whole };
}

const PREPAID = account(3000, { used: 12 });
const METERED = account(null, { kind: 'metered', used: 1000 });
const RENEWED = account(null, { kind: 'metered', used: 1000, daysToRenewal: 20 });
const MONTHLY = account(17_652, { kind: 'monthly', allowance: 20_000, used: 2348, daysToRenewal: 11 });
const USED_UP = account(0, { used: 3000, exhausted: 'own' });
const MONTH_USED_UP = account(0, {
  kind: 'monthly',
  allowance: 50,
  used: 50,
  daysToRenewal: 3,
  exhausted: 'own',
});
const PARENT_USED_UP = account(0, { kind: 'metered', used: 5, exhausted: 'parent' });

describe('how a key stands', () => {
  it('is great or exceeded, without an error for those', () => {
    for (const good of [PREPAID, METERED, MONTHLY])
      assert.deepEqual(verifyReply(good).text, '{"status":"great"}');
    assert.equal(verifyReply(USED_UP).text, '{"status":"exceeded"}');
    assert.equal(verifyReply(MONTH_USED_UP).text, '{"status":"exceeded"}');
    assert.equal(verifyReply(PARENT_USED_UP).text, '{"status":"exceeded subkey"}');
  });

  it('is three integers that clients read correctly', () => {
    assert.equal(quotaReply(PREPAID).text, '0 -3000 0');
    assert.equal(quotaReply(METERED).text, '0 1000 30');
    assert.equal(quotaReply(RENEWED).text, '0 1000 20');
    assert.equal(quotaReply(MONTHLY).text, '20000 2348 11');
    assert.equal(quotaReply(MONTH_USED_UP).text, '50 50 3');
    for (const none of [USED_UP, PARENT_USED_UP]) assert.equal(quotaReply(none).text, '0 0 0');
  });

  it('is all the numbers that newer clients read, whatever the plan', () => {
    const numbers = (of: Account) => JSON.parse(quotaV2Reply(of).text!);
    const none = { licensed: 0, consumed: 0, days: 0, metered: 0, unlimited: 0 };
    assert.deepEqual(numbers(PREPAID), { status: 'great', ...none, consumed: -3000 });
    assert.deepEqual(numbers(METERED), { status: 'great', ...none, consumed: 1000, days: 30, metered: 1 });
    assert.deepEqual(numbers(MONTHLY), {
      status: 'great',
      ...none,
      licensed: 20_000,
      consumed: 2348,
      days: 11,
    });
    assert.deepEqual(numbers(USED_UP), { status: 'exceeded', ...none });
    assert.deepEqual(numbers(PARENT_USED_UP), { status: 'exceeded subkey', ...none });
  });

  it('is an error where an optimization is asked for', () => {
    assert.equal(exceededReply(USED_UP).text, '{"error":"exceeded"}');
    assert.equal(exceededReply(PARENT_USED_UP).text, '{"error":"exceeded subkey"}');
    // A credit came back between the refusal and the question why.
    assert.equal(exceededReply(PREPAID).text, '{"error":"exceeded"}');
  });
});
