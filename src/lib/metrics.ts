/**
 * What the server counts, as Prometheus reads it. One registry for each app, never the global one,
 * because a test starts several apps in one process. Who calls what is up to the rooms; names and
 * labels live here only.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The parts of a job's life that are timed. */
export type Stage = 'queue' | 'read' | 'engine' | 'store' | 'complete';

export interface RequestEnded {
  dialect: string;
  /** The route's pattern, never the path, so that the number of series stays small. */
  route: string;
  status: number;
  seconds: number;
}

export interface JobEnded {
  outcome: 'done' | 'declined' | 'failed';
  /** Why it was declined or failed; null when done. */
  reason: string | null;
  /** Source bytes minus the bytes of the smallest output; 0 when nothing came out. */
  bytesSaved: number;
}

/** Jobs that wait, the age of the oldest, when all will have ended, whose they are, and the busiest key's share of them. */
export interface Queue {
  depth: number;
  oldestSeconds: number;
  drainSeconds: number;
  keys: number;
  largestKeyShare: number;
}

/** What is asked anew at each scrape. */
export interface Observed {
  /** The jobs that wait; null while the database cannot be asked. */
  queue(): Promise<Queue | null>;
  /** Callbacks to be sent, those given up, and how long the oldest of the former has been due; null as above. */
  callbacks(): Promise<{ due: number; dead: number; oldestSeconds: number } | null>;
  /** Children lost to a fault so far, by cause, and the resident memory of those that live. */
  engine(): { restarts: Record<string, number>; memoryBytes: number; busy: number; size: number };
  /** Outgoing requests that failed so far, by the failure's code. */
  refusals(): Record<string, number>;
}

export interface Metrics {
  requestEnded(event: RequestEnded): void;
  jobEnded(event: JobEnded): void;
  stageEnded(stage: Stage, seconds: number): void;
  bytesReceived(bytes: number): void;
  /** Registers the gauges that are read from `observed` when scraped. Call it once. */
  observe(observed: Observed): void;
  /** The body of `GET /metrics` and its content type. */
  expose(): Promise<{ contentType: string; text: string }>;
}

const REQUEST_BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const STAGE_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 600];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `keeneye_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
    new Histogram({ name: `keeneye_${name}`, help, labelNames, buckets, registers });

  const requests = counter('http_requests_total', 'Answered requests.', ['dialect', 'route', 'status']);
  const requestSeconds = histogram(
    'http_request_seconds',
    'From the first byte of a request to the last of its answer.',
    ['dialect', 'route'],
    REQUEST_BUCKETS,
  );
  const jobs = counter('jobs_total', 'Jobs that ended.', ['outcome', 'reason']);
  const stages = histogram('stage_seconds', 'Time a job spent in each stage.', ['stage'], STAGE_BUCKETS);
  const bytesIn = counter('bytes_in_total', 'Bytes of images taken in.');
  const bytesSaved = counter('bytes_saved_total', 'Source bytes minus the bytes of the smallest output.');

  return {
    requestEnded({ dialect, route, status, seconds }) {
      requests.inc({ dialect, route, status });
      requestSeconds.observe({ dialect, route }, seconds);
    },
    jobEnded({ outcome, reason, bytesSaved: saved }) {
      jobs.inc({ outcome, reason: reason ?? '' });
      bytesSaved.inc(Math.max(0, saved));
    },
    stageEnded: (stage, seconds) => stages.observe({ stage }, Math.max(0, seconds)),
    bytesReceived: (bytes) => bytesIn.inc(bytes),
    observe(observed) {
      observeAsked(registry, observed.queue, {
        depth: ['queue_depth', 'Jobs that wait for a worker.'],
        oldestSeconds: ['queue_oldest_seconds', 'Age of the job that has waited longest.'],
        drainSeconds: ['queue_drain_seconds', 'When all jobs that wait will have ended, as predicted.'],
        keys: ['queue_keys', 'Keys that have jobs waiting.'],
        largestKeyShare: [
          'queue_largest_key_share',
          'Share of the waiting jobs that the busiest key has, 0 to 1.',
        ],
      });
      observeAsked(registry, observed.callbacks, {
        due: ['callbacks_due', 'Callbacks to be sent, perhaps again.'],
        dead: ['callbacks_dead', 'Callbacks that were given up and are still listed.'],
        oldestSeconds: ['callbacks_oldest_seconds', 'How long the oldest callback has been due.'],
      });
      observeEngine(registry, observed.engine);
      countElsewhere(
        registry,
        ['outbound_refusals_total', 'Outgoing requests that failed or were not made.'],
        'code',
        observed.refusals,
      );
    },
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/**
 * Gauges that one question answers together. NaN is how Prometheus writes "not known": a gauge that kept its last
 * value would hide an outage.
 */
function observeAsked<Part extends string>(
  registry: Registry,
  ask: () => Promise<Record<Part, number> | null>,
  gauges: Record<Part, [name: string, help: string]>,
): void {
  let asking: ReturnType<typeof ask> | null = null;
  // All gauges are collected in the same turn.
  const askOnce = () => {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
  for (const [part, [name, help]] of Object.entries(gauges) as [Part, [string, string]][])
    new Gauge({
      name: `keeneye_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set((await askOnce())?.[part] ?? Number.NaN);
      },
    });
}

function observeEngine(registry: Registry, engine: Observed['engine']): void {
  const registers = [registry];
  countElsewhere(
    registry,
    ['engine_restarts_total', 'Engine children lost to a fault and replaced.'],
    'cause',
    () => engine().restarts,
  );
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `keeneye_engine_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('memory_bytes', 'Resident memory of all engine children.', () => engine().memoryBytes);
  gauge('children_busy', 'Engine children at work.', () => engine().busy);
  gauge('children', 'Engine children at most.', () => engine().size);
}

/** A counter whose counts are kept by others, by the only label that it has. */
function countElsewhere(
  registry: Registry,
  [name, help]: [name: string, help: string],
  label: string,
  read: () => Record<string, number>,
): void {
  new Counter({
    name: `keeneye_${name}`,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
    },
  });
}
