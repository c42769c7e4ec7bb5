/** EWWW Image Optimizer's compress API: its routes, and the pages that tell how a key stands. See README.md. */
import type { Account, Dialect, Job, Reply, Request, Service } from '../dialect.ts';
import { restore, store } from './backup.ts';
import { readReducePng, readResize, readRotate } from './edit-request.ts';
import { refuse } from './errors.ts';
import { readKey, TRIAL_KEY } from './form.ts';
import { edit, optimize, retrieve } from './optimize.ts';
import { GREAT, quotaReply, quotaV2Reply, TRIAL_QUOTA, TRIAL_QUOTA_V2, verifyReply } from './quota.ts';

export const dialect: Dialect = {
  name: 'ewww',
  demoKey: TRIAL_KEY,
  routes: [
    { method: 'POST', path: '/verify/', handle: account(GREAT, verifyReply) },
    { method: 'POST', path: '/quota/', handle: account(TRIAL_QUOTA, quotaReply) },
    { method: 'POST', path: '/quota/v2/', handle: account(TRIAL_QUOTA_V2, quotaV2Reply) },
    { method: 'POST', path: '/v2/', handle: optimize },
    { method: 'POST', path: '/', handle: optimize },
    { method: 'POST', path: '/v3/optimize/', handle: optimize },
    { method: 'GET', path: '/v3/retrieve/', handle: retrieve },
    // Clients wait for 60, 60 and 30 s (WordPress plugin).
    { method: 'POST', path: '/rotate/', handle: edit(readRotate, 55_000, wasTurned) },
    { method: 'POST', path: '/resize/', handle: edit(readResize, 55_000) },
    { method: 'POST', path: '/reduce-png/', handle: edit(readReducePng, 27_000) },
    { method: 'POST', path: '/backup/store.php', handle: store },
    { method: 'POST', path: '/backup/restore.php', handle: restore },
  ],
  refuse,
};

/** @param trial what everyone is told of the key that is there to be tried. */
function account(trial: Reply, write: (account: Account) => Reply) {
  return async (request: Request, service: Service): Promise<Reply> => {
    const secret = readKey(await request.form());
    return secret === TRIAL_KEY ? trial : write(await service.account(secret));
  };
}

/** Where there was nothing to turn, clients want to keep their own file. */
function wasTurned({ source: { orientation } }: Job): boolean {
  return orientation !== null && orientation !== 1;
}
