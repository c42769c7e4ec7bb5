/** A dialect that nobody knew of, dropped into a folder, is found and served; one that is none is refused by name. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Service } from '../../src/dialects/dialect.ts';
import { loadDialects } from '../../src/dialects/load.ts';
import { createServer } from '../../src/http/server.ts';
import type { Studies } from '../../src/http/study-routes.ts';
import { createLog } from '../../src/lib/log.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import { Problem } from '../../src/lib/problem.ts';

const SHOUT = `
export const dialect = {
  name: 'shout',
  routes: [
    {
      method: 'POST',
      path: '/shout/:word',
      handle: async (request: { params: { word: string } }, service: { account(key: string): Promise<{ name: string }> }) => ({
        status: 200,
        text: request.params.word.toUpperCase() + ', ' + (await service.account('key')).name,
      }),
    },
  ],
  refuse: (problem: { code: string }) => ({ status: 418, text: 'WHAT? ' + problem.code }),
};
`;

describe('a folder of dialects', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keeneye-dialects-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function write(name: string, file: string, source: string): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, file), source);
  }

  it('serves a dialect that was dropped into it', async () => {
    await write('shout', 'index.ts', SHOUT);
    await writeFile(join(folder, 'README.md'), 'a file is no dialect');
    const server = createServer({
      dialects: await loadDialects(folder),
      serviceFor: () => ({ account: async () => ({ name: 'Ada' }) }) as unknown as Service,
      openArtifact: async () => {
        throw new Problem('not-found', 'There are none.');
      },
      studies: {} as Studies,
      own: [],
      reportKeys: [],
      maxBytes: 1000,
      publicUrl: null,
      log: createLog('silent'),
      metrics: createMetrics(),
      health: async () => [],
    });
    const { url } = await server.listen('127.0.0.1', 0);
    const post = async (path: string) => {
      const reply = await fetch(url + path, { method: 'POST' });
      return [reply.status, await reply.text()];
    };
    assert.deepEqual(await post('/shout/hello'), [200, 'HELLO, Ada']);
    assert.deepEqual(await post('/whisper'), [418, 'WHAT? not-found']);
    await server.close();
  });

  it('names every folder that is no dialect, and why', async () => {
    await write('empty', 'notes.txt', '');
    await write('crashing', 'index.ts', `throw new Error('out of paper');`);
    await write('nameless', 'index.ts', 'export const other = 1;');
    await write('renamed', 'index.ts', SHOUT);
    await write('mute', 'index.ts', `export const dialect = { name: 'mute', routes: [{}] };`);
    await write(
      'odd',
      'index.ts',
      `export const dialect = { name: 'odd', refuse() {}, routes: [{ method: 'FETCH', path: '/x', handle() {} }] };`,
    );
    await assert.rejects(loadDialects(folder), ({ message }: Error) => {
      for (const line of [
        /empty: it has neither index\.ts nor index\.js/,
        /crashing: out of paper/,
        /nameless: it does not export `dialect`/,
        /renamed: its name is "shout"/,
        /mute: it has no `refuse`/,
        /odd: route 1 needs a method/,
      ])
        assert.match(message, line);
      return !message.includes('shout:');
    });
  });
});
