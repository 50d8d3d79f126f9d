//! A session that has ended stays ended, whatever becomes of Redis.
use super::{Site, world::NOW};
use app::visitor::token;
use domain::{UserId, codes::Code};
use http::StatusCode;
use std::time::Duration;
use store::{
    Database, Origin, accounts,
    accounts::NewAccount,
    cache::Cache,
    resets,
    sessions::{self, Ending, NewSession, TokenHash},
};
use testkit::TestRedis;
use tower_sessions::session::Id;

/// How sessions end. A hundred of each way, of one person each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    SignedOut,
    EndedInTheList,
    AllOthersEnded,
    PasswordChanged,
    PasswordReset,
    AccountClosed,
    AccountDeleted,
    LockedOut,
    Rotated,
    Expired,
}

const WAYS: [Way; 10] = [
    Way::SignedOut,
    Way::EndedInTheList,
    Way::AllOthersEnded,
    Way::PasswordChanged,
    Way::PasswordReset,
    Way::AccountClosed,
    Way::AccountDeleted,
    Way::LockedOut,
    Way::Rotated,
    Way::Expired,
];
const OF_EACH: usize = 100;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// One person's sessions, as their browsers hold them.
struct Person {
    user: UserId,
    name: String,
    ids: Vec<Id>,
}

fn origin() -> Origin<'static> {
    Origin { at: NOW, address: None, user_agent: None }
}

/// Signs somebody in, without the cost of the password.
async fn begin(site: &Site, user: UserId, lasts: Duration) -> Id {
    let id = Id::default();
    let new = NewSession {
        user,
        token: token(&id),
        address: "192.0.2.1".parse().unwrap(),
        user_agent: "Browser".to_owned(),
        now: NOW,
        expires_at: NOW.plus(lasts),
    };
    let (database, cache) = (&site.web.app.database, &site.web.app.cache);
    sessions::create(database, &new).await.unwrap();
    sessions::mirror(database, cache, &new.token, NOW).await.unwrap();
    id
}

async fn person(site: &Site, way: Way) -> Person {
    let name = format!("{way:?}");
    let email = format!("{name}@example.com");
    let new = NewAccount {
        email: Some(&email),
        phone: None,
        name: &name,
        password_hash: &"x".repeat(97),
        language: "en",
    };
    let user = accounts::sign_up(&site.web.app.database, (accounts::new_id(), &new), &origin())
        .await
        .unwrap();
    let lasts = if way == Way::Expired { HOUR } else { 24 * HOUR };
    let mut ids = Vec::new();
    for _ in 0..OF_EACH {
        ids.push(begin(site, user, lasts).await);
    }
    Person { user, name, ids }
}

/// Whether the cookie opens a page.
async fn opens(site: &mut Site, id: Id) -> bool {
    site.sign_in_with(&format!("session={id}"));
    let answer = site.get("/farms").await;
    if answer.status == StatusCode::OK {
        return true;
    }
    let door = (StatusCode::SEE_OTHER, "/sign-in?next=/farms");
    assert_eq!((answer.status, answer.header("location")), door);
    false
}

async fn opening(site: &mut Site, people: &[Person]) -> usize {
    let mut count = 0;
    for id in people.iter().flat_map(|person| &person.ids) {
        count += usize::from(opens(site, *id).await);
    }
    count
}

/// Ends all of a person's sessions but `kept`.
async fn end(site: &mut Site, way: Way, person: &Person, kept: &TokenHash) {
    let database: Database = site.web.app.database.clone();
    let (database, user, origin) = (&database, person.user, &origin());
    let account = async |id: &Id| {
        let mut conn = database.get().await.unwrap();
        sessions::find(&mut conn, &token(id), NOW).await.unwrap().unwrap()
    };
    match way {
        Way::SignedOut => {
            // as often as one may press the button in a minute, and the rest as the button does it
            let (pressed, rest) = person.ids.split_at(25);
            for id in pressed {
                site.sign_in_with(&format!("session={id}"));
                assert_eq!(site.post("/sign-out", "").await.status, StatusCode::SEE_OTHER);
            }
            for id in rest {
                let ending =
                    Ending { token: &token(id), address: None, user_agent: None, now: NOW };
                sessions::end(database, &site.web.app.cache, &ending).await.unwrap();
            }
        }
        Way::EndedInTheList => {
            for id in &person.ids {
                let session = account(id).await.session;
                sessions::end_one(database, user, session, origin).await.unwrap().unwrap();
            }
        }
        Way::AllOthersEnded => {
            let ended = sessions::end_others(database, user, kept, origin).await.unwrap();
            assert_eq!(ended.len(), OF_EACH);
        }
        Way::PasswordChanged => {
            let password = ("y".repeat(97), kept);
            let new = (password.0.as_str(), password.1);
            accounts::change_password(database, user, new, origin).await.unwrap();
        }
        Way::PasswordReset => {
            let (owner, code) = (site.database.owner(), Code::from_bits(7));
            let issue = (user, &code, NOW.plus(HOUR));
            let mut conn = owner.get().await.unwrap();
            assert!(resets::issue_by_operator(&mut conn, issue, origin).await.unwrap());
            let hash = "y".repeat(97);
            let whose = resets::use_code(database, (&code, &hash), origin).await.unwrap();
            assert_eq!(whose.map(|reset| reset.user), Some(user));
        }
        Way::AccountClosed => {
            let account = account(&person.ids[0]).await;
            accounts::deactivate(database, &account, origin).await.unwrap();
        }
        Way::AccountDeleted => {
            let account = account(&person.ids[0]).await;
            accounts::delete(database, &account, origin).await.unwrap();
        }
        Way::LockedOut => {
            let lock = format!("UPDATE users SET is_active = false WHERE name = '{}'", person.name);
            site.sql(&lock).await;
        }
        Way::Rotated => {
            for id in &person.ids {
                let (old, new) = (token(id), token(&Id::default()));
                let replaced = sessions::rotate(database, user, (&old, &new), NOW).await.unwrap();
                assert_eq!(replaced, Some(old));
                sessions::confirm(database, user, &new, NOW).await.unwrap();
            }
            // pages that were on their way with the old token have arrived by then
            site.web.app.clock.anchor(NOW.plus(MINUTE));
        }
        Way::Expired => site.web.app.clock.anchor(NOW.plus(HOUR)),
    }
}

/// Waits until the server has found Redis again, as far as copies of new sessions tell.
async fn is_used_again(site: &mut Site, redis: &TestRedis) {
    let before: usize = redis.run("DBSIZE");
    let found = async {
        while redis.run::<usize>("DBSIZE") == before {
            site.sign_in("sok").await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("Redis is found again");
}

#[tokio::test]
async fn none_of_a_thousand_ended_sessions_works_again_after_redis_comes_back_from_an_old_snapshot()
{
    let mut redis = testkit::own_redis();
    let mut site = Site::with(Cache::new(&redis.url()).unwrap(), "http://127.0.0.1:3000").await;
    let mut people = Vec::new();
    let mut kept = Vec::new();
    for way in WAYS {
        let person = person(&site, way).await;
        kept.push(begin(&site, person.user, 24 * HOUR).await);
        people.push(person);
    }
    assert_eq!(opening(&mut site, &people).await, 1000);
    let snapshot = redis.snapshot();
    assert!(redis.run::<usize>("DBSIZE") >= 1000);

    for ((way, person), kept) in WAYS.into_iter().zip(&people).zip(&kept) {
        end(&mut site, way, person, &token(kept)).await;
    }
    assert_eq!(opening(&mut site, &people).await, 0, "at once");
    redis.kill();
    redis.start_with(&[]);
    let _: String = redis.run("FLUSHALL");
    redis.kill();
    redis.start_with(&snapshot);
    let copies: usize = redis.run("DBSIZE");
    assert!(copies >= 1000, "{copies} are back");
    is_used_again(&mut site, &redis).await;
    assert_eq!(opening(&mut site, &people).await, 0, "with the old snapshot");

    let mut living = Vec::new();
    for (way, kept) in WAYS.into_iter().zip(kept) {
        if opens(&mut site, kept).await {
            living.push(way);
        }
    }
    let ended_with_the_others =
        [Way::PasswordReset, Way::AccountClosed, Way::AccountDeleted, Way::LockedOut];
    let spared = WAYS.into_iter().filter(|way| !ended_with_the_others.contains(way));
    assert_eq!(living, spared.collect::<Vec<_>>(), "and a session that was not ended lives");
}
