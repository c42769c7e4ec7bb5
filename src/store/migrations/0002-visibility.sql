-- How visible an artifact's difference is to people; null for those that were made before it was measured.
ALTER TABLE artifacts ADD COLUMN visibility jsonb;
