DROP FUNCTION resume_farm(uuid);
DROP FUNCTION pause_farm(uuid, timestamptz);
DROP FUNCTION paused_farms();
DROP FUNCTION own_farms();
DROP TRIGGER farms_announce ON farms;
CREATE TRIGGER farms_announce AFTER UPDATE OF is_active, deleted_at ON farms
    FOR EACH ROW WHEN ((OLD.is_active, OLD.deleted_at) IS DISTINCT FROM (NEW.is_active, NEW.deleted_at))
    EXECUTE FUNCTION announce_rights();
DROP TRIGGER farms_weigh_pauses ON farms;
DROP FUNCTION weigh_pauses();
-- the release before this one has no way to take a farm up again
UPDATE farms SET is_active = true, paused_at = NULL WHERE paused_at IS NOT NULL AND suspended_at IS NULL;
ALTER TABLE farms DROP CONSTRAINT farms_paused_check, DROP COLUMN paused_at, DROP COLUMN suspended_at;
COMMENT ON COLUMN farms.is_active IS 'False while the operator has suspended the farm.';
