/** ShortPixel's Reducer API: routes and handlers. See README.md for what is and is not served. */
import type { Dialect, Reply, Request, Route, Service } from '../dialect.ts';
import { download, downloadUpload, showTestImage } from './downloads.ts';
import { refuse } from './errors.ts';
import {
  checkStatus,
  cleanUp,
  type Handle,
  lookAt,
  reduce,
  reduceAtOnce,
  reduceUploads,
  withKey,
} from './handlers.ts';

const keyed = (method: Route['method'], path: string, handle: Handle): Route => ({
  method,
  path,
  handle: (request: Request, service: Service): Promise<Reply> => withKey(request, service, handle),
});

export const dialect: Dialect = {
  name: 'shortpixel',
  routes: [
    keyed('POST', '/v2/reducer.php', reduce),
    keyed('POST', '/v2/post-reducer.php', reduceUploads),
    keyed('POST', '/v2/reducer-sync.php', reduceAtOnce),
    keyed('PUT', '/v2/reducer-sync.php', reduceAtOnce),
    keyed('POST', '/v2/api-status.php', checkStatus),
    keyed('GET', '/v2/api-status.php', checkStatus),
    keyed('POST', '/v2/cleanup.php', cleanUp),
    keyed('POST', '/v2/image-status.php', lookAt),
    { method: 'GET', path: '/f/:token', handle: download },
    { method: 'GET', path: '/u/:token/:name', handle: downloadUpload },
    { method: 'GET', path: '/img/connection-test-image.png', handle: showTestImage },
  ],
  refuse,
};
