import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';

const engine = () => ({ restarts: { crashed: 2, timeout: 1 }, memoryBytes: 4096, busy: 1, size: 2 });

test('what happened can be read back in the exposition format', async () => {
  const metrics = createMetrics();
  metrics.requestEnded({ dialect: 'native', route: '/api/v1/optimize', status: 200, seconds: 0.3 });
  metrics.jobEnded({ outcome: 'done', reason: null, bytesSaved: 1000 });
  metrics.jobEnded({ outcome: 'declined', reason: 'no-gain', bytesSaved: 0 });
  metrics.stageEnded('engine', 0.2);
  metrics.bytesReceived(5000);
  metrics.observe({
    engine,
    refusals: () => ({ blocked: 6 }),
    queue: async () => ({ depth: 3, oldestSeconds: 1.5, drainSeconds: 7, keys: 2, largestKeyShare: 0.75 }),
    callbacks: async () => ({ due: 4, dead: 2, oldestSeconds: 0.5 }),
  });
  const { text, contentType } = await metrics.expose();
  assert.match(contentType, /^text\/plain/);
  for (const line of [
    'keeneye_http_requests_total{dialect="native",route="/api/v1/optimize",status="200"} 1',
    'keeneye_jobs_total{outcome="done",reason=""} 1',
    'keeneye_jobs_total{outcome="declined",reason="no-gain"} 1',
    'keeneye_stage_seconds_count{stage="engine"} 1',
    'keeneye_bytes_in_total 5000',
    'keeneye_bytes_saved_total 1000',
    'keeneye_queue_depth 3',
    'keeneye_queue_oldest_seconds 1.5',
    'keeneye_queue_drain_seconds 7',
    'keeneye_queue_keys 2',
    'keeneye_queue_largest_key_share 0.75',
    'keeneye_outbound_refusals_total{code="blocked"} 6',
    'keeneye_callbacks_due 4',
    'keeneye_callbacks_dead 2',
    'keeneye_callbacks_oldest_seconds 0.5',
    'keeneye_engine_restarts_total{cause="crashed"} 2',
    'keeneye_engine_memory_bytes 4096',
  ])
    assert.ok(text.includes(`${line}\n`), line);
  assert.match(text, /process_resident_memory_bytes \d+/);
});

test('two apps in one process count apart, and restarts do not add up from scrape to scrape', async () => {
  const [first, second] = [createMetrics(), createMetrics()];
  first.bytesReceived(1);
  first.observe({ engine, queue: async () => null, callbacks: async () => null, refusals: () => ({}) });
  await first.expose();
  const { text } = await first.expose();
  assert.match(text, /keeneye_engine_restarts_total\{cause="crashed"\} 2\n/);
  assert.match(text, /keeneye_queue_depth Nan\n/);
  assert.match(text, /keeneye_callbacks_due Nan\n/);
  assert.match((await second.expose()).text, /keeneye_bytes_in_total 0\n/);
});
