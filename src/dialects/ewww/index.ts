/** EWWW Image Optimizer's compress API: routes and handlers. See README.md for what is and is not served. */
import type { Dialect, Reply, Request, Service } from '../dialect.ts';
import { refuse } from './errors.ts';
import { isTrialKey, readKey, readOptimize } from './request.ts';
import { GREAT, imageReply, NO_SAVINGS, quotaReply, TRIAL_QUOTA, verifyReply } from './response.ts';

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
  const submission = readOptimize(form);
  if (submission === null) {
    await service.account(readKey(form));
    return NO_SAVINGS;
  }
  const job = await service.submit(submission);
  return imageReply(await service.wait(job, WAIT_MS, request.signal));
}
