//! `tokkatot demo`: what it leaves in the database and in its files, and that it does so once.
use crate::support::{Binary, Folder, Said};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use domain::Timestamp;
use server::demo::{compose, files};
use std::{fs, os::unix::fs::PermissionsExt as _};
use testkit::TestDatabase;

/// Tables that the demo writes to.
const TABLES: [&str; 11] = [
    "users",
    "farms",
    "farm_users",
    "houses",
    "nodes",
    "devices",
    "device_configs",
    "series",
    "readings",
    "latest_readings",
    "event_logs",
];
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

async fn text(database: &TestDatabase, query: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let owner = database.owner();
    let mut connection = owner.get().await.unwrap();
    let row: Row = sql_query(format!("SELECT ({query})::text AS text"))
        .get_result(&mut *connection)
        .await
        .unwrap();
    row.text
}

/// All that is in the tables but secrets and identities that the database made up.
async fn contents(database: &TestDatabase) -> Vec<String> {
    let mut all = Vec::new();
    for table in TABLES {
        let row = format!(
            "SELECT (to_jsonb(t) - ARRAY['password_hash', 'id'])::text AS row FROM {table} t"
        );
        let query = format!(
            "SELECT count(*) || ' ' || md5(string_agg(row, ',' ORDER BY row)) FROM ({row}) r"
        );
        all.push(format!("{table} {}", text(database, &query).await));
    }
    all
}

fn demo(database: &TestDatabase, folder: &Folder) -> Said {
    let files = ["demo-credentials", "demo-nodes.json"].map(|name| folder.0.join(name));
    Binary::for_database(database).run(&[
        "demo",
        "--credentials",
        files[0].to_str().unwrap(),
        "--nodes-file",
        files[1].to_str().unwrap(),
    ])
}

fn sign_ins(folder: &Folder) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.0.join("demo-credentials")).unwrap();
    text.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_seeded_once_and_a_second_run_changes_nothing() {
    let (database, folder) = (testkit::database().await, Folder::new());
    let first = demo(&database, &folder);
    assert_eq!(first.code, 0, "{first:?}");
    let (before, credentials) = (contents(&database).await, sign_ins(&folder));
    let second = demo(&database, &folder);
    assert_eq!(second.code, 0, "{second:?}");
    assert!(second.out.contains("nothing was changed"), "{second:?}");
    assert_eq!(contents(&database).await, before);
    assert_eq!(sign_ins(&folder), credentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_four_sign_ins_are_written_for_their_owner_alone_and_are_right() {
    let (database, folder) = (testkit::database().await, Folder::new());
    demo(&database, &folder);
    let sign_ins = sign_ins(&folder);
    let roles: Vec<&str> = sign_ins.iter().map(|one| one[0].as_str()).collect();
    assert_eq!(roles, ["admin", "manager", "keeper", "viewer"]);
    for file in ["demo-credentials", "demo-nodes.json"] {
        let mode = fs::metadata(folder.0.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let passwords = app::passwords::Passwords::default();
    for one in &sign_ins {
        let hash = format!("SELECT password_hash FROM sign_in_account('{}')", one[1]);
        let hash = text(&database, &hash).await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.turn().await.unwrap().verify(one[2].clone(), Some(hash)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_files_come_back_with_new_passwords_and_the_farm_stays() {
    let (database, folder) = (testkit::database().await, Folder::new());
    demo(&database, &folder);
    let (before, old) = (contents(&database).await, sign_ins(&folder));
    fs::remove_file(folder.0.join("demo-nodes.json")).unwrap();
    let again = demo(&database, &folder);
    assert!(again.out.contains("passwords are new"), "{again:?}");
    assert_ne!(sign_ins(&folder), old);
    let touched = |line: &&String| !line.starts_with("users ") && !line.starts_with("nodes ");
    let after = contents(&database).await;
    assert_eq!(
        after.iter().filter(touched).collect::<Vec<_>>(),
        before.iter().filter(touched).collect::<Vec<_>>()
    );
    let password = sign_ins(&folder)[0][2].clone();
    let hash = text(&database, "SELECT password_hash FROM sign_in_account('dara')").await;
    let passwords = app::passwords::Passwords::default();
    assert!(passwords.turn().await.unwrap().verify(password, Some(hash)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_makes_the_same_farm_and_another_seed_another() {
    let mut made = Vec::new();
    for seed in [7, 7, 8] {
        let database = testkit::database().await;
        let demo = compose(seed, NOW, &mut rand::rng()).unwrap();
        let owner = database.owner();
        store::demo::plant(&mut owner.get().await.unwrap(), &demo.farms, NOW).await.unwrap();
        made.push(contents(&database).await);
    }
    assert_eq!(made[0], made[1]);
    let differ = made[0].iter().zip(&made[2]).filter(|(a, b)| a != b).map(|(a, _)| a.as_str());
    let tables: Vec<&str> = differ.map(|line| line.split(' ').next().unwrap()).collect();
    assert!(tables.contains(&"readings") && !tables.contains(&"users"), "{tables:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_farm_has_30_days_of_cambodian_weather_behind_it() {
    let (database, folder) = (testkit::database().await, Folder::new());
    demo(&database, &folder);
    let see = async |query: &str| text(&database, query).await;
    let age = "SELECT (now() AT TIME ZONE 'Asia/Phnom_Penh')::date - placed_on FROM houses h
        JOIN farms f ON f.id = h.farm_id WHERE h.name = 'ទ្រុងទី 1' AND f.name = 'កសិដ្ឋាន ដារា'";
    assert_eq!(see(age).await, "24");
    let odd = "SELECT count(*) FROM sensor_readings WHERE NOT (quality = 0 AND CASE sensor_type
        WHEN 'temperature' THEN value BETWEEN 18 AND 40 WHEN 'humidity' THEN value BETWEEN 35 AND 99
        ELSE value BETWEEN 5 AND 100 END)";
    assert_eq!(see(odd).await, "0");
    let per_series = "SELECT min(n) >= 8625 AND max(n) <= 8642
        FROM (SELECT count(*) AS n FROM readings GROUP BY series_id) c";
    assert_eq!(see(per_series).await, "true");
    let stray = "SELECT count(*) FROM readings_default";
    assert_eq!(see(stray).await, "0");
    let latest = "SELECT count(*) FROM latest_readings l WHERE (l.ts, l.value) <>
        (SELECT r.ts, r.value FROM readings r WHERE r.series_id = l.series_id ORDER BY ts DESC LIMIT 1)";
    assert_eq!(see(latest).await, "0");
    let silent = "SELECT count(*) FROM series s LEFT JOIN latest_readings l ON l.series_id = s.id
        WHERE l.ts IS NULL OR l.ts < now() - interval '5 minutes'";
    assert_eq!(see(silent).await, "0");
    let jumps =
        "SELECT count(*) FROM (SELECT value - lag(value) OVER (PARTITION BY series_id ORDER BY ts)
        AS step FROM readings JOIN series s ON s.id = series_id WHERE s.sensor = 'temperature') d
        WHERE abs(step) > 4";
    assert_eq!(see(jumps).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_neighbour_has_a_farm_of_his_own_and_no_part_in_the_demo_farm() {
    let (database, folder) = (testkit::database().await, Folder::new());
    demo(&database, &folder);
    let nodes = files::read_nodes(&folder.0.join("demo-nodes.json")).unwrap();
    let neighbour = &nodes.neighbour.login;
    assert!(sign_ins(&folder).iter().all(|one| one[1] != *neighbour));
    let farms = format!(
        "SELECT string_agg(f.name, ',') FROM farm_users m JOIN farms f ON f.id = m.farm_id
         JOIN users u ON u.id = m.user_id WHERE u.username = '{neighbour}'"
    );
    assert_eq!(text(&database, &farms).await, "កសិដ្ឋាន បុប្ផា");
    let shared = "SELECT count(*) FROM (SELECT user_id FROM farm_users GROUP BY user_id
        HAVING count(DISTINCT farm_id) > 1) s";
    assert_eq!(text(&database, shared).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_the_schema_gets_a_plain_word() {
    let (database, folder) = (testkit::empty_database().await, Folder::new());
    let said = demo(&database, &folder);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("tokkatot migrate"), "{said:?}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "nothing is left behind");
}
