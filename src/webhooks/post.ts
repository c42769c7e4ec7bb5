/** How callbacks leave: by the room that keeps requests off the private network, with nothing read but the head. */
import type { Outbound } from '../outbound/outbound.ts';
import type { Post } from './attempt.ts';

/** Together with the time that wording may take well below a lease: nobody still sends what is handed out again. */
const TIMEOUT_MS = 15_000;

export function createPost(outbound: Pick<Outbound, 'request'>, timeoutMs = TIMEOUT_MS): Post {
  return async (url, headers, body, signal) => {
    const request = { url, method: 'POST', headers, body, maxBytes: 0, maxRedirects: 0 } as const;
    const response = await outbound.request({ ...request, timeoutMs, signal });
    return { status: response.status, retryAfter: response.headers['retry-after'] };
  };
}
