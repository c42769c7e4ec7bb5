/** Says how a key stands, at `/verify/` and both `/quota/` pages, as the vendor's clients read it. Pure. */
import type { Account, Reply } from '../dialect.ts';
import { page } from './errors.ts';

/** What the trial key is told: any plausible plan will do. */
const TRIAL: Standing = { licensed: 5000, consumed: 3221, days: 23, metered: 0 };
export const TRIAL_QUOTA = page(`${TRIAL.licensed} ${TRIAL.consumed} ${TRIAL.days}`);
export const TRIAL_QUOTA_V2 = quotaV2('great', TRIAL);
export const GREAT = json({ status: 'great' });

/** Of a metered key that is never renewed. With all numbers at 0 clients say that no credits remain (ewwwio-php, WordPress plugin). */
const DAYS_WITHOUT_RENEWAL = 30;

/** What stands in the way of more work: `subkey` has the credits of the key above it used up. */
function exceeded({ creditsLeft, plan }: Account): 'exceeded' | 'exceeded subkey' | null {
  if (creditsLeft === null || creditsLeft > 0) return null;
  return plan.exhausted === 'parent' ? 'exceeded subkey' : 'exceeded';
}

/** Without an `error` where credits are used up: webp-convert takes any but `invalid` for an unexpected one. */
export function verifyReply(account: Account): Reply {
  return json({ status: exceeded(account) ?? 'great' });
}

/** What an optimization is answered that the key has no credits for. */
export function exceededReply(account: Account): Reply {
  return json({ error: exceeded(account) ?? 'exceeded' });
}

/** Monthly allowance, used (negative: prepaid credits left), days to renewal (API reference). */
export function quotaReply(account: Account): Reply {
  const { licensed, consumed, days } = standing(account);
  return page(`${licensed} ${consumed} ${days}`);
}

export function quotaV2Reply(account: Account): Reply {
  return quotaV2(exceeded(account) ?? 'great', standing(account));
}

/**
 * Clients read all four numbers without asking whether they are there (WordPress plugin, ewwwio-silo). An `unlimited`
 * key is one with a soft cap to them, of which the plugin says "of 0 images" where none is sent.
 */
function quotaV2(status: string, standing: Standing) {
  return json({ status, ...standing, unlimited: 0 });
}

interface Standing {
  licensed: number;
  consumed: number;
  days: number;
  metered: 0 | 1;
}

function standing(account: Account): Standing {
  const { creditsLeft, plan } = account;
  if (plan.kind === 'monthly' && plan.exhausted !== 'parent')
    return {
      licensed: plan.allowance,
      consumed: plan.used,
      days: plan.daysToRenewal,
      metered: 0,
    };
  if (exceeded(account)) return { licensed: 0, consumed: 0, days: 0, metered: 0 };
  if (plan.kind === 'prepaid' && creditsLeft !== null)
    return { licensed: 0, consumed: -creditsLeft, days: 0, metered: 0 };
  const days = plan.daysToRenewal || DAYS_WITHOUT_RENEWAL;
  return { licensed: 0, consumed: plan.used, days, metered: 1 };
}

function json(body: object): Reply & { text: string } {
  const { headers, status } = page('');
  return { status, headers, text: JSON.stringify(body) };
}
