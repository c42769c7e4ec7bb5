-- How keys are paid for and what they may, what was done for them, and how often they asked.

ALTER TABLE keys
  ADD COLUMN email text,
  -- prepaid: credits in all; monthly: credits a month; metered: any number, counted.
  ADD COLUMN plan text NOT NULL DEFAULT 'metered' CHECK (plan IN ('prepaid', 'monthly', 'metered')),
  -- Months since the key was made, as of which credits_used counts; what was used before stands in the next column.
  ADD COLUMN month integer NOT NULL DEFAULT 0,
  ADD COLUMN credits_used_earlier bigint NOT NULL DEFAULT 0 CHECK (credits_used_earlier >= 0),
  ADD COLUMN expires_at timestamptz,
  -- Each covers what is below it; none: any.
  ADD COLUMN domains text[] NOT NULL DEFAULT '{}',
  -- Requests a minute by endpoint, of all others under *.
  ADD COLUMN rate_limits jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(rate_limits) = 'object'),
  -- Lossy results are never below it.
  ADD COLUMN floor double precision CHECK (floor BETWEEN 50 AND 95),
  -- What may be made; null: anything.
  ADD COLUMN formats text[] CHECK (formats <> '{}' AND formats <@ ARRAY['jpeg', 'png', 'webp', 'avif', 'gif']),
  ADD COLUMN admin boolean NOT NULL DEFAULT false;

UPDATE keys SET plan = 'prepaid' WHERE credits IS NOT NULL;

ALTER TABLE keys
  -- The limits of that key hold, too. Never changes, so that there are no circles and a job's end finds the keys of its begin.
  ADD COLUMN parent_id uuid REFERENCES keys CHECK (parent_id <> id),
  ADD CONSTRAINT keys_metered_is_unlimited CHECK ((plan = 'metered') = (credits IS NULL));
CREATE INDEX keys_by_parent ON keys (parent_id) WHERE parent_id IS NOT NULL;

-- Whole months from one day to another. Counted from the first day, so that the 31st is the last day of short months only.
CREATE FUNCTION key_month(created_at timestamptz, at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN (
  SELECT months - CASE WHEN (first + months * interval '1 month')::date > today THEN 1 ELSE 0 END
  FROM (
    SELECT first, today, (12 * (extract(year FROM today) - extract(year FROM first))
      + extract(month FROM today) - extract(month FROM first))::integer AS months
    FROM (SELECT (created_at AT TIME ZONE 'UTC')::date AS first, (at AT TIME ZONE 'UTC')::date AS today) AS days
  ) AS counted
);

-- The day on which a month begins.
CREATE FUNCTION key_month_begins(created_at timestamptz, month integer) RETURNS date LANGUAGE sql IMMUTABLE
RETURN ((created_at AT TIME ZONE 'UTC')::date + month * interval '1 month')::date;

-- What was done for whom. Outlives the jobs.
CREATE TABLE usage (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  key_id uuid NOT NULL REFERENCES keys,
  dialect text,
  what text NOT NULL,
  job_id uuid NOT NULL,
  bytes_in bigint CHECK (bytes_in >= 0),
  bytes_out bigint CHECK (bytes_out >= 0),
  score double precision,
  outcome text NOT NULL CHECK (outcome IN ('done', 'declined', 'failed')),
  credits integer NOT NULL CHECK (credits >= 0)
);
CREATE INDEX usage_by_time ON usage (at, id);
CREATE INDEX usage_by_key ON usage (key_id, at, id);

-- Of the current window, by key and endpoint. Its columns are those that rate-limiter-flexible asks for.
CREATE TABLE request_counts (
  key text PRIMARY KEY,
  points integer NOT NULL,
  -- In milliseconds since 1970.
  expire bigint
);
