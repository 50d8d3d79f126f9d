-- What the web reads without a grant on the rows beneath: readings and people of its farms, and the two
-- look-ups that come before anyone knows who is asking.
--
-- Row-level security does not reach through a view of the owner, so the views filter by themselves.
-- security_barrier keeps that filter first. Only who may use the worker's or the owner's rights sees all:
-- whoever else is granted a view, be it by being a member of the app's role, sees the request's farms.
CREATE VIEW sensor_readings WITH (security_barrier) AS
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
COMMENT ON VIEW sensor_readings IS 'Raw readings under the specification''s names.';
COMMENT ON COLUMN sensor_readings.time IS 'When it was measured.';
COMMENT ON COLUMN sensor_readings.farm_id IS 'The farm.';
COMMENT ON COLUMN sensor_readings.device_id IS 'The device (devices.id).';
COMMENT ON COLUMN sensor_readings.sensor_type IS 'The quantity, such as temperature.';
COMMENT ON COLUMN sensor_readings.unit IS 'Unit of value, such as °C.';
COMMENT ON COLUMN sensor_readings.value IS 'The value, calibrated.';
COMMENT ON COLUMN sensor_readings.quality IS '0 good, 1 estimated, 2 interpolated, 3 suspect.';
COMMENT ON COLUMN sensor_readings.node IS 'The node''s name, as in topics.';
COMMENT ON COLUMN sensor_readings.device IS 'The device''s name on its node, as in messages.';
COMMENT ON COLUMN sensor_readings.boot IS 'The node''s run it came from; NULL if it named none.';
COMMENT ON COLUMN sensor_readings.seq IS 'The message''s number within its boot; NULL if it had none.';
COMMENT ON COLUMN sensor_readings.value_raw IS 'What the sensor said; NULL where calibration changed nothing.';
GRANT SELECT ON sensor_readings TO tokkatot_app, tokkatot_worker;

CREATE VIEW latest_values WITH (security_barrier) AS
SELECT s.id AS series_id, s.farm_id, s.device_id, s.sensor, s.unit, s.interval_s, l.ts, l.value,
    l.quality, l.received_at
FROM series s
JOIN latest_readings l ON l.series_id = s.id
WHERE s.farm_id = ANY ((SELECT current_farms())::uuid[])
    OR (SELECT pg_has_role(current_user, 'tokkatot_worker', 'USAGE')
        OR pg_has_role(current_user, 'tokkatot_owner', 'USAGE'));
COMMENT ON VIEW latest_values IS 'The newest value of each series.';
COMMENT ON COLUMN latest_values.series_id IS 'The series (series.id).';
COMMENT ON COLUMN latest_values.farm_id IS 'The farm.';
COMMENT ON COLUMN latest_values.device_id IS 'The device (devices.id).';
COMMENT ON COLUMN latest_values.sensor IS 'The quantity, such as temperature.';
COMMENT ON COLUMN latest_values.unit IS 'Unit of value, such as °C.';
COMMENT ON COLUMN latest_values.interval_s IS 'Expected seconds between readings; NULL until it is known.';
COMMENT ON COLUMN latest_values.ts IS 'When it was measured.';
COMMENT ON COLUMN latest_values.value IS 'The value, calibrated.';
COMMENT ON COLUMN latest_values.quality IS '0 good, 1 estimated, 2 interpolated, 3 suspect.';
COMMENT ON COLUMN latest_values.received_at IS 'When we received it.';
GRANT SELECT ON latest_values TO tokkatot_app, tokkatot_worker;

-- E-mail, phone, platform role and last sign-in of other people are nobody's business, and those who
-- left are not shown at all.
CREATE VIEW members WITH (security_barrier) AS
SELECT m.farm_id, u.id AS user_id, u.name, u.avatar_url
FROM farm_users m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
WHERE m.deleted_at IS NULL AND m.farm_id = ANY ((SELECT current_farms())::uuid[]);
COMMENT ON VIEW members IS 'The names of those who belong to the request''s farms now.';
COMMENT ON COLUMN members.farm_id IS 'The farm.';
COMMENT ON COLUMN members.user_id IS 'The member (users.id).';
COMMENT ON COLUMN members.name IS 'What the person is called, in any script.';
COMMENT ON COLUMN members.avatar_url IS 'Kept from the specification; nothing uses it yet.';
GRANT SELECT ON members TO tokkatot_app;

CREATE FUNCTION sign_in_account(login text)
RETURNS TABLE (user_id uuid, password_hash text, is_active boolean, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.password_hash, u.is_active, u.language::text FROM users u
    WHERE u.deleted_at IS NULL AND (
        lower(u.email) = lower(btrim(login))
        OR lower(u.username) = lower(btrim(login))
        OR u.phone = btrim(login))
$$;
COMMENT ON FUNCTION sign_in_account(text) IS
    'The account of an e-mail address, user name or phone number in its one form, with the hash to check the password by. No row if there is none.';
REVOKE EXECUTE ON FUNCTION sign_in_account(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_account(text) TO tokkatot_app;

CREATE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, user_id uuid, name text, platform_role text, language text, timezone text,
    digits text, clock text, text_size text, theme text, farm_ids uuid[], roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, u.id, u.name, u.role::text,
        u.language::text, u.timezone::text, u.digits, u.clock, u.text_size, u.theme,
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
COMMENT ON FUNCTION session_account(text, timestamptz) IS
    'Who a session belongs to, with settings and, oldest farm first, memberships: farm_ids and roles go together. No row if the session or the account has ended.';
REVOKE EXECUTE ON FUNCTION session_account(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_account(text, timestamptz) TO tokkatot_app;
