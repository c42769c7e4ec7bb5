/**
 * What dialects and the service speak of: who asks (accounts), what for (submissions, batches), and what came of it
 * (jobs, artifacts). Neutral words; each dialect has its vendor's. Part of the contract in `dialect.ts`, from which
 * dialects import it.
 */
import type { ReportedTile, Visibility } from '../lib/report.ts';
import type { Signed } from '../lib/signature.ts';

export interface Account {
  id: string;
  name: string;
  email: string | null;
  /** Credits left; null when the key is not limited. */
  creditsLeft: number | null;
  /** Successful optimizations charged so far. */
  creditsUsed: number;
  plan: Plan;
}

/** How a key is paid for; what `creditsLeft` says already takes it and the keys above it into account. */
export interface Plan {
  /** `metered`: any number, counted. */
  kind: 'prepaid' | 'monthly' | 'metered';
  /** Credits a month; 0 unless monthly. */
  allowance: number;
  /** Charged since the last renewal, or in all. */
  used: number;
  /** Whole days until the count begins anew; 0 for what does not. */
  daysToRenewal: number;
  /** What stands in the way when no credits are left: the key's own, or those of the key above it. */
  exhausted: 'own' | 'parent' | null;
}

export interface Submission {
  /** The API key's secret, as the client sent it. */
  secret: string;
  source: Source;
  options: SubmissionOptions;
  /** `smaller`: decline what is not a gain or visibly different. `any`: the caller wants a result regardless. */
  accept: 'smaller' | 'any';
  /** Whether a success costs a credit. */
  charge: boolean;
  /** A success whose first target saves no more than this share of the source costs nothing, e.g. 0.05. */
  freeUpTo?: number;
  /** Largest result, as a share of the source; the server's own when left out. Above 1 a result may be larger. */
  maxOverhead?: number;
  /** Under which the key finds the job again. The latest submission of a reference is the one that is found. */
  reference?: string;
  /** Does the work anew where a result is at hand. */
  refresh?: boolean;
  /** Keeps the source as long as the job's outcome is kept, also when there is no result, for `job.readSource`. */
  keepSource?: boolean;
  /** The site that the client says it speaks for. */
  domain?: string;
}

/** Bytes that came with the request, or where they are to be fetched from, after the submission is acknowledged. */
export type Source =
  | { bytes: Uint8Array /** For the log only. */; filename?: string }
  | {
      url: string;
      filename?: string;
      credentials?: { user: string; password: string };
      headers?: Record<string, string>;
    };

export interface NewBatch {
  secret: string;
  /** At least one, each with the same key. */
  submissions: Omit<Submission, 'secret'>[];
  /** Told once, when all have ended, in the words of the dialect's `callback`. */
  callback?: { url: string; origin: string };
}

export interface Batch {
  id: string;
  account: Account;
  /** In the order in which they were submitted. */
  items: BatchItem[];
}

export interface BatchItem {
  job: Job;
  /** As its submission said. */
  filename: string | null;
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
    /** `inside` and `outside` a box never enlarge; `cover` crops and `fill` stretches to exactly the box. */
    fit: 'inside' | 'outside' | 'cover' | 'fill';
    gravity?: Gravity;
  };
  /** Clockwise degrees or a mirroring, after all else. */
  turn?: '90' | '180' | '270' | 'flop' | 'flip' | 'transpose' | 'transverse';
  /** `#rrggbb`: shows through where a format knows no transparency; without it such a format is not tried. */
  background?: string;
  /** Of a PDF: images that are drawn at more dots an inch become smaller. */
  imageDpi?: number;
  /** Colours in the palette of a PNG at most, 2 to 256; the result is then a palette whatever it looks like. */
  colours?: number;
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
  /** Reads the source. @throws Problem `not-found` when it is not kept any more */
  readSource(): Promise<Uint8Array>;
}

/** What is null is not known yet, or could not be told: bytes until they were fetched, the rest until the engine has looked. */
export interface SourceFacts {
  bytes: number | null;
  sha256: string | null;
  width: number | null;
  height: number | null;
  format: string | null;
  /** As EXIF has it, 1 to 8; null when it was not looked at. */
  orientation: number | null;
  /** Where it was fetched from; null when it came with the request. */
  url: string | null;
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
  worstTile: ReportedTile;
  /** How visible the difference is to people; null when it was made before this was measured. */
  visibility: Visibility | null;
  encoder: string;
  quality: number | null;
  evaluations: number;
}
