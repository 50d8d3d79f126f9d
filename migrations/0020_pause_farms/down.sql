DROP FUNCTION resume_farm(uuid);
DROP FUNCTION pause_farm(uuid, timestamptz);
DROP FUNCTION paused_farms();
-- the release before this one has no way to take a farm up again
UPDATE farms SET is_active = true, paused_at = NULL WHERE paused_at IS NOT NULL;
ALTER TABLE farms DROP COLUMN paused_at;
COMMENT ON COLUMN farms.is_active IS 'False while the operator has suspended the farm.';
