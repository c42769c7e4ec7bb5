/**
 * The contract between a wire protocol and the server. A dialect is a folder that imports this file,
 * `lib/` and itself, and nothing else of the project; `load.ts` finds it, `http/router.ts` serves it.
 */
import type { Problem } from '../lib/problem.ts';
import type { Visibility } from '../lib/report.ts';
import type { Signed } from '../lib/signature.ts';

// --- What a dialect is -------------------------------------------------------------------------

export interface Dialect {
  name: string;
  routes: Route[];
  /** Words every problem on this dialect's routes, 404, 405, 413 and 500 included, as its clients expect. */
  refuse(problem: Problem, request: RequestHead): Reply;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
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
  /** Aborts when the client hangs up, and when the server stops and wants an answer with what there is. */
  signal: AbortSignal;
}

export interface Form {
  /** Last value wins. */
  fields: Record<string, string>;
  files: FormFile[];
}

export interface FormFile {
  /** The part's field name. */
  name: string;
  /** The file name as sent: to be logged or shown, never to be used as a path. */
  filename: string;
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

// --- What a handler may ask for: five verbs ------------------------------------------------------

export interface Service {
  /** @throws Problem `unauthorized` when the key is unknown or revoked. */
  account(secret: string): Promise<Account>;
  /**
   * Takes work in, durably, or finds that it was done before.
   * @throws Problem `unauthorized` | `out-of-credits` | `empty-body` | `overloaded` | `unavailable`
   */
  submit(submission: Submission): Promise<Job>;
  /** A job of this key. @throws Problem `unauthorized` | `not-found` */
  find(secret: string, jobId: string): Promise<Job>;
  /** The job once it has ended, or as it stands at the deadline (milliseconds from now). */
  wait(job: Job, deadlineMs: number, signal?: AbortSignal): Promise<Job>;
  /** An absolute, unguessable address of an artifact that works without a key until `ttlMs` from now or its expiry. */
  link(artifact: Artifact, ttlMs: number, origin: string): string;
}

export interface Account {
  id: string;
  name: string;
  /** Credits left; null when the key is not limited. */
  creditsLeft: number | null;
  /** Successful optimizations charged so far. */
  creditsUsed: number;
}

export interface Submission {
  /** The API key's secret, as the client sent it. */
  secret: string;
  source: { bytes: Uint8Array /** For the log only. */; filename?: string };
  options: SubmissionOptions;
  /** `smaller`: decline what is not a gain or visibly different. `any`: the caller wants a result regardless. */
  accept: 'smaller' | 'any';
  /** Whether a success costs a credit. */
  charge: boolean;
}

/** Formats made of pixels, which other formats can be turned into. */
export type PixelFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';
/** Formats of results: drawings and documents stay what they are, too. */
export type Format = PixelFormat | 'svg' | 'pdf';

/** Neutral options; whatever is left out gets the server's default. */
export interface SubmissionOptions {
  /** `same`, `auto` or formats; each yields at most one output. */
  targets?: ('same' | 'auto' | PixelFormat)[];
  /** What `auto` may choose among. */
  formats?: PixelFormat[];
  fidelity?: 'lossless' | 'glossy' | 'lossy';
  /** 50 to 95. */
  floor?: number;
  /** `none` keeps what shows the image as it was; `copyright` who owns it, too; `private-stripped` all but places and serial numbers. */
  metadata?: 'none' | 'copyright' | 'private-stripped' | 'all';
  /** `keep` leaves CMYK what it is where the format can hold it. */
  cmyk?: 'convert' | 'keep';
  /** `thorough` may take minutes for a few bytes. */
  effort?: 'fast' | 'usual' | 'thorough';
  /** Stores lossless results upright, too, even where that trims up to 15 pixels of a JPEG's edge. */
  upright?: boolean;
  /** Takes scripts and references to elsewhere out of drawings. */
  sanitize?: boolean;
  /** `first` takes the first frame or page for the whole. */
  frames?: 'all' | 'first';
  /** In pixels of the upright image; before it is resized. */
  crop?: { x: number; y: number; width: number; height: number };
  resize?: {
    width?: number;
    height?: number;
    /** `inside` and `outside` a box never enlarge; `cover` crops to exactly the box. */
    fit: 'inside' | 'outside' | 'cover';
    gravity?: Gravity;
  };
  /** Clockwise degrees or a mirroring, after all else. */
  turn?: '90' | '180' | '270' | 'flop' | 'flip' | 'transpose' | 'transverse';
  /** `#rrggbb`: shows through where a format knows no transparency; without it such a format is not tried. */
  background?: string;
  /** A fixed encoder quality, 1 to 100. */
  quality?: number;
}

/** Which part a `cover` keeps. */
export type Gravity =
  | 'centre'
  | 'smart'
  | 'top'
  | 'top-right'
  | 'right'
  | 'bottom-right'
  | 'bottom'
  | 'bottom-left'
  | 'left'
  | 'top-left';

export type JobStatus = 'queued' | 'running' | 'done' | 'declined' | 'failed';

export interface Job {
  id: string;
  status: JobStatus;
  /** Why it was declined or failed. */
  reason: string | null;
  /** A sentence about the reason. */
  detail: string | null;
  source: SourceFacts;
  artifacts: Artifact[];
  createdAt: Date;
  finishedAt: Date | null;
  /** How long the engine worked, in milliseconds. */
  engineMs: number | null;
  /** Engine and build that produced the result. */
  engine: string | null;
  options: SubmissionOptions;
  /** As the submission said: with `any`, an artifact may be larger than the source or below the floor. */
  accept: 'smaller' | 'any';
  /** Signs what is said about this job with the server's key. */
  sign<Statement extends object>(statement: Statement): Signed<Statement>;
  /**
   * Draws where an artifact differs from its source, as a PNG.
   * @throws Problem `not-found` once either has expired, `overloaded`, `unavailable` or `job-failed`
   */
  heatmap(artifact: Artifact, signal?: AbortSignal): Promise<Uint8Array>;
  /** Reads an artifact's bytes. @throws Problem `not-found` once it has expired. */
  read(artifact: Artifact): Promise<Uint8Array>;
}

/** Width, height and format are null until the engine has looked, and stay null when it could not tell. */
export interface SourceFacts {
  bytes: number;
  sha256: string;
  width: number | null;
  height: number | null;
  format: string | null;
}

export interface Artifact {
  id: string;
  format: Format;
  bytes: number;
  width: number;
  height: number;
  /** Of an animation; 1 of still images, pages of documents. */
  frames: number;
  sha256: string;
  score: number;
  worstTile: { x: number; y: number; width: number; height: number; score: number };
  /** How visible the difference is to people; null when it was made before this was measured. */
  visibility: Visibility | null;
  encoder: string;
  quality: number | null;
  evaluations: number;
}
