//! `tokkatot user`: what it makes, prints and refuses.
use crate::support::{Binary, Said};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use std::{io::Write as _, process::Stdio};
use testkit::TestDatabase;

const FARM: &str = "00000000-0000-4000-8000-00000000000f";
const PASSWORD: &str = "ព្រះអាទិត្យ-rises";

async fn add_farm(database: &TestDatabase) {
    let statement = format!(
        "INSERT INTO users (id, email, password_hash, name)
         VALUES (gen_random_uuid(), 'sok@example.org', repeat('x', 97), 'Sok');
         INSERT INTO farms (id, owner_id, name) SELECT '{FARM}', id, 'Farm' FROM users"
    );
    database.owner().get().await.unwrap().batch_execute(&statement).await.unwrap();
}

async fn text(database: &TestDatabase, query: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let owner = database.owner();
    let mut connection = owner.get().await.unwrap();
    let query = sql_query(format!("SELECT coalesce(({query})::text, '') AS text"));
    let row: Row = query.get_result(&mut *connection).await.unwrap();
    row.text
}

fn create(binary: &Binary, password: &str, arguments: &[&str]) -> Said {
    let arguments = [&["user", "create", "--password-stdin"], arguments].concat();
    let mut command = binary.command(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // who refuses its arguments reads nothing
    drop(child.stdin.take().unwrap().write_all(password.as_bytes()));
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_with_its_place_and_its_event() {
    let database = testkit::database().await;
    add_farm(&database).await;
    let binary = Binary::for_database(&database);
    let names = ["--name", " Keo  Dara ", "--phone", "012 345 678", "--username", "Dara"];
    let place = ["--farm", FARM, "--role", "keeper", "--platform-admin"];
    let said = create(&binary, &format!("{PASSWORD}\n"), &[&names[..], &place].concat());
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains(r#""logins":["+85512345678","dara"]"#), "{said:?}");
    let row = "SELECT concat_ws(' ', u.name, phone, username, language, u.role, m.role)
        FROM users u JOIN farm_users m ON m.user_id = u.id";
    assert_eq!(text(&database, row).await, "Keo Dara +85512345678 dara km admin keeper");
    let hash = "SELECT password_hash FROM users WHERE username = 'dara'";
    let (passwords, hash) = (app::passwords::Passwords::default(), text(&database, hash).await);
    let turn = passwords.turn().await.unwrap();
    assert!(turn.verify(PASSWORD.to_owned(), Some(hash)).await);
    let event = "SELECT concat_ws(' ', event_type, farm_id, user_id, event_data - 'member')
        FROM event_logs WHERE event_data ->> 'member' = (SELECT id::text FROM users WHERE username = 'dara')";
    let expected = format!("user_created {FARM} {{\"role\": \"keeper\", \"operator\": true}}");
    assert_eq!(text(&database, event).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_made_is_refused_in_the_operators_words_and_leaves_nothing() {
    let database = testkit::database().await;
    add_farm(&database).await;
    let binary = Binary::for_database(&database);
    let nowhere = "00000000-0000-4000-8000-00000000000e";
    for (arguments, password, code, words) in [
        (&["--name", "D", "--email", "SOK@example.org"][..], PASSWORD, 1, "e-mail address"),
        (&["--name", "D", "--username", "d2"], "password12", 1, "easy to guess"),
        (&["--name", "D", "--username", "d2"], "short", 1, "at least 10 characters"),
        (&["--name", "\u{200b}", "--username", "d2"], PASSWORD, 1, "at least one character"),
        (
            &["--name", "D", "--username", "d2", "--farm", nowhere, "--role", "viewer"],
            PASSWORD,
            1,
            "there is no farm",
        ),
        (&["--name", "D", "--username", "d2", "--farm", FARM], PASSWORD, 2, "--role"),
        (&["--name", "D"], PASSWORD, 2, "--email"),
        (&["--name", "D", "--username", "2d"], PASSWORD, 2, "no digit or +"),
        (&["--name", "D", "--phone", "12"], PASSWORD, 2, "no phone number"),
        (&["--name", "D", "--email", "d"], PASSWORD, 2, "no e-mail address"),
    ] {
        let said = create(&binary, password, arguments);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{arguments:?} {said:?}");
        assert!(said.err.contains(words), "{arguments:?} {said:?}");
        assert!(!said.err.contains(PASSWORD), "{said:?}");
    }
    assert_eq!(text(&database, "SELECT count(*) FROM users").await, "1");
    let terminal = binary.run(&["user", "create", "--name", "D", "--username", "d2"]);
    assert!(terminal.err.contains("use --password-stdin"), "{terminal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_prints_a_code_for_a_day_and_where_to_take_it() {
    let database = testkit::database().await;
    let binary =
        Binary::for_database(&database).with("TOKKATOT_PUBLIC_URL", "https://farm.example");
    let made = create(&binary, PASSWORD, &["--name", "Dara", "--phone", "012345678"]);
    assert_eq!(made.code, 0, "{made:?}");
    let first = binary.json(&["user", "reset", "+855 12 345 678"]);
    let told = binary.json(&["user", "reset", "012345678"]);
    let code = told["code"].as_str().unwrap().replace(' ', "");
    assert_eq!(code.len(), 8);
    assert_ne!(told["code"], first["code"]);
    assert_eq!(told["address"], format!("https://farm.example/reset/{code}"));
    let good = format!(
        "SELECT string_agg(concat_ws(' ', code_hash = encode(sha256('{code}'), 'hex'),
            used_at IS NULL, expires_at - created_at), ', ' ORDER BY created_at) FROM reset_codes"
    );
    assert_eq!(text(&database, &good).await, "f f 1 day, t t 1 day");
    let nobody = binary.run(&["user", "reset", "nobody"]);
    assert!(nobody.code == 1 && nobody.err.contains("nobody signs in as"), "{nobody:?}");
    let owner = database.owner();
    let close = "UPDATE users SET is_active = false";
    owner.get().await.unwrap().batch_execute(close).await.unwrap();
    let closed = binary.run(&["user", "reset", "012345678"]);
    assert!(closed.code == 1 && closed.err.contains("is closed"), "{closed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_second_step_is_turned_off_with_its_recovery_codes_and_its_event() {
    let database = testkit::database().await;
    add_farm(&database).await;
    let binary = Binary::for_database(&database);
    let lose =
        "UPDATE users SET mfa_enabled = true, totp_secret = repeat('x', 20)::bytea, totp_step = 7;
        INSERT INTO recovery_codes (user_id, code_hash, created_at)
            SELECT id, repeat('a', 64), now() FROM users";
    database.owner().get().await.unwrap().batch_execute(lose).await.unwrap();
    let reset = ["user", "reset", "SOK@example.org", "--second-factor"];
    let told = binary.json(&reset);
    assert_eq!((&told["second_factor"], told.get("code")), (&false.into(), None), "{told}");
    let left = "SELECT concat_ws(' ', mfa_enabled, totp_secret IS NULL, totp_step IS NULL,
            (SELECT count(*) FROM recovery_codes), (SELECT count(*) FROM reset_codes),
            (SELECT string_agg(event_type || ':' || (user_id = users.id), ', ') FROM event_logs))
        FROM users";
    assert_eq!(text(&database, left).await, "f t t 0 0 second_factor_reset:true");
    let again = binary.run(&reset);
    assert!(again.code == 1 && again.err.contains("without a second step"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_is_opened_again_and_a_deleted_one_is_not() {
    let database = testkit::database().await;
    add_farm(&database).await;
    let binary = Binary::for_database(&database);
    let execute = async |statement: &str| {
        database.owner().get().await.unwrap().batch_execute(statement).await.unwrap();
    };
    execute("UPDATE users SET is_active = false").await;
    let open = ["user", "open", "sok@example.org"];
    let told = binary.json(&open);
    assert_eq!(told["active"], true, "{told}");
    let state = "SELECT concat_ws(' ', is_active,
            (SELECT string_agg(event_type || ':' || (user_id = users.id), ', ') FROM event_logs))
        FROM users";
    assert_eq!(text(&database, state).await, "t account_opened:true");
    let again = binary.run(&open);
    assert!(again.code == 1 && again.err.contains("is open"), "{again:?}");
    execute("UPDATE users SET deleted_at = now(), is_active = false").await;
    let deleted = binary.run(&open);
    assert!(deleted.code == 1 && deleted.err.contains("nobody signs in as"), "{deleted:?}");
    assert_eq!(text(&database, state).await, "f account_opened:true");
}
