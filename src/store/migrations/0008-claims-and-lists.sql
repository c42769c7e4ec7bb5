-- Fetches are claimed like runs, and lists for operators are read from indexes.

ALTER TABLE jobs
  DROP CONSTRAINT jobs_running_is_claimed,
  ADD CONSTRAINT jobs_claimed_is_in_hand CHECK (
    CASE status WHEN 'running' THEN claim IS NOT NULL WHEN 'fetching' THEN true ELSE claim IS NULL END
  );
