/**
 * The contract between a wire protocol and the server. A dialect is a folder that imports this file,
 * `lib/` and itself, and nothing else of the project; `load.ts` finds it, `http/router.ts` serves it. What is asked
 * for and what came of it has its words in `work.ts`.
 */
import type { Problem } from '../lib/problem.ts';
import type { Account, Artifact, Batch, Job, NewBatch, Submission } from './work.ts';

export type * from './work.ts';

// --- What a dialect is -------------------------------------------------------------------------

export interface Dialect {
  name: string;
  /** A key that the vendor's documentation has everyone try; it is one where the operator allows that. */
  demoKey?: string;
  routes: Route[];
  /** Words every problem on this dialect's routes, 404, 405, 413 and 500 included, as its clients expect. */
  refuse(problem: Problem, request: RequestHead): Reply;
  /**
   * Words what the address that a batch asked to be called at is told once all its jobs have ended. `json` or `text`
   * are sent by POST; the status counts for nothing. Only where submissions ask for callbacks.
   * @param origin under which links must be handed out
   */
  callback?(batch: Batch, service: Service, origin: string): Promise<Reply>;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** An exact path; a segment `:name` matches one path segment and lands in `request.params`. */
  path: string;
  handle(request: Request, service: Service): Promise<Reply>;
}

// --- What a handler is given -------------------------------------------------------------------

export interface RequestHead {
  method: string;
  /** Path without the query. */
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Names in lower case; repeated headers joined by `, `. */
  headers: Record<string, string>;
  /** Scheme and authority under which links must be handed out, e.g. `https://img.example.org`. */
  origin: string;
}

export interface Request extends RequestHead {
  /** The whole body, whatever its type. @throws Problem `body-too-large` */
  bytes(): Promise<Uint8Array>;
  /** The body read as urlencoded or multipart, by its content type. @throws Problem `body-too-large` | `malformed-body` */
  form(): Promise<Form>;
  /** The body read as multipart, its parts alike: named or not, a field or a file. @throws as `form` does */
  parts(): Promise<FormPart[]>;
  /** Aborts when the client hangs up, and when the server stops and wants an answer with what there is. */
  signal: AbortSignal;
}

export interface Form {
  /** Last value wins. */
  fields: Record<string, string>;
  /** All values of the fields whose name ends in `[]`, by the name without it; absent when there is none. */
  lists?: Record<string, string[]>;
  files: FormFile[];
}

export interface FormFile {
  /** The part's field name. */
  name: string;
  /** The file name as sent: to be logged or shown, never to be used as a path. */
  filename: string;
  data: Uint8Array;
}

export interface FormPart {
  /** Media type in lower case, without parameters; `text/plain` where the part says none. */
  type: string;
  data: Uint8Array;
}

/** `json` is serialised by the router; `bytes` are sent as they are. Content-Length is always set. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  bytes?: Uint8Array;
}

// --- What a handler may ask for ------------------------------------------------------------------

export interface Service {
  /**
   * Whether a key may ask at all; for before a body is read.
   * @returns whether it may administer, too
   * @param domain the site that the client says it speaks for, where its protocol has it say so
   * @throws Problem `unauthorized` | `key-expired` | `domain-not-allowed`
   */
  authenticate(secret: string, domain?: string): Promise<{ admin: boolean }>;
  /** What a key is told of itself. @throws Problem as `authenticate` does */
  account(secret: string, domain?: string): Promise<Account>;
  /**
   * Counts one request against a limit that a protocol sets itself, the same on all nodes; a key may have limits of its own.
   * @throws Problem `unauthorized` | `key-expired` | `rate-limited`
   */
  limit(secret: string, limit: RateLimit): Promise<Allowance>;
  /**
   * Takes work in, durably, or finds that it was done before.
   * @throws Problem `unauthorized` | `key-expired` | `domain-not-allowed` | `rate-limited` | `out-of-credits` |
   *   `empty-body` | `invalid-parameter` (an address that is none) | `overloaded` | `unavailable`
   */
  submit(submission: Submission): Promise<Job>;
  /** Takes several in as one, all or none of them. @throws Problem as `submit` does */
  submitBatch(batch: NewBatch): Promise<Batch>;
  /** A job of this key, by its id or by the reference of its submission. @throws Problem `unauthorized` | `not-found` */
  find(secret: string, idOrReference: string): Promise<Job>;
  /** From now on no reference of this key leads to jobs whose source came from these addresses. @throws Problem `unauthorized` */
  forget(secret: string, urls: string[]): Promise<void>;
  /** @throws Problem `unauthorized` | `not-found` (no such batch) | `not-yours` (another key's) */
  findBatch(secret: string, id: string): Promise<Batch>;
  /** The job once it has ended, or as it stands at the deadline (milliseconds from now). */
  wait(job: Job, deadlineMs: number, signal?: AbortSignal): Promise<Job>;
  /** The same for all jobs of a batch. */
  waitBatch(batch: Batch, deadlineMs: number, signal?: AbortSignal): Promise<Batch>;
  /** An absolute, unguessable address of an artifact that works without a key until `ttlMs` from now or its expiry. */
  link(artifact: Artifact, ttlMs: number, origin: string): string;
  /**
   * A signed, unguessable word for a job, for addresses of a dialect's own that work without a key.
   * @param purpose without which it is not redeemed, where a dialect has addresses of several kinds
   */
  ticket(job: Job, ttlMs: number, purpose?: string): string;
  /** The job that a ticket stands for. @throws Problem `not-found` when it is forged, out of date or its job has expired */
  redeem(ticket: string, purpose?: string): Promise<Job>;
  /** Keeps a file as it is, under a name of the key's own, for as long as originals are kept. @throws Problem `unavailable` */
  keepOriginal(secret: string, name: string, bytes: Uint8Array): Promise<void>;
  /** What was kept under a name. @throws Problem `unauthorized` | `not-found` */
  original(secret: string, name: string): Promise<Uint8Array>;
}

export interface RateLimit {
  /** Told apart by this; the dialect's own word. */
  endpoint: string;
  requests: number;
  seconds: number;
}

/** What a key may still ask after the request that was counted. */
export interface Allowance {
  requests: number;
  left: number;
  /** Until the count begins anew. */
  resetSeconds: number;
}
