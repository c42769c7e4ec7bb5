-- What people are asked whether they see it (studies, their images and pairs), who was asked (viewers) and what
-- they answered (trials).

CREATE TABLE studies (
  -- Whoever knows it may take part.
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
  name text NOT NULL,
  status text NOT NULL DEFAULT 'preparing' CHECK (status IN ('preparing', 'open', 'closed')),
  -- Trials that each viewer gets, practice aside.
  trials_per_viewer integer NOT NULL CHECK (trials_per_viewer > 0),
  -- How the pairs were made: formats, levels, side, engine.
  design jsonb NOT NULL,
  -- Viewers so far, those included who left again: each has a number of its own.
  viewers_joined integer NOT NULL DEFAULT 0 CHECK (viewers_joined >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  CONSTRAINT studies_closed_is_dated CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);

CREATE TABLE study_images (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  study_id text NOT NULL REFERENCES studies ON DELETE CASCADE,
  position integer NOT NULL CHECK (position >= 0),
  -- Its file's name, for whoever made the study.
  name text NOT NULL,
  source_sha256 text NOT NULL CHECK (source_sha256 ~ '^[0-9a-f]{64}$'),
  -- What is shown of the source, in pixels of it.
  area jsonb NOT NULL,
  -- The reference, as a PNG.
  blob text NOT NULL REFERENCES blobs,
  -- Of the largest of its PNGs: all are made as large on their way to viewers.
  largest_bytes integer NOT NULL CHECK (largest_bytes > 0),
  UNIQUE (study_id, position)
);
CREATE INDEX study_images_by_blob ON study_images (blob);

CREATE TABLE study_pairs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  image_id uuid NOT NULL REFERENCES study_images ON DELETE CASCADE,
  position integer NOT NULL CHECK (position >= 0),
  kind text NOT NULL CHECK (kind IN ('candidate', 'identical', 'damaged')),
  -- What takes the reference's place; of an identical pair the reference itself.
  blob text NOT NULL REFERENCES blobs,
  -- What was measured, and which part was damaged; never sent to the page.
  facts jsonb NOT NULL,
  UNIQUE (image_id, position)
);
CREATE INDEX study_pairs_by_blob ON study_pairs (blob);

CREATE TABLE study_viewers (
  study_id text NOT NULL REFERENCES studies ON DELETE CASCADE,
  -- Made up by the viewer's browser; whoever knows it may answer for them.
  id text NOT NULL CHECK (id ~ '^[0-9a-f]{32}$'),
  number integer NOT NULL CHECK (number >= 0),
  -- Pixels of screen and window, as the browser tells them.
  display jsonb NOT NULL,
  joined_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (study_id, id),
  UNIQUE (study_id, number)
);

CREATE TABLE study_trials (
  study_id text NOT NULL,
  viewer_id text NOT NULL,
  position smallint NOT NULL CHECK (position >= 0),
  pair_id uuid NOT NULL REFERENCES study_pairs ON DELETE CASCADE,
  practice boolean NOT NULL,
  -- Which of the two images is the reference: 0 or 1.
  reference_side smallint NOT NULL CHECK (reference_side IN (0, 1)),
  -- Null until it is answered; the first answer stays.
  answer text CHECK (answer IN ('same', 'different')),
  -- Where the difference was seen: 0 to 8, three rows of three.
  part smallint CHECK (part BETWEEN 0 AND 8),
  took_ms integer CHECK (took_ms >= 0),
  answered_at timestamptz,
  PRIMARY KEY (study_id, viewer_id, position),
  FOREIGN KEY (study_id, viewer_id) REFERENCES study_viewers ON DELETE CASCADE,
  CONSTRAINT study_trials_answered_whole CHECK (
    (answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (took_ms IS NULL)
  ),
  CONSTRAINT study_trials_part_of_difference CHECK ((part IS NOT NULL) = (answer IS NOT DISTINCT FROM 'different'))
);
CREATE INDEX study_trials_by_pair ON study_trials (pair_id);
