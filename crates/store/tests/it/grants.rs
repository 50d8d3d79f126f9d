//! What the two serving roles may write, to the column. A new right is a line here: whoever adds it says
//! so twice.
use crate::{catalog_rules::holds_for_all, sql};
use testkit::DatabaseRole;

const APP: [&str; 32] = [
    "device_commands INSERT (command_params, command_type, created_at, device_id, expires_at, farm_id, id, requested_at, requested_by, source, status, stop_id, wish)",
    "device_commands UPDATE (completed_at, due_at, reason, status)",
    "device_configs INSERT (created_at, device_id, farm_id, is_calibrated, max_value, min_value, parameter_name, parameter_value, unit, updated_at)",
    "device_configs UPDATE (deleted_at)",
    "devices UPDATE (approved_at, desired_state, house_id, icon, is_active, kind, location, name, position, retired_at, type)",
    "emergency_stops INSERT (farm_id, house_id, id, includes_fans, pressed_at, pressed_by)",
    "emergency_stops UPDATE (released_at, released_by)",
    "event_logs INSERT",
    "event_logs_id_seq USAGE",
    "farm_users INSERT (created_at, farm_id, invited_by, role, user_id)",
    "farm_users UPDATE (deleted_at, role)",
    "farms INSERT (created_at, id, latitude, location, longitude, name, owner_id, timezone)",
    "farms UPDATE (deleted_at, latitude, location, longitude, name, timezone)",
    "houses INSERT (bird_count, bird_kind, created_at, farm_id, id, name, placed_on, position)",
    "houses UPDATE (bird_count, bird_kind, deleted_at, name, placed_on, position)",
    "interlocks INSERT (created_at, device_id, excludes_heat_and_cooling, exclusive_group, farm_id, max_on_s, max_starts_per_hour, min_off_s, min_on_s, on_link_loss)",
    "interlocks UPDATE (excludes_heat_and_cooling, exclusive_group, max_on_s, max_starts_per_hour, min_off_s, min_on_s, on_link_loss)",
    "invitations INSERT (code, created_at, created_by, expires_at, farm_id, id, role)",
    "invitations UPDATE (revoked_at)",
    "nodes UPDATE (password_hash)",
    "overrides INSERT (action, began_at, device_id, ended_at, farm_id, set_by, until_at, value)",
    "overrides UPDATE (action, began_at, ended_at, set_by, until_at, value)",
    "recovery_codes DELETE",
    "recovery_codes INSERT (code_hash, created_at, user_id)",
    "recovery_codes UPDATE (used_at)",
    "sign_in_steps DELETE",
    "sign_in_steps INSERT (created_at, expires_at, is_borrowed, password_digest, token_hash, user_id)",
    "sign_in_steps UPDATE (finished_at)",
    "user_sessions INSERT (created_at, expires_at, ip_address, is_borrowed, jwt_token_hash, last_activity, user_agent, user_id)",
    "user_sessions UPDATE (confirmed_at, deleted_at, device_name, expires_at, is_active, jwt_token_hash, last_activity, last_farm_id, must_rotate, previous_token_hash, rotated_at)",
    "users INSERT (created_at, email, id, language, name, password_hash, phone, timezone)",
    "users UPDATE (clock, deleted_at, digits, email, is_active, language, last_login, mfa_enabled, name, password_hash, phone, text_size, theme, timezone, totp_secret, totp_step)",
];

const WORKER: [&str; 25] = [
    "device_commands DELETE",
    "device_commands INSERT",
    "device_commands UPDATE",
    "devices INSERT",
    "devices UPDATE",
    "event_logs INSERT",
    "event_logs_id_seq USAGE",
    "latest_readings INSERT",
    "latest_readings UPDATE",
    "leases INSERT",
    "leases UPDATE",
    "node_boots INSERT",
    "node_boots UPDATE",
    "node_configs UPDATE (attempted_version, confirmed_version, heard_at, heard_version, raised_at, refusal, refused_at, refused_version, sent_at, sent_version, version)",
    "nodes INSERT",
    "nodes UPDATE",
    "overrides UPDATE (ended_at)",
    "quarantine DELETE",
    "quarantine INSERT",
    "readings INSERT",
    "readings_batch_id USAGE",
    "series INSERT",
    "series UPDATE",
    "switchings DELETE",
    "switchings INSERT",
];

/// All rights but reading, of a role that is connected; on columns where not on the whole table.
const WRITES: &str = "
    SELECT relname || ' ' || kind AS value
    FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) kind
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
        AND has_table_privilege(oid, kind)
    UNION ALL
    SELECT relname || ' ' || kind || ' (' || string_agg(attname, ', ' ORDER BY attname) || ')'
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped,
        unnest(ARRAY['INSERT', 'UPDATE', 'REFERENCES']) kind
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
        AND NOT has_table_privilege(c.oid, kind) AND has_column_privilege(c.oid, attnum, kind)
    GROUP BY relname, kind
    UNION ALL
    SELECT relname || ' ' || kind FROM pg_class, unnest(ARRAY['USAGE', 'UPDATE']) kind
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
        AND has_sequence_privilege(oid, kind)
    ORDER BY value";

#[tokio::test]
async fn each_role_writes_what_is_listed_and_no_more() {
    let database = testkit::database().await;
    for (role, pool, expected) in [
        (DatabaseRole::App, database.app(), APP.as_slice()),
        (DatabaseRole::Worker, database.worker(), WORKER.as_slice()),
    ] {
        let found = sql::texts(&mut pool.get().await.unwrap(), WRITES).await;
        assert_eq!(found, expected, "{role:?}");
    }
}

/// `StoreError` knows a statement that took too long by PostgreSQL's English.
#[tokio::test]
async fn every_role_is_spoken_to_in_english() {
    holds_for_all(
        "SELECT rolname::text AS value FROM pg_roles r
        WHERE rolname IN ('tokkatot_owner', 'tokkatot_app', 'tokkatot_worker') AND NOT EXISTS (
            SELECT FROM pg_db_role_setting s
            WHERE s.setrole = r.oid AND s.setdatabase = 0 AND 'lc_messages=C' = ANY (s.setconfig))",
    )
    .await;
}

#[tokio::test]
async fn the_worker_has_nothing_to_do_with_sessions() {
    let database = testkit::database().await;
    let pool = database.worker();
    let read = "SELECT FROM user_sessions";
    let refusal = sql::refusal(&mut pool.get().await.unwrap(), read).await;
    assert!(refusal.contains("permission denied"), "{refusal}");
}

/// Whatever the app may reach is walled: by policies of its own, or by a view that filters first.
#[tokio::test]
async fn everything_granted_to_the_app_has_a_wall() {
    holds_for_all(
        "SELECT c.relname::text AS value FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND c.relname <> '__diesel_schema_migrations'
            AND (has_any_column_privilege('tokkatot_app', c.oid, 'SELECT, INSERT, UPDATE')
                OR has_table_privilege('tokkatot_app', c.oid, 'DELETE, TRUNCATE'))
            AND NOT CASE c.relkind
                WHEN 'v' THEN 'security_barrier=true' = ANY (coalesce(c.reloptions, '{}'))
                ELSE c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p
                    WHERE p.polrelid = c.oid AND p.polroles = ARRAY['tokkatot_app'::regrole::oid])
            END",
    )
    .await;
}

#[tokio::test]
async fn nothing_is_granted_to_everybody() {
    holds_for_all(
        "SELECT c.relname::text AS value
        FROM pg_class c, aclexplode(c.relacl) AS granted
        WHERE c.relnamespace = 'public'::regnamespace AND granted.grantee = 0
        UNION ALL
        SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace,
            aclexplode(a.attacl) AS granted
        WHERE granted.grantee = 0",
    )
    .await;
}
