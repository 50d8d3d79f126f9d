-- Who may touch which rows. The serving roles get what they need, column by column where a column is
-- a secret or a power; nobody but the owner may delete. Partitions carry no grants at all: rows are
-- reached through their parent, where the policies are.

-- Tables with a farm: the app sees the farms of its request, the worker all of them.
DO $$
DECLARE
    farm_table text;
BEGIN
    FOREACH farm_table IN ARRAY ARRAY['farm_users', 'nodes', 'houses', 'devices', 'device_configs',
        'series', 'schedules', 'schedule_executions', 'device_commands', 'alerts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', farm_table);
        EXECUTE format('CREATE POLICY worker ON %I TO tokkatot_worker USING (true)', farm_table);
        EXECUTE format('CREATE POLICY app ON %I TO tokkatot_app
            USING (farm_id = ANY ((SELECT current_farms())::uuid[]))', farm_table);
    END LOOP;
END
$$;

ALTER TABLE farms ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON farms TO tokkatot_worker USING (true);
CREATE POLICY app ON farms TO tokkatot_app USING (id = ANY ((SELECT current_farms())::uuid[]));

-- One's own account alone; others are seen through the view members.
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON users TO tokkatot_worker USING (true);
CREATE POLICY app ON users TO tokkatot_app USING (id = (SELECT current_account()));

ALTER TABLE user_sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY app ON user_sessions TO tokkatot_app USING (user_id = (SELECT current_account()));

ALTER TABLE alert_subscriptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON alert_subscriptions TO tokkatot_worker USING (true);
CREATE POLICY app ON alert_subscriptions TO tokkatot_app
    USING (user_id = (SELECT current_account()));

ALTER TABLE notification_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON notification_log TO tokkatot_worker USING (true);
CREATE POLICY app ON notification_log TO tokkatot_app
    USING (user_id = (SELECT current_account()) AND farm_id = ANY ((SELECT current_farms())::uuid[]));

CREATE FUNCTION is_platform_admin() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM users
        WHERE id = current_account() AND role = 'admin' AND is_active AND deleted_at IS NULL)
$$;
COMMENT ON FUNCTION is_platform_admin() IS 'Whether who is asking operates the installation.';
REVOKE EXECUTE ON FUNCTION is_platform_admin() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_platform_admin() TO tokkatot_app;

-- Events without a farm are read by whom they are about and by the operator. The app signs its
-- events with the name of who is asking, or with none.
ALTER TABLE event_logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker_read ON event_logs FOR SELECT TO tokkatot_worker USING (true);
CREATE POLICY worker_add ON event_logs FOR INSERT TO tokkatot_worker WITH CHECK (true);
CREATE POLICY app_read ON event_logs FOR SELECT TO tokkatot_app USING (
    farm_id = ANY ((SELECT current_farms())::uuid[])
    OR (farm_id IS NULL
        AND (user_id = (SELECT current_account()) OR (SELECT is_platform_admin()))));
CREATE POLICY app_add ON event_logs FOR INSERT TO tokkatot_app WITH CHECK (
    (farm_id IS NULL OR farm_id = ANY ((SELECT current_farms())::uuid[]))
    AND (user_id IS NULL OR user_id = (SELECT current_account())));

-- The app reads no password. It writes what its pages write today, column by column; the pages to come
-- bring the rights that they need.
GRANT SELECT (id, email, name, phone, language, timezone, role, avatar_url, is_active, email_verified,
        mfa_enabled, last_login, created_at, updated_at, deleted_at, username, digits, clock,
        text_size, theme),
    UPDATE (language, last_login) ON users TO tokkatot_app;
GRANT SELECT,
    INSERT (user_id, jwt_token_hash, ip_address, user_agent, last_activity, created_at, expires_at),
    UPDATE (last_activity, expires_at, last_farm_id, is_active, deleted_at)
    ON user_sessions TO tokkatot_app;
GRANT SELECT (id, farm_id, name, serial, firmware_version, is_online, online_changed_at, last_seen_at,
        heartbeat_interval_s, rssi_dbm, battery_pct, heap_free, uptime_s, revoked_at, claimed_at,
        created_at, updated_at, deleted_at) ON nodes TO tokkatot_app;
GRANT SELECT ON farms, farm_users, houses, devices, device_configs, series, schedules,
    schedule_executions, device_commands, alerts, alert_subscriptions, notification_log TO tokkatot_app;
GRANT SELECT, INSERT ON event_logs TO tokkatot_app;
GRANT USAGE ON SEQUENCE event_logs_id_seq TO tokkatot_app;

GRANT SELECT (id, email, name, phone, language, timezone, role, avatar_url, is_active, email_verified,
        mfa_enabled, last_login, created_at, updated_at, deleted_at, username, digits, clock,
        text_size, theme) ON users TO tokkatot_worker;
GRANT SELECT ON farms, farm_users, houses, device_configs, schedules, schedule_executions, device_commands,
    alerts, alert_subscriptions, notification_log TO tokkatot_worker;
GRANT SELECT, INSERT, UPDATE ON nodes, node_boots, devices, series, latest_readings, leases
    TO tokkatot_worker;
GRANT SELECT, INSERT ON readings, event_logs TO tokkatot_worker;
GRANT SELECT, INSERT, DELETE ON quarantine TO tokkatot_worker;
GRANT USAGE ON SEQUENCE event_logs_id_seq, readings_batch_id TO tokkatot_worker;
