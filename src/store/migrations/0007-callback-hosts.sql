-- Who receives a callback, port included: senders bound how much each is sent at once.
ALTER TABLE callbacks ADD COLUMN host text NOT NULL
  GENERATED ALWAYS AS (coalesce(lower(substring(url from '^[^:]+://(?:[^/?#]*@)?([^/?#]*)')), '')) STORED;
CREATE INDEX callbacks_in_hand ON callbacks (host) WHERE claim IS NOT NULL;
