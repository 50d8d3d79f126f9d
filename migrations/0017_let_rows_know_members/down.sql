CREATE OR REPLACE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, is_borrowed boolean, must_rotate boolean, user_id uuid, name text,
    platform_role text, language text, timezone text, digits text, clock text, text_size text,
    theme text, farm_ids uuid[], roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, s.is_borrowed,
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
        AND s.expires_at > session_account.now
$$;

CREATE OR REPLACE VIEW sensor_readings WITH (security_barrier) AS
SELECT r.ts AS time, s.farm_id, s.device_id, s.sensor AS sensor_type, s.unit, r.value, r.quality,
    n.name AS node, d.channel AS device, b.boot, r.seq, r.value_raw
FROM readings r
JOIN series s ON s.id = r.series_id
JOIN devices d ON d.id = s.device_id
LEFT JOIN nodes n ON n.id = d.node_id
LEFT JOIN node_boots b ON b.id = r.boot_id
WHERE s.farm_id = ANY ((SELECT current_farms())::uuid[])
    OR (SELECT pg_has_role(current_user, 'tokkatot_worker', 'USAGE')
        OR pg_has_role(current_user, 'tokkatot_owner', 'USAGE'));

CREATE OR REPLACE VIEW latest_values WITH (security_barrier) AS
SELECT s.id AS series_id, s.farm_id, s.device_id, s.sensor, s.unit, s.interval_s, l.ts, l.value,
    l.quality, l.received_at
FROM series s
JOIN latest_readings l ON l.series_id = s.id
WHERE s.farm_id = ANY ((SELECT current_farms())::uuid[])
    OR (SELECT pg_has_role(current_user, 'tokkatot_worker', 'USAGE')
        OR pg_has_role(current_user, 'tokkatot_owner', 'USAGE'));

CREATE OR REPLACE VIEW members WITH (security_barrier) AS
SELECT m.farm_id, u.id AS user_id, u.name, u.avatar_url
FROM farm_users m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
WHERE m.deleted_at IS NULL AND m.farm_id = ANY ((SELECT current_farms())::uuid[]);

CREATE OR REPLACE FUNCTION people_of(farm uuid)
RETURNS TABLE (user_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.name FROM users u
    WHERE farm = ANY (current_farms())
        AND EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm AND m.user_id = u.id)
$$;

CREATE OR REPLACE FUNCTION rotate_sessions_of(farm uuid, member uuid)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE user_sessions s SET must_rotate = true
    WHERE s.user_id = member AND s.is_active
        AND farm = ANY (current_farms()::uuid[])
        AND EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm AND m.user_id = member)
$$;

DROP POLICY app_found ON farm_users;
DROP POLICY app_found ON farms;
DROP FUNCTION is_founder(uuid);
DO $$
DECLARE
    farm_table text;
BEGIN
    FOREACH farm_table IN ARRAY ARRAY['farm_users', 'nodes', 'houses', 'devices', 'device_configs',
        'series', 'schedules', 'schedule_executions', 'device_commands', 'alerts', 'invitations'] LOOP
        EXECUTE format('ALTER POLICY app ON %I
            USING (farm_id = ANY ((SELECT current_farms())::uuid[]))', farm_table);
    END LOOP;
END
$$;
ALTER POLICY app ON farms USING (id = ANY ((SELECT current_farms())::uuid[]));
ALTER POLICY app ON notification_log
    USING (user_id = (SELECT current_account()) AND farm_id = ANY ((SELECT current_farms())::uuid[]));
ALTER POLICY app_read ON event_logs USING (
    farm_id = ANY ((SELECT current_farms())::uuid[])
    OR (farm_id IS NULL
        AND (user_id = (SELECT current_account()) OR (SELECT is_platform_admin()))));
ALTER POLICY app_add ON event_logs WITH CHECK (
    (farm_id IS NULL OR farm_id = ANY ((SELECT current_farms())::uuid[]))
    AND (user_id IS NULL OR user_id = (SELECT current_account())));

COMMENT ON FUNCTION current_farms() IS
    'The farms this request may see (setting tokkatot.farms); NULL, which matches nothing, if unset.';
DROP VIEW my_farms;
