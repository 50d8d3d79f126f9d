-- The database asks for itself whose farm it is. Until now a request saw the farms that it named, and only
-- the server knew that those were the person's; now it sees those of them where the person is a member.
--
-- It is a view and no function because it is part of every statement: planned with it and kept with it,
-- where a function costs a tenth of a page.
CREATE VIEW my_farms WITH (security_barrier) AS
SELECT m.farm_id FROM farm_users m
WHERE m.user_id = current_account() AND m.is_active AND m.deleted_at IS NULL
    AND m.farm_id = ANY (current_farms());
COMMENT ON VIEW my_farms IS 'The farms that this request names, as far as who is asking belongs to them.';
COMMENT ON COLUMN my_farms.farm_id IS 'The farm.';
GRANT SELECT ON my_farms TO tokkatot_app;
COMMENT ON FUNCTION current_farms() IS
    'The farms this request names (setting tokkatot.farms); NULL, which matches nothing, if unset. Which of them it sees: my_farms.';

DO $$
DECLARE
    farm_table text;
BEGIN
    FOREACH farm_table IN ARRAY ARRAY['farm_users', 'nodes', 'houses', 'devices', 'device_configs',
        'series', 'schedules', 'schedule_executions', 'device_commands', 'alerts', 'invitations'] LOOP
        EXECUTE format('ALTER POLICY app ON %I
            USING (farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine)))', farm_table);
    END LOOP;
END
$$;
ALTER POLICY app ON farms USING (id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine)));
ALTER POLICY app ON notification_log
    USING (user_id = (SELECT current_account()) AND farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine)));
ALTER POLICY app_read ON event_logs USING (
    farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine))
    OR (farm_id IS NULL
        AND (user_id = (SELECT current_account()) OR (SELECT is_platform_admin()))));
ALTER POLICY app_add ON event_logs WITH CHECK (
    (farm_id IS NULL OR farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine)))
    AND (user_id IS NULL OR user_id = (SELECT current_account())));

-- Nobody belongs to a farm that is just being made: its owner comes first.
CREATE FUNCTION is_founder(farm uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM farms f
            WHERE f.id = farm AND f.owner_id = current_account() AND f.deleted_at IS NULL)
        AND NOT EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm)
$$;
COMMENT ON FUNCTION is_founder(uuid) IS 'Whether who is asking owns a farm that nobody has ever belonged to.';
REVOKE EXECUTE ON FUNCTION is_founder(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_founder(uuid) TO tokkatot_app;
CREATE POLICY app_found ON farms FOR INSERT TO tokkatot_app WITH CHECK (
    owner_id = (SELECT current_account()) AND id = ANY ((SELECT current_farms())::uuid[]));
CREATE POLICY app_found ON farm_users FOR INSERT TO tokkatot_app WITH CHECK (
    user_id = (SELECT current_account()) AND farm_id = ANY ((SELECT current_farms())::uuid[])
    AND is_founder(farm_id));

-- What the owner's views and functions filter by themselves.
CREATE OR REPLACE VIEW sensor_readings WITH (security_barrier) AS
SELECT r.ts AS time, s.farm_id, s.device_id, s.sensor AS sensor_type, s.unit, r.value, r.quality,
    n.name AS node, d.channel AS device, b.boot, r.seq, r.value_raw
FROM readings r
JOIN series s ON s.id = r.series_id
JOIN devices d ON d.id = s.device_id
LEFT JOIN nodes n ON n.id = d.node_id
LEFT JOIN node_boots b ON b.id = r.boot_id
WHERE s.farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine))
    OR (SELECT pg_has_role(current_user, 'tokkatot_worker', 'USAGE')
        OR pg_has_role(current_user, 'tokkatot_owner', 'USAGE'));

CREATE OR REPLACE VIEW latest_values WITH (security_barrier) AS
SELECT s.id AS series_id, s.farm_id, s.device_id, s.sensor, s.unit, s.interval_s, l.ts, l.value,
    l.quality, l.received_at
FROM series s
JOIN latest_readings l ON l.series_id = s.id
WHERE s.farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine))
    OR (SELECT pg_has_role(current_user, 'tokkatot_worker', 'USAGE')
        OR pg_has_role(current_user, 'tokkatot_owner', 'USAGE'));

CREATE OR REPLACE VIEW members WITH (security_barrier) AS
SELECT m.farm_id, u.id AS user_id, u.name, u.avatar_url
FROM farm_users m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
WHERE m.deleted_at IS NULL AND m.farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine));

CREATE OR REPLACE FUNCTION people_of(farm uuid)
RETURNS TABLE (user_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.name FROM users u
    WHERE farm = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine))
        AND EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm AND m.user_id = u.id)
$$;

CREATE OR REPLACE FUNCTION rotate_sessions_of(farm uuid, member uuid)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE user_sessions s SET must_rotate = true
    WHERE s.user_id = member AND s.is_active
        AND farm = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine))
        AND EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm AND m.user_id = member)
$$;

-- Every request begins here. PostgreSQL plans a function of plain SQL anew at each call, which took three
-- times as long as all that Home asks; a plan of PL/pgSQL's is kept with the connection.
CREATE OR REPLACE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, is_borrowed boolean, must_rotate boolean, user_id uuid, name text,
    platform_role text, language text, timezone text, digits text, clock text, text_size text,
    theme text, farm_ids uuid[], roles text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, s.is_borrowed,
        s.must_rotate, u.id, u.name, u.role::text, u.language::text, u.timezone::text, u.digits,
        u.clock, u.text_size, u.theme,
        coalesce(member.farm_ids, '{}'), coalesce(member.roles, '{}')
    FROM user_sessions s
    JOIN users u ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL
    CROSS JOIN LATERAL (
        SELECT array_agg(f.id ORDER BY f.created_at, f.id) AS farm_ids,
            array_agg(m.role::text ORDER BY f.created_at, f.id) AS roles
        FROM farm_users m
        JOIN farms f ON f.id = m.farm_id AND f.is_active AND f.deleted_at IS NULL
        WHERE m.user_id = u.id AND m.is_active AND m.deleted_at IS NULL
    ) member
    WHERE s.jwt_token_hash = session_account.token_hash AND s.is_active AND s.deleted_at IS NULL
        AND s.expires_at > session_account.now;
END
$$;
