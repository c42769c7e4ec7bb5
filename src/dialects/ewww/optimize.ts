/** Handlers of what makes images: optimized while the client waits or for it to fetch, turned, resized, reduced. */
import { Problem } from '../../lib/problem.ts';
import type { Job, Reply, Request, Service, Submission } from '../dialect.ts';
import { readBackup } from './backup.ts';
import type { EditReader } from './edit-request.ts';
import { isOn, readKey } from './form.ts';
import { exceededReply } from './quota.ts';
import { readOptimize } from './request.ts';
import {
  editedReply,
  hasEnded,
  imageReply,
  laterReply,
  NO_SAVINGS,
  NOT_EDITED,
  retrieveReply,
  smaller,
} from './response.ts';

/** Clients give up after 300 s (ewwwio-php, WordPress plugin). */
const WAIT_MS = 285_000;
/** How long an image that was not waited for can be fetched, if its result is kept that long. */
const TICKET_MS = 7 * 86_400_000;

export async function optimize(request: Request, service: Service): Promise<Reply> {
  const form = await request.form();
  const wish = readOptimize(form);
  if (wish === null) {
    await service.account(readKey(form));
    return NO_SAVINGS;
  }
  const { submission, conversion } = wish;
  const backup = readBackup(form);
  const isForLater = request.path.startsWith('/v3/') && isOn(form, 'async') && !conversion;
  return withinCredits(service, submission.secret, async () => {
    if (backup && 'bytes' in submission.source)
      await service.keepOriginal(submission.secret, backup, submission.source.bytes);
    if (isForLater) return submitForLater(submission, request, service);
    return conversion
      ? optimizeOrConvert(submission, conversion, request, service)
      : imageReply(await run(submission, WAIT_MS, request, service));
  });
}

async function submitForLater(submission: Submission, request: Request, service: Service): Promise<Reply> {
  const job = await service.submit(submission);
  return hasEnded(job) ? imageReply(job) : laterReply(service.ticket(job, TICKET_MS), request.origin);
}

/** One image, one credit: where the first job is charged, the second is not. */
async function optimizeOrConvert(
  submission: Submission,
  conversion: Submission,
  request: Request,
  service: Service,
): Promise<Reply> {
  const deadline = performance.now() + WAIT_MS;
  const job = await run(submission, WAIT_MS, request, service);
  const charged = { ...conversion, charge: job.status !== 'done' };
  const converted = await run(charged, Math.max(0, deadline - performance.now()), request, service);
  return imageReply(smaller(job, converted));
}

export async function retrieve(request: Request, service: Service): Promise<Reply> {
  return retrieveReply(await service.redeem(request.query.get('id') ?? ''));
}

/** @param waitMs a little less than clients wait. */
export function edit(read: EditReader, waitMs: number, isWanted = (_job: Job) => true) {
  return async (request: Request, service: Service): Promise<Reply> => {
    const form = await request.form();
    const submission = read(form);
    if (submission === null) {
      await service.account(readKey(form));
      return NOT_EDITED;
    }
    return withinCredits(service, submission.secret, async () => {
      const job = await run(submission, waitMs, request, service);
      return isWanted(job) ? editedReply(job) : NOT_EDITED;
    });
  };
}

async function run(submission: Submission, waitMs: number, request: Request, service: Service): Promise<Job> {
  return service.wait(await service.submit(submission), waitMs, request.signal);
}

/** Says whose credits are used up, which a problem does not. */
async function withinCredits(service: Service, secret: string, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'out-of-credits') throw error;
    return exceededReply(await service.account(secret));
  }
}
