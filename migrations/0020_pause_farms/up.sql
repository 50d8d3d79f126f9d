-- Admins pause their farm and take it up again. What the operator has suspended stays so: it has no
-- paused_at, and only the functions below touch is_active for the app.
ALTER TABLE farms ADD COLUMN paused_at timestamptz,
    ADD CONSTRAINT farms_paused_check CHECK (paused_at IS NULL OR NOT is_active);
COMMENT ON COLUMN farms.is_active IS 'False while an admin has paused the farm or the operator has suspended it.';
COMMENT ON COLUMN farms.paused_at IS 'When an admin paused the farm; NULL while it runs, and where the operator has suspended it.';

CREATE FUNCTION paused_farms()
RETURNS TABLE (farm_id uuid, name text, paused_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.id, f.name, f.paused_at FROM farms f
    JOIN farm_users m ON m.farm_id = f.id AND m.user_id = current_account() AND m.role = 'admin'
        AND m.is_active AND m.deleted_at IS NULL
    WHERE f.paused_at IS NOT NULL AND f.deleted_at IS NULL
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
        RETURNING 1)
    SELECT EXISTS (SELECT FROM resumed)
$$;
COMMENT ON FUNCTION resume_farm(uuid) IS 'Takes a paused farm up again; false if who is asking may not, or it is not paused.';

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['paused_farms()', 'pause_farm(uuid, timestamptz)', 'resume_farm(uuid)'] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tokkatot_app', signature);
    END LOOP;
END
$$;
