import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from '../dialect.ts';
import { editedReply, imageReply, laterReply, retrieveReply } from './response.ts';

const DONE = { id: 'j', status: 'done', artifacts: [{ id: 'a' }], read: async () => new Uint8Array([1]) };
const jobThat = (status: string) =>
  ({ ...DONE, status, artifacts: status === 'done' ? DONE.artifacts : [] }) as unknown as Job;

describe('answering compress clients', () => {
  it('sends images as octet-stream, whatever was asked for', async () => {
    for (const reply of [imageReply, retrieveReply, editedReply])
      assert.deepEqual(await reply(jobThat('done')), {
        status: 200,
        headers: { 'content-type': 'application/octet-stream' },
        bytes: new Uint8Array([1]),
      });
  });

  it('says nothing where there are no savings, and that it failed where it failed', async () => {
    const declined = await imageReply(jobThat('declined'));
    assert.deepEqual([declined.status, declined.text], [200, '']);
    for (const status of ['failed', 'queued', 'running'])
      await assert.rejects(imageReply(jobThat(status)), { code: 'job-failed' });
    for (const status of ['declined', 'failed', 'queued'])
      assert.equal((await editedReply(jobThat(status))).text, '{"error":"failed"}');
  });

  it('gives an id to ask again with, where that is not found until there is something to say', async () => {
    const { text = '' } = laterReply('a-b_c', 'https://img.example');
    assert.match(text, /^{/);
    assert.deepEqual(JSON.parse(text), {
      location: 'https://img.example/v3/retrieve/?id=a-b_c',
      id: 'a-b_c',
    });
    for (const status of ['queued', 'running'])
      await assert.rejects(retrieveReply(jobThat(status)), { code: 'not-found' });
    for (const status of ['declined', 'failed'])
      assert.deepEqual(await retrieveReply(jobThat(status)), { status: 204 });
  });
});
