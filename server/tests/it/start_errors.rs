//! What a server says when it cannot start.
use crate::support::Binary;
use diesel_async::SimpleAsyncConnection as _;
use testkit::DatabaseRole;

#[test]
fn all_wrong_settings_are_said_at_once() {
    let said = Binary::default()
        .with("TOKKATOT_HTTP_ADR", "127.0.0.1:3000")
        .with("TOKKATOT_HTTP_ADDR", "localhost")
        .with("TOKKATOT_DATABASE_URL", "postgres://tokkatot_app:hunter2@127.0.0.1/tokkatot")
        .with("TOKKATOT_ROLES", "web,ingest,cooking")
        .run(&["serve"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(!said.err.contains("hunter2"));
    insta::assert_snapshot!(said.err);
}

#[test]
fn help_tells_every_setting_and_repeats_no_value() {
    let said = Binary::default()
        .with("TOKKATOT_DATABASE_URL", "postgres://tokkatot_app:hunter2@127.0.0.1/tokkatot")
        .run(&["serve", "--help"]);
    assert_eq!(said.code, 0);
    assert!(!said.out.contains("hunter2"));
    insta::assert_snapshot!(said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_named() {
    let database = testkit::database().await;
    let said = Binary::for_database(&database)
        .with(
            "TOKKATOT_WORKER_DATABASE_URL",
            "postgres://tokkatot_worker:hunter2@127.0.0.1:1/tokkatot",
        )
        .run(&["serve", "--roles", "jobs"]);
    assert_eq!(said.code, 1);
    assert!(!said.err.contains("hunter2"));
    insta::assert_snapshot!(said.err.lines().last().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_older_asks_for_migrate() {
    let database = testkit::empty_database().await;
    let binary = Binary::for_database(&database);
    let said = binary.run(&["serve", "--roles", "jobs"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("run `tokkatot migrate`"), "{}", said.err);
    let told = binary.run(&["migrate", "--dry-run"]).out;
    assert!(told.starts_with("would run 0001_"), "{told}");
    assert!(binary.run(&["migrate"]).out.starts_with("ran 0001_"));
    assert_eq!(binary.run(&["migrate"]).out, "the schema is up to date\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_newer_asks_for_the_newer_program() {
    let database = testkit::database().await;
    let mut owner =
        store::connect(&store::DatabaseSettings::new(database.url(DatabaseRole::Owner), 1))
            .await
            .unwrap();
    owner
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')")
        .await
        .unwrap();
    let said = Binary::for_database(&database).run(&["serve", "--roles", "jobs"]);
    assert_eq!(said.code, 1);
    insta::assert_snapshot!(said.err.lines().last().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_named() {
    let database = testkit::database().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = Binary::for_database(&database)
        .with("TOKKATOT_ADMIN_ADDR", &address)
        .run(&["serve", "--roles", "jobs"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains(&format!("{address} cannot be listened on")), "{}", said.err);
    assert!(said.err.contains("TOKKATOT_ADMIN_ADDR"), "{}", said.err);
}
