/** What an imgopt3 client was told is true after the server was killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freezeEngine, picture } from '../flow/engine-child.ts';
import { KEY, startServer, temporaryFolder } from '../flow/start-server.ts';
import { untilNoProcess } from '../processes.ts';
import { download, look, QUEUED, untilEnded, upload } from './shimmercat-client.ts';

test('an image that was queued before kill -9 ends in success after the restart', async () => {
  const dataDir = await temporaryFolder();
  const first = await startServer(dataDir);
  const frozen = await freezeEngine(first);
  const image = await picture();
  const at = (url: string) => ({ url, token: KEY, domain: 'example.com' });
  assert.deepEqual((await upload(at(first.url), image)).body, QUEUED);
  assert.deepEqual((await look(at(first.url), image)).body, { success_or_deny: 'processing' });
  await first.end('SIGKILL');
  process.kill(frozen, 'SIGKILL');
  await untilNoProcess(dataDir);
  const second = await startServer(dataDir);
  assert.equal((await download(await untilEnded(at(second.url), image))).type, 'image/webp');
  assert.equal(await second.end('SIGTERM'), 0);
});
