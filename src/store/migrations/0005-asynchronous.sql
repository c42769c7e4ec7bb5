-- Sources that are fetched after they were acknowledged, jobs that are found by a name, several taken in as one,
-- callbacks, originals that are kept, and turns that are fair to every key.

ALTER TABLE jobs
  -- Which protocol it came in by.
  ADD COLUMN dialect text NOT NULL DEFAULT 'native',
  -- Where its source is to be fetched from, and with what, which is forgotten once it was.
  ADD COLUMN source_url text,
  ADD COLUMN source_access jsonb,
  ADD COLUMN source_orientation smallint CHECK (source_orientation BETWEEN 1 AND 8),
  ADD COLUMN keep_source boolean NOT NULL DEFAULT false,
  -- A result that saves no more than this share of the source costs nothing; null: every result costs.
  ADD COLUMN free_up_to real CHECK (free_up_to >= 0),
  -- Its place in the order of turns.
  ADD COLUMN turn bigint NOT NULL DEFAULT 0,
  ALTER COLUMN source_sha256 DROP NOT NULL,
  ALTER COLUMN source_bytes DROP NOT NULL,
  DROP CONSTRAINT jobs_status_check,
  ADD CONSTRAINT jobs_status_check CHECK (status IN ('fetching', 'queued', 'running', 'done', 'declined', 'failed')),
  DROP CONSTRAINT jobs_live_needs_source,
  ADD CONSTRAINT jobs_live_needs_source CHECK (status NOT IN ('queued', 'running') OR source_blob IS NOT NULL),
  ADD CONSTRAINT jobs_fetching_needs_url CHECK (status <> 'fetching' OR source_url IS NOT NULL),
  ADD CONSTRAINT jobs_answered_has_source CHECK (
    status IN ('fetching', 'failed') OR (source_sha256 IS NOT NULL AND source_bytes IS NOT NULL)
  ),
  DROP CONSTRAINT jobs_ended_is_dated,
  ADD CONSTRAINT jobs_ended_is_dated CHECK (
    (status IN ('fetching', 'queued', 'running')) = (finished_at IS NULL)
    AND (finished_at IS NULL) = (expires_at IS NULL)
  );
DROP INDEX jobs_one_live_per_fingerprint;
CREATE UNIQUE INDEX jobs_one_live_per_fingerprint ON jobs (fingerprint) WHERE finished_at IS NULL;
DROP INDEX jobs_waiting;
CREATE INDEX jobs_waiting ON jobs (created_at) WHERE status IN ('fetching', 'queued');
CREATE INDEX jobs_by_end ON jobs (finished_at) WHERE engine_ms IS NOT NULL;

-- By which name a key finds which of its jobs.
CREATE TABLE job_references (
  key_id uuid NOT NULL REFERENCES keys,
  -- Of the name, which is the client's and can be long.
  name_sha256 bytea NOT NULL CHECK (octet_length(name_sha256) = 32),
  job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  PRIMARY KEY (key_id, name_sha256)
);
CREATE INDEX job_references_by_job ON job_references (job_id);

CREATE TABLE batches (
  id uuid PRIMARY KEY,
  key_id uuid NOT NULL REFERENCES keys,
  size smallint NOT NULL CHECK (size > 0),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE batch_items (
  batch_id uuid NOT NULL REFERENCES batches ON DELETE CASCADE,
  position smallint NOT NULL CHECK (position >= 0),
  -- A job that was there already may be in several.
  job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  filename text,
  PRIMARY KEY (batch_id, position)
);
CREATE INDEX batch_items_by_job ON batch_items (job_id);

-- Who wants to be told once a batch has ended.
CREATE TABLE callbacks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  batch_id uuid NOT NULL UNIQUE REFERENCES batches ON DELETE CASCADE,
  key_id uuid NOT NULL REFERENCES keys,
  -- In whose words.
  dialect text NOT NULL,
  url text NOT NULL,
  -- Under which the links in it are handed out.
  origin text NOT NULL,
  -- Waiting: its jobs have not all ended. Due: to be sent at next_at. Dead: given up.
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'due', 'delivered', 'dead')),
  -- Worded at the first attempt and the same in each.
  content_type text,
  body text,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  due_at timestamptz,
  next_at timestamptz,
  last_status integer,
  last_error text,
  -- Who is sending it, and until when nobody else may.
  claim uuid,
  claimed_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT callbacks_due_is_dated CHECK (status <> 'due' OR (due_at IS NOT NULL AND next_at IS NOT NULL)),
  CONSTRAINT callbacks_ended_is_dated CHECK ((status IN ('delivered', 'dead')) = (ended_at IS NOT NULL))
);
CREATE INDEX callbacks_due ON callbacks (next_at) WHERE status = 'due';
CREATE INDEX callbacks_dead ON callbacks (ended_at) WHERE status = 'dead';

-- Files that are kept as they are, under a name of the key's own.
CREATE TABLE originals (
  key_id uuid NOT NULL REFERENCES keys,
  name_sha256 bytea NOT NULL CHECK (octet_length(name_sha256) = 32),
  blob text NOT NULL REFERENCES blobs,
  bytes integer NOT NULL CHECK (bytes > 0),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (key_id, name_sha256)
);
CREATE INDEX originals_by_blob ON originals (blob);
CREATE INDEX originals_to_expire ON originals (expires_at);

-- Whose turn it is: start-time fair queueing over keys. Each job of a key is one turn after the key's last, and none
-- is before the turn that work has reached.
CREATE TABLE key_turns (
  key_id uuid PRIMARY KEY REFERENCES keys,
  last bigint NOT NULL
);
CREATE TABLE turn_reached (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  turn bigint NOT NULL DEFAULT 0
);
INSERT INTO turn_reached DEFAULT VALUES;
