/**
 * The table of environment variables and the only place that touches `process.env`. What their
 * values mean together is `config.ts`'s; `--help` and docs/reference are printed from the same table.
 */
import { availableParallelism, homedir, totalmem } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { DEFAULT_LIMITS, DEFAULT_LOSSY_FLOOR, FLOOR_RANGE } from '../engine/contract.ts';
import { LOG_LEVELS, type LogLevel } from '../lib/log.ts';
import { type AllowedPrivate, parseAllowed } from '../outbound/allowed.ts';
import * as parse from './parse.ts';

export type Environment = Record<string, string | undefined>;

export const environment: Environment = process.env;

/**
 * Where the command line keeps what is its user's own: `keeneye` in the folder for configuration of the XDG
 * Base Directory Specification, which passes over a path that is not absolute.
 */
export function userConfigFolder(env: Environment = environment): string {
  const named = env.XDG_CONFIG_HOME ?? '';
  return join(isAbsolute(named) ? named : join(homedir(), '.config'), 'keeneye');
}

export interface Variable<Value> {
  name: string;
  parse: parse.Parser<Value>;
  default: Value;
  /** The default as a reader should see it, where its value is not what one would write. */
  shown: string;
  help: string;
  /** Its value is never printed, and may come from the file that `NAME_FILE` names. */
  secret: boolean;
}

type Row<Value> = Pick<Variable<Value>, 'parse' | 'default' | 'help'> & Partial<Variable<Value>>;

function variable<Value>(name: string, row: Row<Value>): Variable<Value> {
  return { name, shown: String(row.default), secret: false, ...row };
}

const PORT = variable('PORT', {
  parse: parse.wholeNumber(0, 65_535),
  default: 8080,
  help: 'Port to listen on; 0 takes any free one, which the ready line names.',
});

const HOST = variable('HOST', {
  parse: parse.hostName,
  default: '127.0.0.1',
  help: 'Address to listen on; 0.0.0.0 or :: to be reached from other machines.',
});

const TLS_CERT = variable<string | null>('TLS_CERT', {
  parse: parse.file,
  default: null,
  shown: 'no HTTPS',
  help: 'PEM file of a certificate and its chain, to serve HTTPS besides HTTP; needs TLS_KEY.',
});

const TLS_KEY = variable<string | null>('TLS_KEY', {
  parse: parse.file,
  default: null,
  shown: 'no HTTPS',
  help: "PEM file of the certificate's private key, without a passphrase.",
});

const TLS_PORT = variable('TLS_PORT', {
  parse: parse.wholeNumber(0, 65_535),
  default: 8443,
  help: 'Port of HTTPS where there is a certificate; 0 takes any free one, which the ready line names.',
});

const DATA_DIR = variable('DATA_DIR', {
  parse: parse.folder,
  default: parse.folder('data'),
  shown: './data',
  help: 'Folder of the embedded database and of the stored files. One server at a time may use it.',
});

const DATABASE_URL = variable<string | null>('DATABASE_URL', {
  parse: parse.postgresUrl,
  default: null,
  shown: 'the embedded database',
  help: 'PostgreSQL 15 or newer to use instead, e.g. postgres://user:password@host:5432/database.',
  secret: true,
});

const BLOB_URL = variable<string | null>('BLOB_URL', {
  parse: parse.fileUrlFolder,
  default: null,
  shown: 'blobs in DATA_DIR',
  help: 'Where sources and results are stored: a file: URL.',
});

const PUBLIC_URL = variable<string | null>('PUBLIC_URL', {
  parse: parse.webUrl,
  default: null,
  shown: "the request's host",
  help: 'Address under which clients reach the server; the base of every link handed out.',
});

const KEENEYE_KEY = variable<string | null>('KEENEYE_KEY', {
  parse: parse.secretText(20),
  default: null,
  shown: 'made at the first start',
  help: 'API key to create at the start if it is missing; at least 20 characters.',
  secret: true,
});

const WORKERS = variable('WORKERS', {
  parse: parse.wholeNumber(1, 512),
  default: availableParallelism(),
  shown: 'processor cores',
  help: 'Images worked on at once, each in a process of its own.',
});

const FLOOR = variable('FLOOR', {
  parse: parse.numberBetween(FLOOR_RANGE.min, FLOOR_RANGE.max),
  default: DEFAULT_LOSSY_FLOOR,
  help: 'Lowest SSIMULACRA 2.1 score of a lossy result whose request names none.',
});

const RESULT_TTL = variable('RESULT_TTL', {
  parse: parse.duration('1m', '3650d'),
  default: 86_400_000,
  shown: '24h',
  help: 'How long results are kept.',
});

const MAX_PIXELS = variable('MAX_PIXELS', {
  parse: parse.area('1', '1000MP'),
  default: DEFAULT_LIMITS.maxPixels,
  shown: '100MP',
  help: 'Largest image taken, width times height.',
});

const MAX_BYTES = variable('MAX_BYTES', {
  parse: parse.size('1KiB', '1GiB'),
  default: 100 * 1024 ** 2,
  shown: '100MiB',
  help: 'Largest request body taken.',
});

const JOB_TIMEOUT = variable('JOB_TIMEOUT', {
  parse: parse.duration('1s', '1h'),
  default: DEFAULT_LIMITS.jobTimeMs,
  shown: '300s',
  help: 'How long one image may be worked on before its process is ended; large images get the effort that fits.',
});

/** What the largest images need, and of a small machine what its workers may take without harm to all else. */
function memoryForWorker(): number {
  const machine = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const share = Math.floor((machine * 0.8) / availableParallelism());
  return Math.min(4 * 1024 ** 3, Math.max(1024 ** 3, share));
}

const WORKER_MEMORY = variable('WORKER_MEMORY', {
  parse: parse.size('256MiB', '64GiB'),
  default: memoryForWorker(),
  shown: "its share of the machine's, 1GiB to 4GiB",
  help: 'Memory one engine process may use before it is ended.',
});

const WORKER_JOBS = variable('WORKER_JOBS', {
  parse: parse.wholeNumber(1, 1_000_000),
  default: 200,
  help: 'Images after which an engine process is replaced by a fresh one.',
});

const MAX_QUEUE = variable('MAX_QUEUE', {
  parse: parse.wholeNumber(1, 10_000_000),
  default: 10_000,
  help: 'Waiting jobs above which new work is refused.',
});

const ALLOW_PRIVATE_SOURCES = variable<AllowedPrivate[]>('ALLOW_PRIVATE_SOURCES', {
  parse: parseAllowed,
  default: [],
  shown: 'none',
  help: 'What may be asked of the private network: networks, addresses, hosts, e.g. 10.0.0.0/8,media.internal:9000.',
});

const MAX_WAIT = variable('MAX_WAIT', {
  parse: parse.duration('1s', '30d'),
  default: 1_800_000,
  shown: '30m',
  help: 'Predicted wait above which new work is refused.',
});

const FETCH_TIMEOUT = variable('FETCH_TIMEOUT', {
  parse: parse.duration('1s', '1h'),
  default: 30_000,
  shown: '30s',
  help: 'How long the fetching of one image from its address may take.',
});

const ORIGINALS_TTL = variable('ORIGINALS_TTL', {
  parse: parse.duration('1m', '3650d'),
  default: 30 * 86_400_000,
  shown: '30d',
  help: 'How long originals are kept that clients back up here.',
});

const DEMO_KEY = variable('DEMO_KEY', {
  parse: parse.onOrOff,
  default: false,
  shown: '0',
  help: '1 lets everyone optimize with the keys that vendors name for trying their API, 500 images a month each.',
});

const LOG_LEVEL = variable<LogLevel>('LOG_LEVEL', {
  parse: parse.oneOf(LOG_LEVELS),
  default: 'info',
  help: `Least serious log line written: ${LOG_LEVELS.join(', ')}.`,
});

/** Every variable, by its place in the configuration, in the order in which documentation lists them. */
export const VARIABLES = {
  port: PORT,
  host: HOST,
  tlsCert: TLS_CERT,
  tlsKey: TLS_KEY,
  tlsPort: TLS_PORT,
  dataDir: DATA_DIR,
  databaseUrl: DATABASE_URL,
  blobFolder: BLOB_URL,
  publicUrl: PUBLIC_URL,
  configuredKey: KEENEYE_KEY,
  workers: WORKERS,
  floor: FLOOR,
  resultTtlMs: RESULT_TTL,
  maxPixels: MAX_PIXELS,
  maxBytes: MAX_BYTES,
  jobTimeoutMs: JOB_TIMEOUT,
  workerMemoryBytes: WORKER_MEMORY,
  workerJobs: WORKER_JOBS,
  maxQueue: MAX_QUEUE,
  maxWaitMs: MAX_WAIT,
  fetchTimeoutMs: FETCH_TIMEOUT,
  originalTtlMs: ORIGINALS_TTL,
  allowedPrivate: ALLOW_PRIVATE_SOURCES,
  demoKeysAllowed: DEMO_KEY,
  logLevel: LOG_LEVEL,
};
