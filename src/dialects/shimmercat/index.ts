/** ShimmerCat's imgopt3 API: routes and the one handler. See README.md for what is and is not served. */
import { Problem } from '../../lib/problem.ts';
import type { Dialect, Reply, Request, Service } from '../dialect.ts';
import { refuse } from './errors.ts';
import { type Caller, type Module, readAsked, readCaller, referenceOf, toSubmission } from './request.ts';
import { EXPECTING_FILE, QUEUED, standingReply } from './response.ts';

/** Made anew at each look-up, and clients download at once. */
const LINK_TTL_MS = 3600 * 1000;

export const dialect: Dialect = {
  name: 'shimmercat',
  routes: [
    { method: 'POST', path: '/imgopt3/2020.1/light/optimized/:hash/', handle: optimizedBy('light') },
    { method: 'POST', path: '/imgopt3/2020.4/lux/optimized/:hash/', handle: optimizedBy('lux') },
  ],
  refuse,
};

/** Uploads and look-ups are the same request, with and without an image. */
function optimizedBy(module: Module) {
  return async (request: Request, service: Service): Promise<Reply> => {
    const caller = readCaller(request);
    // Asked first, so that a stranger's upload is refused before it is read.
    await service.authenticate(caller.token, caller.domain);
    const asked = await readAsked(request, module);
    const reference = referenceOf(asked, module, caller.domain);
    const standing = asked.force ? null : await standingOf(caller, reference, request.origin, service);
    if (standing) return standing;
    if (!asked.image) return EXPECTING_FILE;
    await service.submit(toSubmission(asked, asked.image, caller, reference));
    return QUEUED;
  };
}

/** What is known of an image; null where nothing is, and its bytes are needed. */
async function standingOf(
  { token }: Caller,
  reference: string,
  origin: string,
  service: Service,
): Promise<Reply | null> {
  try {
    const job = await service.find(token, reference);
    return standingReply(job, (artifact) => service.link(artifact, LINK_TTL_MS, origin));
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return null;
    throw error;
  }
}
