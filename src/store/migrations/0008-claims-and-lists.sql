-- Fetches are claimed like runs, and lists for operators are read from indexes.

ALTER TABLE jobs
  DROP CONSTRAINT jobs_running_is_claimed,
  ADD CONSTRAINT jobs_claimed_is_in_hand CHECK (
    CASE status WHEN 'running' THEN claim IS NOT NULL WHEN 'fetching' THEN true ELSE claim IS NULL END
  );

CREATE INDEX jobs_by_age ON jobs (created_at, id);
CREATE INDEX jobs_by_key ON jobs (key_id, created_at, id);
CREATE INDEX jobs_unsuccessful ON jobs (status, created_at, id) WHERE status IN ('declined', 'failed');
CREATE INDEX callbacks_by_age ON callbacks (created_at, id);
