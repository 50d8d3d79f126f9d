-- Admins pause their farm and take it up again. The operator suspends it, paused or not, by suspended_at
-- alone: then no admin takes it up. Whether it is away follows from the two.
ALTER TABLE farms ADD COLUMN paused_at timestamptz, ADD COLUMN suspended_at timestamptz;
COMMENT ON COLUMN farms.is_active IS 'False while an admin has paused the farm or the operator has suspended it.';
COMMENT ON COLUMN farms.paused_at IS 'When an admin paused the farm; NULL while none has.';
COMMENT ON COLUMN farms.suspended_at IS 'When the operator suspended the farm; NULL while they have not.';

CREATE FUNCTION weigh_pauses() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NEW.is_active AND NOT OLD.is_active AND NEW.suspended_at IS NULL THEN
        -- who brings it back by is_active ends its pause
        NEW.paused_at = NULL;
    ELSIF (NEW.paused_at, NEW.suspended_at) IS DISTINCT FROM (OLD.paused_at, OLD.suspended_at)
        OR num_nonnulls(NEW.paused_at, NEW.suspended_at) > 0
    THEN
        NEW.is_active = num_nonnulls(NEW.paused_at, NEW.suspended_at) = 0;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION weigh_pauses() IS 'Trigger: a farm that is paused or suspended is away, and no other that was.';
REVOKE EXECUTE ON FUNCTION weigh_pauses() FROM PUBLIC;
CREATE TRIGGER farms_weigh_pauses BEFORE UPDATE OF is_active, paused_at, suspended_at ON farms
    FOR EACH ROW EXECUTE FUNCTION weigh_pauses();
ALTER TABLE farms ADD CONSTRAINT farms_paused_check
    CHECK (num_nonnulls(paused_at, suspended_at) = 0 OR NOT is_active);
-- "UPDATE OF" goes by what a statement names, not by what a trigger changes
DROP TRIGGER farms_announce ON farms;
CREATE TRIGGER farms_announce AFTER UPDATE OF is_active, suspended_at, deleted_at ON farms
    FOR EACH ROW WHEN ((OLD.is_active, OLD.deleted_at) IS DISTINCT FROM (NEW.is_active, NEW.deleted_at))
    EXECUTE FUNCTION announce_rights();

CREATE FUNCTION own_farms()
RETURNS TABLE (farm_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.id FROM farms f
    JOIN farm_users m ON m.farm_id = f.id AND m.user_id = current_account()
        AND m.is_active AND m.deleted_at IS NULL
    WHERE f.deleted_at IS NULL
    ORDER BY f.id
$$;
COMMENT ON FUNCTION own_farms() IS 'Farms that who is asking belongs to, those that are away too.';

CREATE FUNCTION paused_farms()
RETURNS TABLE (farm_id uuid, name text, paused_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.id, f.name, f.paused_at FROM farms f
    JOIN farm_users m ON m.farm_id = f.id AND m.user_id = current_account() AND m.role = 'admin'
        AND m.is_active AND m.deleted_at IS NULL
    WHERE f.paused_at IS NOT NULL AND f.suspended_at IS NULL AND f.deleted_at IS NULL
    ORDER BY f.paused_at DESC
$$;
COMMENT ON FUNCTION paused_farms() IS 'Farms that who is asking may take up again.';

CREATE FUNCTION pause_farm(farm uuid, at timestamptz)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH paused AS (
        UPDATE farms f SET is_active = false, paused_at = at
        WHERE f.id = farm AND f.is_active AND f.deleted_at IS NULL
            AND EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm AND m.user_id = current_account()
                AND m.role = 'admin' AND m.is_active AND m.deleted_at IS NULL)
        RETURNING 1)
    SELECT EXISTS (SELECT FROM paused)
$$;
COMMENT ON FUNCTION pause_farm(uuid, timestamptz) IS 'Pauses a farm; false if who is asking may not, or it is away already.';

CREATE FUNCTION resume_farm(farm uuid)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH resumed AS (
        UPDATE farms f SET is_active = true, paused_at = NULL
        WHERE f.id = farm AND f.id IN (SELECT p.farm_id FROM paused_farms() p)
            AND f.paused_at IS NOT NULL AND f.suspended_at IS NULL
        RETURNING 1)
    SELECT EXISTS (SELECT FROM resumed)
$$;
COMMENT ON FUNCTION resume_farm(uuid) IS 'Takes a paused farm up again; false if who is asking may not, or it is not paused, or the operator has suspended it.';

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['own_farms()', 'paused_farms()', 'pause_farm(uuid, timestamptz)', 'resume_farm(uuid)'] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tokkatot_app', signature);
    END LOOP;
END
$$;
