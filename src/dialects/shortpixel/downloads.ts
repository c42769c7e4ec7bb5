/** What answers' addresses lead to: results, uploads, and the image by which a client tries the connection. Without a key. */
import { imageHeaders } from '../../lib/image-headers.ts';
import { Problem } from '../../lib/problem.ts';
import type { Reply, Request, Service } from '../dialect.ts';
import { type Purpose, readResultName } from './addresses.ts';
import { testImage } from './test-image.ts';

/** @throws Problem `not-found` when it has expired, or never was */
export async function download({ params }: Request, service: Service): Promise<Reply> {
  const name = readResultName(params.token ?? '');
  if (!name) throw new Problem('not-found', 'There is nothing at this address.');
  const job = await service.redeem(name.ticket, 'result' satisfies Purpose);
  const result = job.artifacts.find(({ format }) => format === name.format);
  if (!result) throw new Problem('not-found', 'There is no such result.');
  return image(result.format, await job.read(result));
}

/** @throws Problem `not-found` when it has expired, or never was */
export async function downloadUpload({ params }: Request, service: Service): Promise<Reply> {
  const job = await service.redeem(params.token ?? '', 'upload' satisfies Purpose);
  return image(job.source.format, await job.readSource());
}

/** What is not known for an image might be anything, a page with scripts, and is to be saved and not shown. */
export function image(format: string | null, bytes: Uint8Array): Reply {
  const headers = {
    'cache-control': 'private, max-age=3600',
    ...(format ? imageHeaders(format, bytes) : UNKNOWN),
  };
  return { status: 200, headers, bytes };
}

const UNKNOWN = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' };

const TEST_IMAGE = testImage();

export async function showTestImage(): Promise<Reply> {
  return image('png', TEST_IMAGE);
}
