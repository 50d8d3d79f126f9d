//! The specification's query patterns and indexes, against 100,000 rows: none reads a big table from
//! end to end, under the role that asks it.
use crate::{
    plan::{assert_uses_index, explain, statements_of},
    scopes::scope_of,
    sql,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{DeviceId, FarmId, Timestamp, UserId, poultry::Side, readings::SensorKind};
use store::{
    StoreError, commands,
    devices::{self, DeviceFilter},
    events, farms, history, home,
    lease::Lease,
    schedules, switchings,
};
use testkit::TestDatabase;

/// A farm, one of its devices and its owner among the 100,000 rows.
const FARM: &str = "md5('farm 7')::uuid";
const DEVICE: &str = "md5('device 7')::uuid";
const USER: &str = "md5('user 7')::uuid";

const FARMS: &str = "
INSERT INTO users (id, username, password_hash, name)
    SELECT md5('user ' || n)::uuid, 'user' || n, repeat('x', 60), 'Person' FROM generate_series(1, 1000) n;
INSERT INTO farms (id, owner_id, name)
    SELECT md5('farm ' || n)::uuid, md5('user ' || n)::uuid, 'Farm ' || n FROM generate_series(1, 1000) n;
";
const DEVICES: &str = "
INSERT INTO devices (id, farm_id, device_id, hardware_id, name, type, firmware_version)
    SELECT md5('device ' || n)::uuid, md5('farm ' || (1 + n % 1000))::uuid, 'device' || n, 'serial' || n,
        'Device', 'relay', '1' FROM generate_series(1, $COUNT) n;
UPDATE devices SET farm_id = md5('farm 7')::uuid WHERE id = md5('device 7')::uuid;
";

#[tokio::test]
async fn a_farms_devices() {
    let database = filled(&[FARMS, &DEVICES.replace("$COUNT", "100000")], "devices").await;
    let farm = FarmId(uuid(&database, FARM).await);
    let list = async |app: &mut AsyncPgConnection| {
        devices::list(app, farm, &DeviceFilter::default()).await
    };
    let found = check(&database, list).await;
    assert_eq!(found.len(), 101);
}

#[tokio::test]
async fn a_persons_farms() {
    let members = "INSERT INTO farm_users (farm_id, user_id, role, invited_by)
        SELECT md5('farm ' || f)::uuid, md5('user ' || (1 + (f + u) % 1000))::uuid, 'keeper',
            md5('user ' || f)::uuid
        FROM generate_series(1, 1000) f, generate_series(1, 100) u;";
    let database = filled(&[FARMS, members], "farm_users, farms").await;
    let user = UserId(uuid(&database, USER).await);
    let of_user = async |app: &mut AsyncPgConnection| farms::of_user(app, user).await;
    let all = format!("string_agg(farm_id::text, ',') FROM farm_users WHERE user_id = {USER}");
    let found = check_in(&database, &all, of_user).await;
    assert_eq!(found.len(), 100);
}

#[tokio::test]
async fn a_devices_last_day() {
    let readings = "INSERT INTO series (farm_id, device_id, sensor, unit)
            SELECT farm_id, id, 'temperature', '°C' FROM devices;
        INSERT INTO readings (ts, value, batch_id, series_id)
            SELECT now() - n * interval '1 second', 28.5, 1, s.id
            FROM series s, generate_series(1, 1000) n;";
    let database =
        filled(&[FARMS, &DEVICES.replace("$COUNT", "100"), readings], "readings, series").await;
    let device = DeviceId(uuid(&database, DEVICE).await);
    let now = now(&database).await;
    let last_day =
        async |app: &mut AsyncPgConnection| history::of_device_24h(app, device, now).await;
    let found = check(&database, last_day).await;
    assert_eq!(found.len(), 1000);
    assert!(found.is_sorted_by_key(|reading| reading.at));
}

#[tokio::test]
async fn a_devices_schedules() {
    let many = "INSERT INTO schedules (farm_id, device_id, name, schedule_type, cron_expression, action,
            created_by)
        SELECT d.farm_id, d.id, 'Lamp', 'time_based', (n % 60) || ' 6 * * *', 'on', md5('user 1')::uuid
        FROM devices d, generate_series(1, 100) n;";
    let database = filled(&[FARMS, &DEVICES.replace("$COUNT", "1000"), many], "schedules").await;
    let device = DeviceId(uuid(&database, DEVICE).await);
    let upcoming = async |app: &mut AsyncPgConnection| schedules::upcoming(app, device).await;
    let found = check(&database, upcoming).await;
    assert_eq!(found.len(), 100);
    assert!(found.is_sorted_by_key(|schedule| schedule.cron_expression.clone()));
}

#[tokio::test]
async fn a_persons_events_of_the_month_and_a_farms_latest() {
    let many = "INSERT INTO event_logs (farm_id, user_id, event_type, event_category, severity, message)
        SELECT md5('farm ' || (1 + n % 1000))::uuid, md5('user ' || (1 + n % 1000))::uuid, 'signed_in',
            'user', 'info', '' FROM generate_series(1, 100000) n;";
    let database = filled(&[FARMS, many], "event_logs").await;
    let (user, farm) = (uuid(&database, USER).await, uuid(&database, FARM).await);
    let now = now(&database).await;
    let by_user = async |app: &mut AsyncPgConnection| {
        events::by_user_this_month(app, UserId(user), now, 1000).await
    };
    assert_eq!(check(&database, by_user).await.len(), 100);
    let of_farm = async |app: &mut AsyncPgConnection| {
        events::of_farm_since(app, FarmId(farm), Timestamp::from_micros(0), 50).await
    };
    assert_eq!(check(&database, of_farm).await.len(), 50);
}

#[tokio::test]
async fn a_farms_home() {
    let all = "INSERT INTO nodes (id, farm_id, name, password_hash)
            SELECT md5('node ' || n)::uuid, md5('farm ' || n)::uuid, 'node' || n, '$7$' FROM generate_series(1, 1000) n;
        UPDATE devices d SET node_id = n.id, channel = d.device_id FROM nodes n WHERE n.farm_id = d.farm_id;
        INSERT INTO series (farm_id, device_id, sensor, unit)
            SELECT farm_id, id, 'temperature', '°C' FROM devices;
        INSERT INTO latest_readings (series_id, ts, value, received_at) SELECT id, now(), 28.5, now() FROM series;
        INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value)
            SELECT farm_id, id, 'temp_threshold_high', '35' FROM devices;
        INSERT INTO readings (ts, value, batch_id, series_id)
            SELECT now() - n * interval '1 minute', CASE WHEN n < 10 THEN 36 ELSE 28.5 END, 1, s.id
            FROM series s, generate_series(0, 999) n WHERE s.id % 500 = 0 OR s.device_id = md5('device 7')::uuid;";
    let database = filled(
        &[FARMS, &DEVICES.replace("$COUNT", "100000"), all],
        "devices, nodes, series, latest_readings, device_configs, readings",
    )
    .await;
    let scope = scope_of(FarmId(uuid(&database, FARM).await), UserId(uuid(&database, USER).await));
    let load = async |app: &mut AsyncPgConnection| home::load(app, &scope).await;
    let farm = check(&database, load).await.unwrap();
    assert_eq!(farm.devices.len(), 101);
    let series = farm.devices.iter().filter_map(|device| device.series.first());
    assert_eq!(series.filter(|series| series.latest.is_some_and(|l| l.value == 28.5)).count(), 101);
    assert!(farm.devices.iter().all(|device| device.limits.temperature.high == Some(35.0)));
    assert!(farm.devices.iter().all(|device| device.place.is_some()));

    let now = now(&database).await;
    let since = async |app: &mut AsyncPgConnection| {
        let device = DeviceId(uuid(&database, DEVICE).await);
        let past = (Side::High, 35.0);
        home::past_limit_since(app, device, SensorKind::Temperature, past, now).await
    };
    let since = check(&database, since).await.unwrap();
    let minutes = now.since(since).as_secs() / 60;
    assert_eq!(minutes, 9);
}

/// The outbox is asked every second, among 100,000 commands that have ended.
#[tokio::test]
async fn a_devices_commands_and_what_is_due() {
    let many = "
        INSERT INTO nodes (id, farm_id, name, password_hash)
            SELECT md5('node ' || n)::uuid, md5('farm ' || n)::uuid, 'node' || n, '$7$'
            FROM generate_series(1, 1000) n;
        UPDATE devices d SET node_id = n.id, channel = d.device_id, approved_at = now(), is_online = true
            FROM nodes n WHERE n.farm_id = d.farm_id;
        INSERT INTO device_commands (farm_id, device_id, command_type, source, status, requested_at,
            attempted_at, completed_at, expires_at)
        SELECT d.farm_id, d.id, 'on', 'safety', 'completed', now() - n * interval '1 hour',
            now() - n * interval '1 hour', now() - n * interval '1 hour',
            now() + interval '1 minute' - n * interval '1 hour'
        FROM devices d, generate_series(0, 9) n;
        -- a sample that happens to meet nothing that is open
        ANALYZE device_commands;
        ALTER TABLE device_commands SET (autovacuum_enabled = false);
        INSERT INTO device_commands (farm_id, device_id, command_type, source, status, expires_at)
        SELECT d.farm_id, d.id, 'off', 'safety', 'queued', now() + interval '10 minutes'
        FROM devices d WHERE d.device_id LIKE '%777';
        INSERT INTO switchings (device_id, farm_id, at, is_on)
        SELECT d.id, d.farm_id, now() - n * interval '1 hour', n % 2 = 0
        FROM devices d, generate_series(0, 9) n;
        INSERT INTO leases (name, holder, epoch, expires_at) VALUES ('ingest', 'one', 2, now());";
    let tables = "switchings, devices, nodes";
    let database = filled(&[FARMS, &DEVICES.replace("$COUNT", "10000"), many], tables).await;
    let device = DeviceId(uuid(&database, DEVICE).await);
    let history =
        async |app: &mut AsyncPgConnection| commands::history(app, device, i64::MAX, 20).await;
    assert_eq!(check(&database, history).await.len(), 10);
    let newest = async |app: &mut AsyncPgConnection| commands::newest(app, &[device]).await;
    assert_eq!(check(&database, newest).await.len(), 1);
    let now = now(&database).await;
    let today = async |app: &mut AsyncPgConnection| switchings::today(app, device, now).await;
    check(&database, today).await;

    let settings = store::DatabaseSettings::new(database.url(testkit::DatabaseRole::Worker), 1);
    let mut worker = store::connect(&settings).await.unwrap();
    let (owner, lease) = (database.owner(), Lease { name: "ingest", epoch: 2 });
    let mut owner = owner.get().await.unwrap();
    let (asked, _) = statements_of(&mut worker, async |worker| {
        commands::attempt(worker, lease, 50, now).await.unwrap().unwrap();
        commands::sweep(worker, lease, true, now).await.unwrap().unwrap();
        commands::requeue(worker, lease, commands::Lost::Link, now).await.unwrap().unwrap();
        commands::count_in_flight(worker).await.unwrap();
    })
    .await;
    // those that write many rows at once go by their keys; PREPARE does not know their types
    let is_look_up = |sql: &String| sql.contains("device_commands") && !sql.contains("unnest");
    let asked: Vec<String> = asked.into_iter().filter(is_look_up).collect();
    // the look for what waits, the sweep's, what may be lost and what is on its way
    assert_eq!(asked.len(), 8, "{asked:#?}");
    let mut plans = String::new();
    for statement in &asked {
        plans.push_str(&explain(&mut worker, statement).await);
        plans.push('\n');
    }
    assert_uses_index(&mut owner, &plans).await;
}

/// The indexes of "Indexing Strategy" that no store function of today asks for.
#[tokio::test]
async fn what_later_pages_and_jobs_will_ask() {
    let many = "
        INSERT INTO device_commands (farm_id, device_id, command_type, requested_by, status, completed_at,
            expires_at)
        SELECT d.farm_id, d.id, 'on', md5('user 1')::uuid,
            CASE WHEN n = 1 THEN 'queued' ELSE 'completed' END::command_status,
            now() - n * interval '1 hour', now() + interval '1 minute'
        FROM devices d, generate_series(1, 20) n;
        INSERT INTO alerts (farm_id, device_id, alert_type, severity, message, is_active)
        SELECT d.farm_id, d.id, 'temp_high', 'warning', '', n = 1 FROM devices d, generate_series(1, 20) n;
        INSERT INTO notification_log (user_id, farm_id, notification_type, severity, title, message, is_read)
        SELECT md5('user ' || (1 + n % 1000))::uuid, md5('farm 1')::uuid, 'temperature_alert', 'urgent',
            '', '', n % 100 <> 0 FROM generate_series(1, 20000) n;
        INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value)
        SELECT d.farm_id, d.id, 'parameter ' || n, '1' FROM devices d, generate_series(1, 20) n;";
    let database = filled(
        &[FARMS, &DEVICES.replace("$COUNT", "1000"), many],
        "device_commands, alerts, notification_log, device_configs",
    )
    .await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    for query in [
        "SELECT * FROM device_commands WHERE status = 'queued'",
        "SELECT * FROM device_commands WHERE completed_at < '2001-01-01'",
        "SELECT * FROM alerts WHERE is_active AND farm_id = $1",
        "SELECT * FROM notification_log WHERE NOT is_read",
        "SELECT * FROM notification_log WHERE user_id = $1 ORDER BY created_at DESC LIMIT 20",
        "SELECT * FROM device_configs WHERE device_id = $1",
    ] {
        let plan = explain(&mut owner, query).await;
        assert_uses_index(&mut owner, &plan).await;
    }
}

#[tokio::test]
async fn sign_in_and_session_look_ups() {
    let people = "
        INSERT INTO users (email, username, phone, password_hash, name)
        SELECT 'person' || n || '@example.com', 'person' || n, '+855' || (10000000 + n), repeat('x', 60), 'Person'
        FROM generate_series(1, 30000) n;
        INSERT INTO user_sessions (user_id, jwt_token_hash, ip_address, user_agent, expires_at)
        SELECT id, encode(sha256(id::text::bytea), 'hex'), '::1', '', now() + interval '1 day' FROM users;";
    let database = filled(&[people], "users, user_sessions").await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    for function in ["sign_in_account", "session_account"] {
        let body = sql::texts(
            &mut owner,
            &format!("SELECT prosrc AS value FROM pg_proc WHERE proname = '{function}'"),
        )
        .await
        .remove(0);
        let query = body
            .replace("#variable_conflict use_column\nBEGIN\n    RETURN QUERY", "")
            .replace(";\nEND", "")
            .replace("session_account.token_hash", "$1")
            .replace("session_account.now", "$2")
            .replace("(login", "($1::text");
        let plan = explain(&mut owner, &query).await;
        assert_uses_index(&mut owner, &plan).await;
    }
}

/// A database with these rows and fresh statistics. A superuser fills it with triggers and foreign keys
/// asleep, which takes a third of the time.
async fn filled(statements: &[&str], tables: &str) -> TestDatabase {
    let database = testkit::database().await;
    let mut superuser = AsyncPgConnection::establish(&database.superuser_url()).await.unwrap();
    sql::execute(&mut superuser, "SET session_replication_role = replica").await;
    for statement in statements {
        sql::execute(&mut superuser, statement).await;
    }
    sql::execute(&mut superuser, &format!("ANALYZE {tables}")).await;
    database
}

/// Runs a store function as the app in the scope of the farm's one member, and holds each of its statements to an index.
async fn check<T>(
    database: &TestDatabase,
    ask: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, StoreError>,
) -> T {
    let join = format!(
        "INSERT INTO farm_users (farm_id, user_id, role, invited_by) VALUES ({FARM}, {USER}, 'viewer', {USER})
        ON CONFLICT DO NOTHING"
    );
    sql::execute(&mut database.owner().get().await.unwrap(), &join).await;
    check_in(database, &format!("{FARM}::text"), ask).await
}

/// The same in the scope of several farms; `farms` is what the owner selects as their list.
async fn check_in<T>(
    database: &TestDatabase,
    farms: &str,
    ask: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, StoreError>,
) -> T {
    let (app, owner) = (database.app(), database.owner());
    let (mut app, mut owner) = (app.get().await.unwrap(), owner.get().await.unwrap());
    let farms = format!("SELECT value FROM (SELECT {farms}) AS list (value)");
    let farms = sql::texts(&mut owner, &farms).await.remove(0);
    let scope = format!(
        "SELECT set_config('tokkatot.farms', '{farms}', false),
            set_config('tokkatot.user', {USER}::text, false)"
    );
    sql::execute(&mut app, &scope).await;
    let (statements, answer) = statements_of(&mut app, ask).await;
    assert!((1..=2).contains(&statements.len()), "few questions: {statements:?}");
    let mut plans = String::new();
    for statement in &statements {
        plans.push_str(&explain(&mut app, statement).await);
        plans.push('\n');
    }
    assert_uses_index(&mut owner, &plans).await;
    answer.unwrap()
}

async fn uuid(database: &TestDatabase, expression: &str) -> uuid::Uuid {
    let pool = database.owner();
    let query = format!("SELECT ({expression})::text AS value");
    sql::texts(&mut pool.get().await.unwrap(), &query).await[0].parse().unwrap()
}

async fn now(database: &TestDatabase) -> Timestamp {
    let pool = database.owner();
    let query = "SELECT (extract(epoch FROM now()) * 1000000)::bigint::text AS value";
    let micros = sql::texts(&mut pool.get().await.unwrap(), query).await;
    Timestamp::from_micros(micros[0].parse().unwrap())
}
