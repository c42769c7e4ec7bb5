-- Animations, drawings and documents are results too.
ALTER TABLE artifacts
  ADD COLUMN frames integer NOT NULL DEFAULT 1 CHECK (frames > 0),
  DROP CONSTRAINT artifacts_format_check,
  ADD CONSTRAINT artifacts_format_check CHECK (format IN ('jpeg', 'png', 'webp', 'avif', 'gif', 'svg', 'pdf'));
