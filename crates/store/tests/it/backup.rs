//! What `pg_dump` wrote, `psql` can read: all tables with all rows, rules and rights.
use crate::{migrations_up_down_up::describe, sql, world};
use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command, Stdio},
};
use testkit::{DatabaseRole, TestDatabase};

/// Every table and partition with the number of its rows.
const COUNTS: &str = "SELECT relname || ' ' || (xpath('/row/count/text()',
        query_to_xml(format('SELECT count(*) FROM %I', relname), false, true, '')))[1]::text AS value
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname";

#[tokio::test]
async fn a_backup_can_be_restored_into_an_empty_database() {
    let (database, other) = (testkit::database().await, testkit::empty_database().await);
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    world::fill(&mut owner).await;
    // valid when it was written; the names of today are another server's
    let past = "ALTER TABLE farms DISABLE TRIGGER USER;
        UPDATE farms SET timezone = 'Asia/Angkor' WHERE id = md5('farms b')::uuid;
        ALTER TABLE farms ENABLE TRIGGER USER";
    sql::execute(&mut owner, past).await;

    restore(&other, &dump(&database));

    let counts = counts(&database).await;
    let rows = |line: &String| line.split(' ').nth(1).unwrap().parse::<u32>().unwrap();
    assert!(counts.iter().map(rows).sum::<u32>() > 40, "{counts:?}");
    assert_eq!(self::counts(&other).await, counts);
    let (restored, original) = (schema(&other).await, schema(&database).await);
    let lost: Vec<_> = original.difference(&restored).collect();
    assert_eq!(lost, Vec::<&String>::new());
}

fn dump(database: &TestDatabase) -> Vec<u8> {
    let url = database.url(DatabaseRole::Owner);
    let output = Command::new("pg_dump").args(["--dbname", &url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn restore(database: &TestDatabase, dump: &[u8]) {
    let url = database.url(DatabaseRole::Owner);
    let mut psql = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // refused half-way through, psql hangs up: its own words tell more than the broken pipe
    drop(psql.stdin.take().unwrap().write_all(dump));
    let output = psql.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What there is, without the brackets and casts that PostgreSQL adds when it reads its own words.
async fn schema(database: &TestDatabase) -> BTreeSet<String> {
    let plain = |line: String| {
        line.replace(['(', ')'], "")
            .replace("::character varying", "")
            .replace("::text", "")
            .replace("[]", "")
    };
    describe(database).await.into_iter().map(plain).collect()
}

async fn counts(database: &TestDatabase) -> Vec<String> {
    sql::texts(&mut database.owner().get().await.unwrap(), COUNTS).await
}
