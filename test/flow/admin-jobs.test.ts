/** The administration of jobs and callbacks over real HTTP. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createKey } from '../../src/accounts/keys.ts';
import { newCallback } from '../../src/webhooks/webhooks.test-support.ts';
import { pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { assertDocumented } from './documented-admin.ts';
import { optimize } from './native-client.ts';

let app: RunningApp;
let admin: { id: string; secret: string };

before(async () => {
  app = await startApp();
  admin = await app.inDatabase(async (database) => {
    const { key, secret } = await createKey(database, { name: 'boss', credits: null, admin: true });
    return { id: key.id, secret };
  });
});
after(() => app.stop());

async function ask(method: string, path: string, secret = admin.secret) {
  const headers = { authorization: `Bearer ${secret}` };
  const response = await fetch(`${app.url}/api/v1/admin${path}`, { method, headers });
  const json = JSON.parse(await response.text());
  assertDocumented(method, response, json);
  return { status: response.status, type: response.headers.get('content-type'), json };
}

/** Status, code and parameter of a refusal. */
async function refusal(...asked: Parameters<typeof ask>): Promise<unknown[]> {
  const { status, type, json } = await ask(...asked);
  assert.equal(type, 'application/problem+json');
  return [status, json.code, json.parameter];
}

/** Writes that a job failed, as nothing a client sends makes it. */
function failIt(id: string): Promise<unknown> {
  return app.inDatabase((database) =>
    database.query(
      "UPDATE jobs SET status = 'failed', reason = 'timeout', detail = 'It took too long.' WHERE id = $1",
      [id],
    ),
  );
}

test('only an admin key may look at jobs and callbacks', async () => {
  const id = randomUUID();
  for (const [method, path] of [
    ['GET', '/jobs'],
    ['GET', `/jobs/${id}`],
    ['POST', `/jobs/${id}/retry`],
    ['POST', `/jobs/${id}/cancel`],
    ['GET', '/callbacks'],
    ['GET', `/callbacks/${id}`],
    ['POST', `/callbacks/${id}/replay`],
  ] as const)
    assert.deepEqual(await refusal(method, path, app.key), [401, 'unauthorized', undefined]);
});

test('jobs are listed by page, shown, tried again and not called off once they are done', async () => {
  const ids: string[] = [];
  for (const seed of [1, 2, 3])
    ids.unshift((await optimize(app.url, app.key, await pngFile(photo(32, 32, seed)))).body.id);
  const first = (await ask('GET', '/jobs?limit=2&dialect=native')).json;
  const second = (await ask('GET', `/jobs?limit=2&after=${first.next}`)).json;
  assert.deepEqual(
    [...first.jobs, ...second.jobs].map(({ id }) => id),
    ids,
  );
  assert.equal(second.next, null);
  assert.deepEqual((await ask('GET', `/jobs?key=${admin.id}`)).json, { jobs: [], next: null });
  assert.deepEqual((await ask('GET', '/jobs?status=running')).json, { jobs: [], next: null });
  const id = ids[0]!;
  assert.equal((await ask('GET', `/jobs/${id}`)).json.status, 'done');
  assert.deepEqual(await refusal('POST', `/jobs/${id}/cancel`), [422, 'invalid-parameter', 'id']);
  assert.deepEqual(await refusal('POST', `/jobs/${id}/retry`), [422, 'invalid-parameter', 'id']);
});

test('a failed job that is tried again is on its way, and can be called off if it still is', async () => {
  const { id } = (await optimize(app.url, app.key, await pngFile(photo(32, 32, 4)))).body;
  await app.inDatabase((database) => database.query('DELETE FROM artifacts WHERE job_id = $1', [id]));
  await failIt(id);
  const retried = await ask('POST', `/jobs/${id}/retry`);
  assert.equal(retried.status, 200);
  assert.ok(['queued', 'running', 'done'].includes(retried.json.status), retried.json.status);
  const { status, json } = await ask('POST', `/jobs/${id}/cancel`);
  if (status === 200) assert.deepEqual([json.status, json.reason], ['failed', 'cancelled']);
  else assert.deepEqual([status, json.code], [422, 'invalid-parameter']);
});

test('callbacks are listed by page, shown and sent again', async () => {
  const id = await app.inDatabase((database) =>
    newCallback(database, admin.id, 'http://127.0.0.1:9/', 'dead'),
  );
  const later = await app.inDatabase((database) =>
    newCallback(database, admin.id, 'http://127.0.0.1:9/', 'dead'),
  );
  const first = (await ask('GET', '/callbacks?status=dead&limit=1')).json;
  const second = (await ask('GET', `/callbacks?status=dead&limit=1&after=${first.next}`)).json;
  assert.deepEqual(
    [...first.callbacks, ...second.callbacks].map((each: { id: string }) => each.id),
    [later, id],
  );
  assert.equal(second.next, null);
  assert.equal((await ask('GET', `/callbacks/${id}`)).json.status, 'dead');
  const { status, json } = await ask('POST', `/callbacks/${id}/replay`);
  assert.deepEqual([status, json.id, json.endedAt], [200, id, null]);
});

test('a callback whose images are not all done is not sent again', async () => {
  const id = await app.inDatabase((database) =>
    newCallback(database, admin.id, 'http://127.0.0.1:9/', 'waiting'),
  );
  assert.deepEqual(await refusal('POST', `/callbacks/${id}/replay`), [422, 'invalid-parameter', 'id']);
  assert.equal((await ask('GET', `/callbacks/${id}`)).json.status, 'waiting');
});

test('the administration describes itself', async () => {
  const { status, json } = await ask('GET', '/openapi.json');
  assert.deepEqual([status, json.openapi, json.servers], [200, '3.1.0', [{ url: app.url }]]);
});

test('what is not understood is refused by name', async () => {
  const invalid = (parameter: string) => [422, 'invalid-parameter', parameter];
  assert.deepEqual(await refusal('GET', '/jobs?status=lost'), invalid('status'));
  assert.deepEqual(await refusal('GET', '/jobs?limit=0'), invalid('limit'));
  assert.deepEqual(await refusal('GET', '/jobs?limit=1001'), invalid('limit'));
  assert.deepEqual(await refusal('GET', '/jobs?after=yesterday'), invalid('after'));
  assert.deepEqual(await refusal('GET', '/jobs?page=2'), invalid('page'));
  assert.deepEqual(await refusal('GET', '/callbacks?status=failed'), invalid('status'));
  assert.deepEqual(await refusal('GET', '/callbacks?after=yesterday'), invalid('after'));
  const missing = [404, 'not-found', undefined];
  for (const id of [randomUUID(), 'nothing']) {
    assert.deepEqual(await refusal('GET', `/jobs/${id}`), missing);
    assert.deepEqual(await refusal('POST', `/jobs/${id}/retry`), missing);
    assert.deepEqual(await refusal('POST', `/jobs/${id}/cancel`), missing);
    assert.deepEqual(await refusal('GET', `/callbacks/${id}`), missing);
    assert.deepEqual(await refusal('POST', `/callbacks/${id}/replay`), missing);
  }
});
