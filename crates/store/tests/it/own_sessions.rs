//! A person's own sessions: listed, named, ended, given new tokens; and borrowed ones.
use crate::society::{NOW, Society, later, new_session, origin};
use domain::{SessionId, Timestamp, UserId};
use std::time::Duration;
use store::sessions::{self, Account, TokenHash, Visit};

#[tokio::test]
async fn a_person_sees_and_names_their_own_sessions_alone() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let this = society.sign_in(sok, "this").await;
    society.sign_in(sok, "other").await;
    let theirs = society.sign_in(dara, "theirs").await;
    let theirs = society.session(&theirs).await.unwrap().session;

    let id = society.session(&this).await.unwrap().session;
    let name = Some("ទូរស័ព្ទ");
    assert!(sessions::name_device(&society.app, sok, (id, name), &origin()).await.unwrap());
    assert!(!sessions::name_device(&society.app, sok, (theirs, name), &origin()).await.unwrap());
    assert_eq!(society.events(None).await, ["signed_up", "signed_up", "session_named"]);

    let list = sessions::list(&society.app, sok, &this, NOW).await.unwrap();
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|session| session.user_agent == "Browser"
        && session.address == Some("192.0.2.7".parse().unwrap())));
    let mine = list.iter().find(|session| session.is_this).unwrap();
    assert_eq!((mine.id, mine.device_name.as_deref()), (id, name));
    assert!(sessions::list(&society.app, sok, &this, later(91)).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_session_is_ended_and_nobody_elses() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let token = society.sign_in(sok, "lost").await;
    let id = society.session(&token).await.unwrap().session;
    let end =
        async |user, id: SessionId| sessions::end_one(&society.app, user, id, &origin()).await;
    assert_eq!(end(dara, id).await.unwrap(), None);
    assert_eq!(end(sok, id).await.unwrap(), Some(token.clone()));
    assert_eq!(end(sok, id).await.unwrap(), None);
    assert!(society.session(&token).await.is_none());
    assert_eq!(society.events(None).await, ["signed_up", "signed_up", "session_ended"]);
}

#[tokio::test]
async fn all_other_sessions_are_ended_at_once() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    let this = society.sign_in(sok, "this").await;
    for n in 0..3 {
        society.sign_in(sok, &n.to_string()).await;
    }
    let ended = sessions::end_others(&society.app, sok, &this, &origin()).await.unwrap();
    assert_eq!(ended.len(), 3);
    assert_eq!(sessions::list(&society.app, sok, &this, NOW).await.unwrap().len(), 1);
}

/// Somebody whose session has got a new token.
struct Rotated {
    society: Society,
    user: UserId,
    session: SessionId,
    old: TokenHash,
    new: TokenHash,
}

impl Rotated {
    async fn new() -> Self {
        let society = Society::new().await;
        let user = society.person("sok").await;
        let (old, new) = (society.sign_in(user, "old").await, TokenHash::of("new"));
        let session = society.session(&old).await.unwrap().session;
        let rotated = Self { society, user, session, old, new };
        assert_eq!(rotated.rotate(&rotated.old, "new", 0).await, Some(rotated.old.clone()));
        rotated
    }

    async fn rotate(&self, old: &TokenHash, new: &str, second: u64) -> Option<TokenHash> {
        let tokens = (old, &TokenHash::of(new));
        sessions::rotate(&self.society.app, self.user, tokens, seconds(second)).await.unwrap()
    }

    async fn confirm(&self, second: u64) {
        let (app, now) = (&self.society.app, seconds(second));
        sessions::confirm(app, self.user, &self.new, now).await.unwrap();
    }

    async fn find(&self, token: &TokenHash, second: u64) -> Option<Account> {
        let mut conn = self.society.app.get().await.unwrap();
        sessions::find(&mut conn, token, seconds(second)).await.unwrap()
    }
}

fn seconds(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

#[tokio::test]
async fn a_rotated_token_works_and_the_old_one_until_half_a_minute_after_the_new_one_was_seen() {
    let rotated = Rotated::new().await;
    let Rotated { society, session, old, new, .. } = &rotated;
    assert_eq!(rotated.rotate(old, "x", 0).await, None, "a page on its way");
    let found = rotated.find(new, 60).await.unwrap();
    assert_eq!((found.session, found.is_current, found.is_unconfirmed), (*session, true, true));
    rotated.confirm(60).await;
    rotated.confirm(80).await;
    assert!(!rotated.find(new, 80).await.unwrap().is_unconfirmed);
    let before = rotated.find(old, 89).await.unwrap();
    assert_eq!((before.session, before.is_current, before.must_rotate), (*session, false, false));
    assert!(rotated.find(old, 90).await.is_none());
    assert_eq!(rotated.rotate(old, "x", 89).await, None, "it brings nobody a new one");
    let again = sessions::find_again(&society.app, &before, later(1)).await.unwrap();
    assert_eq!(again.unwrap().session, *session, "an open page goes on");
    assert_eq!(rotated.rotate(new, "newer", 90).await.as_ref(), Some(new));
    assert!(rotated.find(old, 90).await.is_none(), "only the last but one is taken");
}

#[tokio::test]
async fn whose_new_token_was_lost_gets_another_by_the_old_one() {
    let rotated = Rotated::new().await;
    let Rotated { session, old, new, .. } = &rotated;
    assert!(!rotated.find(old, 29).await.unwrap().must_rotate, "the answer may be on its way");
    assert_eq!(rotated.rotate(old, "x", 29).await, None);
    let found = rotated.find(old, 60).await.unwrap();
    assert_eq!((found.session, found.must_rotate), (*session, true));
    let (one, other) =
        tokio::join!(rotated.rotate(old, "one", 60), rotated.rotate(old, "other", 60));
    assert_eq!(one.xor(other).as_ref(), Some(new), "one of two at once");
    assert!(rotated.find(new, 60).await.is_none(), "nobody has it");
    assert!(rotated.find(old, 60 + 599).await.is_some(), "that answer may be lost as well");
}

#[tokio::test]
async fn the_old_token_ends_ten_minutes_after_the_rotation_at_the_latest() {
    let rotated = Rotated::new().await;
    assert!(rotated.find(&rotated.old, 599).await.is_some());
    assert!(rotated.find(&rotated.old, 600).await.is_none());
    assert_eq!(rotated.rotate(&rotated.old, "x", 600).await, None);
    rotated.confirm(590).await;
    assert!(rotated.find(&rotated.old, 601).await.is_none());
    let ending = sessions::Ending {
        token: &rotated.old,
        address: None,
        user_agent: None,
        now: seconds(660),
    };
    let app = &rotated.society.app;
    sessions::end(app, &store::cache::Cache::default(), &ending).await.unwrap();
    assert!(rotated.find(&rotated.new, 660).await.is_some(), "nor does it end the session");
}

#[tokio::test]
async fn who_comes_with_the_token_before_is_the_same_session_still() {
    let society = Society::new().await;
    let app = &society.app;
    let sok = society.person("sok").await;
    let (old, new) = (society.sign_in(sok, "old").await, TokenHash::of("new"));
    society.sign_in(sok, "other").await;
    sessions::rotate(app, sok, (&old, &new), NOW).await.unwrap();
    let list = sessions::list(app, sok, &old, NOW).await.unwrap();
    assert_eq!(list.iter().filter(|session| session.is_this).count(), 1);
    assert_eq!(sessions::end_others(app, sok, &old, &origin()).await.unwrap().len(), 1);
    assert!(society.session(&new).await.is_some());
    let ending = sessions::Ending { token: &old, address: None, user_agent: None, now: NOW };
    sessions::end(app, &store::cache::Cache::default(), &ending).await.unwrap();
    assert!(society.session(&new).await.is_none());
    assert!(society.session(&old).await.is_none());
}

#[tokio::test]
async fn a_borrowed_session_ends_when_it_was_to_end_however_much_it_is_used() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    let end: Timestamp = NOW.plus(Duration::from_secs(1800));
    let new = sessions::NewSession { expires_at: end, ..new_session(sok, "borrowed") };
    sessions::create_borrowed(&society.app, &new).await.unwrap();
    let visit = Visit {
        user: sok,
        token: new.token.clone(),
        last_farm: None,
        now: NOW,
        expires_at: later(90),
    };
    sessions::visit(&society.app, &visit).await.unwrap();
    let account = society.session(&new.token).await.unwrap();
    assert!(account.is_borrowed);
    assert_eq!(account.expires_at, end);
}
