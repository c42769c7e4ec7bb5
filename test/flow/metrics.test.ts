/** What Prometheus is told, once there is something to tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freezeEngine, metricsOf, picture } from './engine-child.ts';
import { enqueue, job, optimize } from './native-client.ts';
import { KEY, type Server, startServer, temporaryFolder, until } from './start-server.ts';

/** Every sample by its name and labels. */
async function scrape(server: Server): Promise<Map<string, number>> {
  const lines = (await metricsOf(server)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('requests, jobs, stages, bytes, the queue and memory are all counted', async () => {
  const server = await startServer(await temporaryFolder());
  const frozen = await freezeEngine(server);
  const images = [await picture(), await picture()];
  const ids = [await enqueue(server.url, KEY, images[0]!), await enqueue(server.url, KEY, images[1]!)];
  const waiting = await until(async () => {
    const samples = await scrape(server);
    return samples.get('keeneye_engine_children_busy') === 1 ? samples : null;
  });
  assert.equal(waiting.get('keeneye_queue_depth'), 1);
  assert.ok(waiting.get('keeneye_queue_oldest_seconds')! > 0);
  assert.ok(waiting.get('keeneye_queue_drain_seconds')! > 0);
  assert.equal(waiting.get('keeneye_queue_largest_key_share'), 1);
  process.kill(frozen, 'SIGCONT');
  for (const id of ids) assert.equal((await job(server.url, KEY, id)).status, 'done');
  assert.equal((await optimize(server.url, KEY, Buffer.from('no image'))).body.status, 'declined');

  // A job's end is counted once it is committed, which whoever waits for it may hear of first.
  const samples = await until(async () => {
    const all = await scrape(server);
    return all.has('keeneye_jobs_total{outcome="declined",reason="unsupported"}') ? all : null;
  });
  const expected: Record<string, number> = {
    'keeneye_http_requests_total{dialect="native",route="/api/v1/optimize",status="200"}': 2,
    'keeneye_http_requests_total{dialect="native",route="/api/v1/optimize",status="202"}': 2,
    'keeneye_jobs_total{outcome="done",reason=""}': 3,
    'keeneye_jobs_total{outcome="declined",reason="unsupported"}': 1,
    keeneye_queue_depth: 0,
    keeneye_queue_oldest_seconds: 0,
    keeneye_queue_drain_seconds: 0,
    keeneye_queue_keys: 0,
    keeneye_queue_largest_key_share: 0,
    keeneye_engine_children: 1,
    'keeneye_engine_restarts_total{cause="crashed"}': 0,
    'keeneye_engine_restarts_total{cause="killed"}': 0,
  };
  for (const stage of ['queue', 'read', 'engine', 'complete'])
    expected[`keeneye_stage_seconds_count{stage="${stage}"}`] = 4;
  expected['keeneye_stage_seconds_count{stage="store"}'] = 3;
  for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name);
  const positive = ['engine_memory_bytes', 'bytes_saved_total', 'stage_seconds_sum{stage="engine"}'];
  for (const name of positive) assert.ok(samples.get(`keeneye_${name}`)! > 0, name);
  const sent = images[0]!.length + images[1]!.length;
  assert.ok(samples.get('keeneye_bytes_in_total')! > sent);
  assert.ok(samples.get('process_resident_memory_bytes')! > 0);
  assert.equal(await server.end('SIGTERM'), 0);
});
