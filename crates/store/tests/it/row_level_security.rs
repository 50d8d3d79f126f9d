//! The second wall: with the application's own checks gone, the database still shows a request nothing
//! but its farms. Tables are found in the catalogue, so a new one without a policy fails here.
use crate::{sql, world};
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use store::Connection;
use testkit::TestDatabase;

/// Tables whose rows belong to a farm: their name, and the column that says which.
const FARM_TABLES: &str = "SELECT c.relname || ' ' || a.attname AS value FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid
        AND a.attname = CASE c.relname WHEN 'farms' THEN 'id' ELSE 'farm_id' END
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY c.relname";

/// Tables whose rows belong to a person, and the column that says to whom.
const PERSONAL: [(&str, &str); 5] = [
    ("users", "id"),
    ("user_sessions", "user_id"),
    ("recovery_codes", "user_id"),
    ("sign_in_steps", "user_id"),
    ("alert_subscriptions", "user_id"),
];

/// Views that filter by themselves.
const VIEWS: [&str; 2] = ["sensor_readings", "latest_values"];

/// What the app must never read, whatever its settings.
const CLOSED: [&str; 11] = [
    "SELECT FROM readings",
    "SELECT FROM latest_readings",
    "SELECT FROM node_boots",
    "SELECT FROM quarantine",
    "SELECT FROM leases",
    "SELECT password_hash FROM users",
    "SELECT totp_secret FROM users",
    "SELECT FROM reset_codes",
    "SELECT password_hash FROM nodes",
    "SELECT claim_code FROM nodes",
    "SELECT nextval('readings_batch_id')",
];

#[tokio::test]
async fn without_settings_the_app_sees_no_row() {
    let database = filled().await;
    let pool = database.app();
    let mut app = pool.get().await.unwrap();
    for (table, _) in farm_tables(&database).await {
        assert_eq!(count(&mut app, &table, "true").await, 0, "{table}");
    }
    for table in
        ["users", "user_sessions", "alert_subscriptions", "sensor_readings", "latest_values"]
    {
        assert_eq!(count(&mut app, table, "true").await, 0, "{table}");
    }
}

#[tokio::test]
async fn with_a_farm_the_app_sees_that_farm_alone() {
    let database = filled().await;
    let pool = database.app();
    let mut app = app_of(&pool, "a").await;
    for (table, column) in farm_tables(&database).await {
        assert_eq!(
            count(&mut app, &table, &format!("{column} <> {}", farm("a"))).await,
            0,
            "{table}"
        );
        assert!(count(&mut app, &table, "true").await > 0, "{table} shows its own farm");
    }
    for table in
        ["users", "user_sessions", "alert_subscriptions", "sensor_readings", "latest_values"]
    {
        assert_eq!(count(&mut app, table, "true").await, 1, "{table}");
    }
}

#[tokio::test]
async fn the_policies_let_no_row_into_another_farm() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    let mut app = policies_alone(&database).await;
    for (table, column) in farm_tables(&database).await {
        let columns = sql::texts(
            &mut owner,
            &format!(
                "SELECT string_agg(quote_ident(attname), ', ') AS value FROM pg_attribute
                WHERE attrelid = '{table}'::regclass AND attnum > 0 AND attidentity = ''"
            ),
        )
        .await
        .remove(0);
        let insert = async |owner: &mut AsyncPgConnection, of: &str| {
            // signed by who asks, so that nothing but the farm can be what is refused
            let row = format!(
                "SELECT (to_jsonb(t) || jsonb_build_object('user_id', {}))::text AS value
                FROM {table} t WHERE {column} = {} LIMIT 1",
                world::id("users", "a"),
                farm(of)
            );
            let row = sql::texts(owner, &row).await.remove(0).replace('\'', "''");
            format!(
                "INSERT INTO {table} ({columns})
                SELECT {columns} FROM jsonb_populate_record(NULL::{table}, '{row}')"
            )
        };
        let insert_b = insert(&mut owner, "b").await;
        let refusal = sql::refusal(&mut app, &insert_b).await;
        assert!(refusal.contains("row-level security"), "{table}: {refusal}");
        let insert_a = insert(&mut owner, "a").await;
        let refusal = sql::refusal(&mut app, &insert_a).await;
        assert!(refusal.contains("duplicate key"), "{table}, one's own: {refusal}");
    }
}

#[tokio::test]
async fn the_policies_change_move_and_delete_rows_of_the_farm_alone() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    let mut app = policies_alone(&database).await;
    let personal = PERSONAL.map(|(table, column)| (table.to_owned(), column.to_owned(), "users"));
    let of_farms = farm_tables(&database).await.into_iter().map(|(t, c)| (t, c, "farms"));
    for (table, column, what) in of_farms.chain(personal) {
        let (a, b) = (world::id(what, "a"), world::id(what, "b"));
        let own = match table.as_str() {
            "event_logs" => 0, // nobody's, once written
            _ => count(&mut owner, &table, &format!("{column} = {a}")).await,
        };
        let (touch, delete) =
            (format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}"));
        assert_eq!(changed(&mut app, &touch).await, own, "{touch}");
        sql::execute(&mut app, "BEGIN").await;
        assert_eq!(changed(&mut app, &delete).await, own, "{delete}");
        sql::execute(&mut app, "ROLLBACK").await;
        let give = format!("UPDATE {table} SET {column} = {b}");
        if own > 0 {
            let refusal = sql::refusal(&mut app, &give).await;
            assert!(refusal.contains("row-level security"), "{give}: {refusal}");
        }
        let steal = format!("UPDATE {table} SET {column} = {a} WHERE {column} = {b}");
        assert_eq!(changed(&mut app, &steal).await, 0, "{steal}");
    }
}

/// The server may be wrong about whose farm it is: the database asks for itself.
#[tokio::test]
async fn a_request_that_names_a_farm_of_others_sees_nothing_of_it() {
    let database = filled().await;
    let (owner, pool) = (database.owner(), database.app());
    let mut owner = owner.get().await.unwrap();
    let mut app = pool.get().await.unwrap();
    set_request_of(&mut app, "a", &["b"]).await;
    let seen = async |app: &mut AsyncPgConnection| {
        let mut seen = Vec::new();
        for (table, column) in farm_tables(&database).await {
            let theirs = format!("{column} = {}", farm("b"));
            seen.push((table.clone(), count(app, &table, &theirs).await));
        }
        for view in VIEWS.into_iter().chain(["members", "my_farms"]) {
            let theirs = format!("farm_id = {}", farm("b"));
            seen.push((view.to_owned(), count(app, view, &theirs).await));
        }
        let people = format!("people_of({})", farm("b"));
        seen.push((people.clone(), count(app, &people, "true").await));
        seen
    };
    let nothing = |seen: &[(String, u32)]| seen.iter().all(|(_, rows)| *rows == 0);
    let found = seen(&mut app).await;
    assert!(nothing(&found), "a stranger: {found:?}");

    let join = "INSERT INTO farm_users (farm_id, user_id, role, invited_by)
        VALUES (md5('farms b')::uuid, md5('users a')::uuid, 'viewer', md5('users b')::uuid)";
    sql::execute(&mut owner, join).await;
    let found = seen(&mut app).await;
    let closed = ["notification_log"]; // of the person, not of the farm
    let open = found.iter().filter(|(table, _)| !closed.contains(&table.as_str()));
    assert!(open.clone().all(|(_, rows)| *rows > 0), "a member: {found:?}");
    for (end, begin) in
        [("is_active = false", "is_active = true"), ("deleted_at = now()", "deleted_at = NULL")]
    {
        let set = |what: &str| format!("UPDATE farm_users SET {what} WHERE role = 'viewer'");
        sql::execute(&mut owner, &set(end)).await;
        let found = seen(&mut app).await;
        assert!(nothing(&found), "{end}: {found:?}");
        sql::execute(&mut owner, &set(begin)).await;
    }
}

#[tokio::test]
async fn a_request_that_names_a_farm_of_others_writes_nothing_there() {
    let database = filled().await;
    let mut app = policies_alone(&database).await;
    set_request_of(&mut app, "a", &["b"]).await;
    for (table, column) in farm_tables(&database).await {
        let theirs = format!("{column} = {}", farm("b"));
        let touch = format!("UPDATE {table} SET {column} = {column} WHERE {theirs}");
        assert_eq!(changed(&mut app, &touch).await, 0, "{touch}");
        let delete = format!("DELETE FROM {table} WHERE {theirs}");
        assert_eq!(changed(&mut app, &delete).await, 0, "{delete}");
    }
    for add in [
        "INSERT INTO houses (farm_id, name) VALUES (md5('farms b')::uuid, 'x')",
        "INSERT INTO farm_users (farm_id, user_id, role, invited_by)
            VALUES (md5('farms b')::uuid, md5('users a')::uuid, 'admin', md5('users a')::uuid)",
        "INSERT INTO event_logs (farm_id, event_type, event_category, severity, message)
            VALUES (md5('farms b')::uuid, 'signed_in', 'user', 'info', '')",
        "INSERT INTO farms (owner_id, name) VALUES (md5('users b')::uuid, 'x')",
    ] {
        let refusal = sql::refusal(&mut app, add).await;
        assert!(refusal.contains("row-level security"), "{add}: {refusal}");
    }
}

#[tokio::test]
async fn no_row_reaches_across_farms() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    let (device, user) = (world::id("devices", "b"), world::id("users", "a"));
    let command = format!(
        "INSERT INTO device_commands (farm_id, device_id, command_type, requested_by, status, expires_at)
        VALUES ({}, {device}, 'on', {user}, 'queued', now() + interval '1 minute')",
        farm("a"),
    );
    let refusal = sql::refusal(&mut owner, &command).await;
    assert!(refusal.contains("device_commands_device_id_fkey"), "{refusal}");
    let event = |farm: &str| {
        format!(
            "INSERT INTO event_logs (farm_id, device_id, event_type, event_category, severity, message)
            VALUES ({farm}, {device}, 'device_online', 'device', 'info', '')"
        )
    };
    let refusal = sql::refusal(&mut owner, &event(&farm("a"))).await;
    assert!(refusal.contains("event_logs_device_id_fkey"), "{refusal}");
    let refusal = sql::refusal(&mut owner, &event("NULL")).await;
    assert!(refusal.contains("event_logs_device_farm_check"), "{refusal}");
    sql::execute(&mut owner, &event(&farm("b"))).await;
}

#[tokio::test]
async fn the_app_reads_neither_raw_tables_nor_secrets() {
    let database = filled().await;
    let pool = database.app();
    let mut app = app_of(&pool, "a").await;
    for statement in CLOSED {
        let refusal = sql::refusal(&mut app, statement).await;
        assert!(refusal.contains("permission denied"), "{statement}: {refusal}");
    }
}

#[tokio::test]
async fn the_app_makes_nobody_an_operator() {
    let database = filled().await;
    let pool = database.app();
    let mut app = app_of(&pool, "a").await;
    let refusal = sql::refusal(&mut app, "UPDATE users SET role = 'admin'").await;
    assert!(refusal.contains("permission denied"), "{refusal}");
}

#[tokio::test]
async fn the_app_signs_no_event_with_anothers_name() {
    let database = filled().await;
    let pool = database.app();
    let mut app = app_of(&pool, "a").await;
    let sign = |user: &str| {
        format!(
            "INSERT INTO event_logs (farm_id, user_id, event_type, event_category, severity, message)
            VALUES ({}, {}, 'signed_in', 'user', 'info', '')",
            farm("a"),
            world::id("users", user)
        )
    };
    sql::execute(&mut app, &sign("a")).await;
    let refusal = sql::refusal(&mut app, &sign("b")).await;
    assert!(refusal.contains("row-level security"), "{refusal}");
}

#[tokio::test]
async fn events_without_a_farm_are_read_by_their_person_and_the_operator() {
    let database = filled().await;
    let owner = database.owner();
    let add = format!(
        "INSERT INTO event_logs (user_id, event_type, event_category, severity, message)
        VALUES ({}, 'sign_in_refused', 'user', 'warning', '')",
        world::id("users", "a")
    );
    sql::execute(&mut owner.get().await.unwrap(), &add).await;
    let pool = database.app();
    let farmless = async |person: &str| {
        let mut app = app_of(&pool, person).await;
        count(&mut app, "event_logs", "farm_id IS NULL").await
    };
    assert_eq!((farmless("a").await, farmless("b").await), (1, 0));

    let promote = format!("UPDATE users SET role = 'admin' WHERE id = {}", world::id("users", "b"));
    sql::execute(&mut owner.get().await.unwrap(), &promote).await;
    assert_eq!(farmless("b").await, 1);
}

#[tokio::test]
async fn members_of_one_farm_know_each_others_names_and_no_more() {
    let database = filled().await;
    let (owner, app) = (database.owner(), database.app());
    let mut owner = owner.get().await.unwrap();
    let join = format!(
        "INSERT INTO farm_users (farm_id, user_id, role, invited_by) VALUES ({}, {}, 'keeper', {})",
        farm("a"),
        world::id("users", "b"),
        world::id("users", "a")
    );
    sql::execute(&mut owner, &join).await;
    let mut app = app_of(&app, "a").await;
    let names = "SELECT name AS value FROM members ORDER BY name";
    assert_eq!(sql::texts(&mut app, names).await, ["Person a", "Person b"]);
    assert_eq!(sql::texts(&mut app, "SELECT name AS value FROM users").await, ["Person a"]);

    sql::execute(&mut owner, "UPDATE farm_users SET deleted_at = now() WHERE role = 'keeper'")
        .await;
    assert_eq!(sql::texts(&mut app, names).await, ["Person a"], "the other has left");
}

/// A superuser gives a person a login of their own with the app's rights.
#[tokio::test]
async fn a_member_of_the_apps_role_sees_no_more_than_the_app() {
    let database = filled().await;
    let mut superuser = AsyncPgConnection::establish(&database.superuser_url()).await.unwrap();
    for view in VIEWS {
        assert_eq!(count(&mut superuser, view, "true").await, 2, "{view}: a superuser sees all");
    }
    let member = format!("tokkatot_test_member_{}", std::process::id());
    // the role goes with the transaction
    let become_one =
        format!("BEGIN; CREATE ROLE {member} LOGIN IN ROLE tokkatot_app; SET LOCAL ROLE {member}");
    sql::execute(&mut superuser, &become_one).await;
    for view in VIEWS {
        assert_eq!(count(&mut superuser, view, "true").await, 0, "{view} without settings");
    }
    set_request(&mut superuser, "a").await;
    for view in VIEWS {
        assert_eq!(count(&mut superuser, view, "true").await, 1, "{view} with a farm");
    }
}

#[tokio::test]
async fn the_worker_and_the_owner_see_every_farm() {
    let database = filled().await;
    let (owner, worker) = (database.owner(), database.worker());
    let (mut owner, mut worker) = (owner.get().await.unwrap(), worker.get().await.unwrap());
    for (table, column) in farm_tables(&database).await {
        for farm in [farm("a"), farm("b")] {
            let of_farm = format!("{column} = {farm}");
            assert!(
                count(&mut owner, &table, &of_farm).await > 0,
                "the world lacks a row in {table}"
            );
            assert!(count(&mut worker, &table, &of_farm).await > 0, "{table}");
        }
    }
    for view in VIEWS {
        assert_eq!(count(&mut owner, view, "true").await, 2, "{view}");
        assert_eq!(count(&mut worker, view, "true").await, 2, "{view}");
    }
}

async fn filled() -> TestDatabase {
    let database = testkit::database().await;
    world::fill(&mut database.owner().get().await.unwrap()).await;
    database
}

/// A request of farm a whose role may do anything to any table, with keys between tables and triggers
/// asleep: what still holds it are the policies.
async fn policies_alone(database: &TestDatabase) -> AsyncPgConnection {
    let mut connection = AsyncPgConnection::establish(&database.superuser_url()).await.unwrap();
    let open = "GRANT ALL ON ALL TABLES IN SCHEMA public TO tokkatot_app;
        SET session_replication_role = replica; SET ROLE tokkatot_app";
    sql::execute(&mut connection, open).await;
    set_request(&mut connection, "a").await;
    connection
}

async fn farm_tables(database: &TestDatabase) -> Vec<(String, String)> {
    let pool = database.owner();
    let found = sql::texts(&mut pool.get().await.unwrap(), FARM_TABLES).await;
    assert!(found.len() >= 13);
    found
        .iter()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .collect()
}

fn farm(name: &str) -> String {
    world::id("farms", name)
}

/// The app's connection with the settings of a request of the farm's only member.
async fn app_of<'a>(pool: &'a store::Database, farm: &str) -> Connection<'a> {
    let mut connection = pool.get().await.unwrap();
    set_request(&mut connection, farm).await;
    connection
}

async fn set_request(connection: &mut AsyncPgConnection, farm: &str) {
    set_request_of(connection, farm, &[farm]).await;
}

/// The settings of a request of `person`'s that names these farms.
async fn set_request_of(connection: &mut AsyncPgConnection, person: &str, farms: &[&str]) {
    let farms: Vec<String> = farms.iter().map(|name| farm(name)).collect();
    let settings = format!(
        "SELECT set_config('tokkatot.farms', concat_ws(',', {}), false),
            set_config('tokkatot.user', {}::text, false)",
        farms.join(", "),
        world::id("users", person)
    );
    sql::execute(connection, &settings).await;
}

async fn count(connection: &mut AsyncPgConnection, table: &str, condition: &str) -> u32 {
    let query = format!("SELECT count(*)::text AS value FROM {table} WHERE {condition}");
    sql::texts(connection, &query).await[0].parse().unwrap()
}

/// How many rows a statement changed.
async fn changed(connection: &mut AsyncPgConnection, statement: &str) -> u32 {
    let query = format!(
        "WITH changed AS ({statement} RETURNING 1) SELECT count(*)::text AS value FROM changed"
    );
    sql::texts(connection, &query).await[0].parse().unwrap()
}
