-- Who may ask (keys), what was asked (jobs), what came out (artifacts), and which blobs those need.

CREATE TABLE settings (
  name text PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  -- Of the secret, which itself is shown once and kept nowhere.
  secret_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(secret_sha256) = 32),
  -- How the secret begins, so that its owner can tell keys apart.
  prefix text NOT NULL,
  -- Granted in all; null is without limit. Each live job that will be charged holds one in reserve.
  credits integer CHECK (credits >= 0),
  credits_used integer NOT NULL DEFAULT 0 CHECK (credits_used >= 0),
  credits_reserved integer NOT NULL DEFAULT 0 CHECK (credits_reserved >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  CONSTRAINT keys_never_overdrawn CHECK (credits_used + credits_reserved <= credits)
);

-- Every blob that was ever put and not yet swept. What refers to a blob does so by foreign key, so the
-- database itself refuses to forget one that is needed or to refer to one that is gone.
CREATE TABLE blobs (
  key text PRIMARY KEY,
  -- When the sweep may look whether it is still needed; null: it was, and nothing has let go of it since.
  sweep_after timestamptz
);
CREATE INDEX blobs_to_sweep ON blobs (sweep_after) WHERE sweep_after IS NOT NULL;

CREATE TABLE jobs (
  id uuid PRIMARY KEY,
  key_id uuid NOT NULL REFERENCES keys,
  -- Same bytes, options, engine, key: same job.
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'declined', 'failed')),
  reason text,
  detail text,
  -- The engine's options, all of them: defaults may change while a job waits.
  options jsonb NOT NULL,
  -- Whether a success costs a credit.
  charge boolean NOT NULL,
  filename text,
  -- Null once the job has ended without a result: a result is proved against its source.
  source_blob text REFERENCES blobs,
  source_sha256 text NOT NULL CHECK (source_sha256 ~ '^[0-9a-f]{64}$'),
  source_bytes integer NOT NULL CHECK (source_bytes > 0),
  source_format text,
  source_width integer CHECK (source_width > 0),
  source_height integer CHECK (source_height > 0),
  engine text,
  engine_ms integer CHECK (engine_ms >= 0),
  -- Which claim the job is under; the end of a job is only taken from the holder of its last claim.
  claim uuid,
  -- Claims so far that were not given back: what ends a job that takes its server down each time.
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz,
  CONSTRAINT jobs_live_needs_source CHECK (status NOT IN ('queued', 'running') OR source_blob IS NOT NULL),
  CONSTRAINT jobs_running_is_claimed CHECK ((status = 'running') = (claim IS NOT NULL)),
  CONSTRAINT jobs_ended_is_dated CHECK (
    (status IN ('queued', 'running')) = (finished_at IS NULL)
    AND (finished_at IS NULL) = (expires_at IS NULL)
  ),
  CONSTRAINT jobs_unsuccessful_has_reason CHECK ((status IN ('declined', 'failed')) = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX jobs_one_live_per_fingerprint ON jobs (fingerprint) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint, created_at);
CREATE INDEX jobs_waiting ON jobs (created_at) WHERE status = 'queued';
CREATE INDEX jobs_running ON jobs (started_at) WHERE status = 'running';
CREATE INDEX jobs_to_expire ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX jobs_by_source_blob ON jobs (source_blob) WHERE source_blob IS NOT NULL;

CREATE TABLE artifacts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  -- Order in which the targets were asked for.
  position smallint NOT NULL CHECK (position >= 0),
  -- Also the artifact's sha-256: blobs are content-addressed.
  blob text NOT NULL REFERENCES blobs,
  format text NOT NULL CHECK (format IN ('jpeg', 'png', 'webp', 'avif')),
  bytes integer NOT NULL CHECK (bytes > 0),
  width integer NOT NULL CHECK (width > 0),
  height integer NOT NULL CHECK (height > 0),
  score double precision NOT NULL,
  worst_tile jsonb NOT NULL,
  encoder text NOT NULL,
  quality double precision,
  evaluations integer NOT NULL CHECK (evaluations >= 0),
  UNIQUE (job_id, position)
);
CREATE INDEX artifacts_by_blob ON artifacts (blob);
