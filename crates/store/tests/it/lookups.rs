//! The two look-ups that come before a request has a scope.
use crate::{sql, world};
use diesel_async::AsyncPgConnection;
use serde::Deserialize;
use testkit::TestDatabase;

#[derive(Deserialize)]
struct Account {
    name: String,
    platform_role: String,
    farm_ids: Vec<String>,
    roles: Vec<String>,
}

/// A person's session, looked up so much later.
async fn session(app: &mut AsyncPgConnection, person: &str, later: &str) -> Vec<Account> {
    let token = format!("encode(sha256('session {person}'), 'hex')");
    let query = format!("SELECT * FROM session_account({token}, now() + interval '{later}')");
    sql::rows(app, &query).await
}

#[tokio::test]
async fn a_session_gives_its_person_and_memberships_in_one_row() {
    let database = filled().await;
    let pool = database.app();
    let found = session(&mut pool.get().await.unwrap(), "a", "0").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "Person a");
    assert_eq!(found[0].platform_role, "viewer");
    assert_eq!(found[0].roles, ["admin"]);
    assert_eq!(found[0].farm_ids.len(), 1);
}

#[tokio::test]
async fn an_ended_session_gives_nothing() {
    let database = filled().await;
    let (owner, app) = (database.owner(), database.app());
    let (mut owner, mut app) = (owner.get().await.unwrap(), app.get().await.unwrap());
    world::second_admin(&mut owner).await;
    assert!(session(&mut app, "a", "91 days").await.is_empty(), "expired");
    for end in [
        "UPDATE users SET is_active = false WHERE name = 'Person a'",
        "UPDATE users SET is_active = true, deleted_at = now() WHERE name = 'Person a'",
        "UPDATE users SET deleted_at = NULL WHERE name = 'Person a';
            UPDATE user_sessions SET is_active = false WHERE user_id = md5('users a')::uuid",
    ] {
        sql::execute(&mut owner, end).await;
        assert!(session(&mut app, "a", "0").await.is_empty(), "{end}");
    }
    assert_eq!(session(&mut app, "b", "0").await.len(), 1);
    sql::execute(&mut owner, "UPDATE user_sessions SET deleted_at = now()").await;
    assert!(session(&mut app, "b", "0").await.is_empty(), "deleted");
}

#[tokio::test]
async fn an_ended_session_stays_ended() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    for (person, end, revive) in [
        ("a", "is_active = false", "is_active = true"),
        ("b", "deleted_at = now()", "deleted_at = NULL"),
    ] {
        let set = |what: &str| {
            format!(
                "UPDATE user_sessions SET {what} WHERE id = {}",
                world::id("user_sessions", person)
            )
        };
        sql::execute(&mut owner, &set(end)).await;
        sql::execute(&mut owner, &set("last_activity = now()")).await;
        let refusal = sql::refusal(&mut owner, &set(revive)).await;
        assert!(refusal.contains("stays ended"), "{revive}: {refusal}");
    }
}

#[tokio::test]
async fn a_removed_member_keeps_the_session_and_loses_the_farm() {
    let database = filled().await;
    let (owner, app) = (database.owner(), database.app());
    let (mut owner, mut app) = (owner.get().await.unwrap(), app.get().await.unwrap());
    world::second_admin(&mut owner).await;
    let remove = "UPDATE farm_users SET deleted_at = now() WHERE user_id = md5('users a')::uuid";
    sql::execute(&mut owner, remove).await;
    assert!(session(&mut app, "a", "0").await[0].farm_ids.is_empty());
}

#[tokio::test]
async fn any_of_three_names_signs_in() {
    let database = filled().await;
    let (owner, app) = (database.owner(), database.app());
    let (mut owner, mut app) = (owner.get().await.unwrap(), app.get().await.unwrap());
    let names =
        "UPDATE users SET phone = '+85512345678', username = 'Dara' WHERE name = 'Person a'";
    sql::execute(&mut owner, names).await;
    let person =
        sql::texts(&mut owner, "SELECT md5('users a')::uuid::text AS value").await.remove(0);
    for login in [
        "taken-a@a.example",
        " Taken-A@A.example ",
        "dara",
        "012 345 678",
        "+855 (0)12-345-678",
        "៨៥៥១២៣៤៥៦៧៨",
    ] {
        assert_eq!(sign_in_accounts(&mut app, login).await, [person.as_str()], "{login}");
    }
    for login in ["", "nobody", "taken-a", "0123", "+85512345679"] {
        assert!(sign_in_accounts(&mut app, login).await.is_empty(), "{login}");
    }
}

/// Whose names a person may have typed.
async fn sign_in_accounts(app: &mut AsyncPgConnection, typed: &str) -> Vec<String> {
    let login = domain::phones::normalise(typed).unwrap_or_else(|| typed.to_owned());
    let query = format!("SELECT user_id::text AS value FROM sign_in_account('{login}')");
    sql::texts(app, &query).await
}

#[tokio::test]
async fn a_phone_number_is_stored_in_one_form() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    for phone in ["012345678", "85512345678", "+012345678", "+855 12345678", "+85512", "+"] {
        let update = format!("UPDATE users SET phone = '{phone}' WHERE name = 'Person a'");
        let refusal = sql::refusal(&mut owner, &update).await;
        assert!(refusal.contains("users_phone_check"), "{phone}: {refusal}");
    }
    let same = "UPDATE users SET phone = '+85512345678'";
    let refusal = sql::refusal(&mut owner, same).await;
    assert!(refusal.contains("users_phone_key"), "{refusal}");
}

#[tokio::test]
async fn a_deleted_account_gives_its_names_back() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    let again = "INSERT INTO users (email, password_hash, name)
        VALUES ('TAKEN-A@a.example', repeat('x', 60), 'Another')";
    let refusal = sql::refusal(&mut owner, again).await;
    assert!(refusal.contains("users_email_key"), "{refusal}");
    world::second_admin(&mut owner).await;
    sql::execute(&mut owner, "UPDATE users SET deleted_at = now() WHERE name = 'Person a'").await;
    sql::execute(&mut owner, again).await;
}

async fn filled() -> TestDatabase {
    let database = testkit::database().await;
    world::fill(&mut database.owner().get().await.unwrap()).await;
    database
}
