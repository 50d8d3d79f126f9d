//! Two farms, `a` and `b`, with at least one row in every table. The id of a row is
//! `md5('TABLE FARM')::uuid`, so that tests can name it.
use crate::sql;
use diesel_async::AsyncPgConnection;

/// Fills both farms; the connection is the owner's.
pub async fn fill(connection: &mut AsyncPgConnection) {
    for farm in ["a", "b"] {
        sql::execute(connection, &FARM.replace("$FARM", farm)).await;
    }
}

/// The id of a farm's row in a table that has one.
pub fn id(table: &str, farm: &str) -> String {
    format!("md5('{table} {farm}')::uuid")
}

/// Person b becomes an admin of farm a as well, so that person a may go.
pub async fn second_admin(connection: &mut AsyncPgConnection) {
    let join = "INSERT INTO farm_users (farm_id, user_id, role, invited_by)
        VALUES (md5('farms a')::uuid, md5('users b')::uuid, 'admin', md5('users a')::uuid)";
    sql::execute(connection, join).await;
}

const FARM: &str = "
INSERT INTO users (id, email, password_hash, name)
    VALUES (md5('users $FARM')::uuid, 'taken-$FARM@$FARM.example', repeat('x', 60), 'Person $FARM');
INSERT INTO farms (id, owner_id, name)
    VALUES (md5('farms $FARM')::uuid, md5('users $FARM')::uuid, 'Farm $FARM');
INSERT INTO farm_users (id, farm_id, user_id, role, invited_by)
    VALUES (md5('farm_users $FARM')::uuid, md5('farms $FARM')::uuid, md5('users $FARM')::uuid, 'admin',
        md5('users $FARM')::uuid);
INSERT INTO user_sessions (id, user_id, jwt_token_hash, ip_address, user_agent, expires_at)
    VALUES (md5('user_sessions $FARM')::uuid, md5('users $FARM')::uuid,
        encode(sha256('session $FARM'), 'hex'), '192.0.2.1', 'Browser', now() + interval '90 days');
INSERT INTO invitations (id, farm_id, code, role, created_by, expires_at)
    VALUES (md5('invitations $FARM')::uuid, md5('farms $FARM')::uuid, upper('K7RM4PX$FARM'), 'keeper',
        md5('users $FARM')::uuid, now() + interval '7 days');
INSERT INTO reset_codes (user_id, code_hash, expires_at)
    VALUES (md5('users $FARM')::uuid, encode(sha256('reset $FARM'), 'hex'), now() + interval '1 day');
INSERT INTO recovery_codes (user_id, code_hash)
    VALUES (md5('users $FARM')::uuid, encode(sha256('recovery $FARM'), 'hex'));
INSERT INTO sign_in_steps (user_id, token_hash, password_digest, is_borrowed, expires_at)
    VALUES (md5('users $FARM')::uuid, encode(sha256('step $FARM'), 'hex'), repeat('0', 64), false,
        now() + interval '5 minutes');
INSERT INTO nodes (id, farm_id, name, password_hash)
    VALUES (md5('nodes $FARM')::uuid, md5('farms $FARM')::uuid, 'taken-$FARM', '$7$101$c2FsdA==$aGFzaA==');
INSERT INTO node_boots (node_id, boot) VALUES (md5('nodes $FARM')::uuid, 'k3f9');
INSERT INTO houses (id, farm_id, name)
    VALUES (md5('houses $FARM')::uuid, md5('farms $FARM')::uuid, 'House $FARM');
INSERT INTO devices (id, farm_id, node_id, house_id, channel, device_id, hardware_id, name, type,
        firmware_version)
    VALUES (md5('devices $FARM')::uuid, md5('farms $FARM')::uuid, md5('nodes $FARM')::uuid,
        md5('houses $FARM')::uuid, 'air', 'taken-$FARM:air', 'serial-$FARM:air', 'Air $FARM', 'sensor',
        '2.1.0');
INSERT INTO device_configs (id, farm_id, device_id, parameter_name, parameter_value)
    VALUES (md5('device_configs $FARM')::uuid, md5('farms $FARM')::uuid, md5('devices $FARM')::uuid,
        'temp_threshold_high', '35');
INSERT INTO series (farm_id, device_id, sensor, unit)
    VALUES (md5('farms $FARM')::uuid, md5('devices $FARM')::uuid, 'temperature', '°C');
INSERT INTO readings (ts, value, batch_id, series_id)
    SELECT now(), 28.5, nextval('readings_batch_id'), id FROM series
    WHERE farm_id = md5('farms $FARM')::uuid;
INSERT INTO latest_readings (ts, value, received_at, series_id)
    SELECT now(), 28.5, now(), id FROM series WHERE farm_id = md5('farms $FARM')::uuid;
INSERT INTO quarantine (received_at, topic, reason, payload, size, sha256)
    VALUES (now(), 'tokkatot/taken-$FARM/up/readings', 'bad-json', '{', 1, sha256('{'));
INSERT INTO leases (name, holder, epoch, expires_at) VALUES ('duty $FARM', 'server', 1, now());
INSERT INTO schedules (id, farm_id, device_id, name, schedule_type, on_duration, action, created_by)
    VALUES (md5('schedules $FARM')::uuid, md5('farms $FARM')::uuid, md5('devices $FARM')::uuid,
        'Cycle $FARM', 'duration_based', 60, 'on', md5('users $FARM')::uuid);
INSERT INTO schedules (farm_id, device_id, name, schedule_type, cron_expression, action, created_by)
    VALUES (md5('farms $FARM')::uuid, md5('devices $FARM')::uuid, 'Clock $FARM', 'time_based',
        '0 6 * * 1-5', 'on', md5('users $FARM')::uuid);
INSERT INTO schedule_executions (id, farm_id, schedule_id, device_id, scheduled_time, status, command_sent)
    VALUES (md5('schedule_executions $FARM')::uuid, md5('farms $FARM')::uuid,
        md5('schedules $FARM')::uuid, md5('devices $FARM')::uuid, now(), 'executed', '{}');
INSERT INTO device_commands (id, farm_id, device_id, command_type, requested_by, status, expires_at)
    VALUES (md5('device_commands $FARM')::uuid, md5('farms $FARM')::uuid, md5('devices $FARM')::uuid,
        'on', md5('users $FARM')::uuid, 'completed', now() + interval '1 minute');
INSERT INTO emergency_stops (id, farm_id, house_id, includes_fans, pressed_by)
    VALUES (md5('emergency_stops $FARM')::uuid, md5('farms $FARM')::uuid, md5('houses $FARM')::uuid, false,
        md5('users $FARM')::uuid);
INSERT INTO node_configs (node_id, farm_id)
    VALUES (md5('nodes $FARM')::uuid, md5('farms $FARM')::uuid);
INSERT INTO interlocks (device_id, farm_id, on_link_loss)
    VALUES (md5('devices $FARM')::uuid, md5('farms $FARM')::uuid, 'hold');
INSERT INTO overrides (device_id, farm_id, action, set_by, until_at)
    VALUES (md5('devices $FARM')::uuid, md5('farms $FARM')::uuid, 'on', md5('users $FARM')::uuid,
        now() + interval '30 minutes');
INSERT INTO switchings (device_id, farm_id, at, is_on)
    VALUES (md5('devices $FARM')::uuid, md5('farms $FARM')::uuid, now(), true);
INSERT INTO event_logs (farm_id, device_id, user_id, event_type, event_category, severity, message)
    VALUES (md5('farms $FARM')::uuid, md5('devices $FARM')::uuid, md5('users $FARM')::uuid,
        'device_online', 'device', 'info', 'A device came online');
INSERT INTO alerts (id, farm_id, device_id, alert_type, severity, message)
    VALUES (md5('alerts $FARM')::uuid, md5('farms $FARM')::uuid, md5('devices $FARM')::uuid, 'temp_high',
        'critical', 'Too hot');
INSERT INTO alert_subscriptions (id, user_id, alert_type)
    VALUES (md5('alert_subscriptions $FARM')::uuid, md5('users $FARM')::uuid, 'temp_high');
INSERT INTO notification_log (id, user_id, farm_id, alert_id, notification_type, severity, title, message)
    VALUES (md5('notification_log $FARM')::uuid, md5('users $FARM')::uuid, md5('farms $FARM')::uuid,
        md5('alerts $FARM')::uuid, 'temperature_alert', 'urgent', 'Too hot', 'Too hot');
";
