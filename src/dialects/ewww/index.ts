/** EWWW Image Optimizer's compress API: routes and handlers. See README.md for what is and is not served. */
import type { Dialect, Reply, Request, Service, Submission } from '../dialect.ts';
import { refuse } from './errors.ts';
import { isTrialKey, readKey, readOptimize } from './request.ts';
import { GREAT, imageReply, NO_SAVINGS, quotaReply, smaller, TRIAL_QUOTA, verifyReply } from './response.ts';

/** Clients give up after 300 s (ewwwio-php, WordPress plugin). */
const WAIT_MS = 285_000;

export const dialect: Dialect = {
  name: 'ewww',
  routes: [
    { method: 'POST', path: '/verify/', handle: verify },
    { method: 'POST', path: '/quota/', handle: quota },
    { method: 'POST', path: '/v2/', handle: optimize },
    { method: 'POST', path: '/', handle: optimize },
  ],
  refuse,
};

async function verify(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(await request.form());
  return isTrialKey(secret) ? GREAT : verifyReply(await service.account(secret));
}

async function quota(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(await request.form());
  return isTrialKey(secret) ? TRIAL_QUOTA : quotaReply(await service.account(secret));
}

async function optimize(request: Request, service: Service): Promise<Reply> {
  const form = await request.form();
  const wish = readOptimize(form);
  if (wish === null) {
    await service.account(readKey(form));
    return NO_SAVINGS;
  }
  const deadline = performance.now() + WAIT_MS;
  const run = async (submission: Submission) => {
    const job = await service.submit(submission);
    return service.wait(job, Math.max(0, deadline - performance.now()), request.signal);
  };
  const job = await run(wish.submission);
  if (!wish.conversion) return imageReply(job);
  // One image, one credit: where the first job is charged, the second is not.
  const converted = await run({ ...wish.conversion, charge: job.status !== 'done' });
  return imageReply(smaller(job, converted));
}
