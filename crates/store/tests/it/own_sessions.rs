//! A person's own sessions: listed, named, ended, given new tokens; and borrowed ones.
use crate::society::{NOW, Society, later, new_session, origin};
use domain::{SessionId, Timestamp};
use std::time::Duration;
use store::sessions::{self, TokenHash, Visit};

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
    assert!(sessions::name_device(&society.app, sok, (id, name)).await.unwrap());
    assert!(!sessions::name_device(&society.app, sok, (theirs, name)).await.unwrap());

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

#[tokio::test]
async fn a_rotated_token_works_and_the_old_one_for_half_a_minute_and_no_rotation() {
    let society = Society::new().await;
    let app = &society.app;
    let sok = society.person("sok").await;
    let (old, new) = (society.sign_in(sok, "old").await, TokenHash::of("new"));
    let before = society.session(&old).await.unwrap();
    assert!(sessions::rotate(app, sok, (&old, &new), NOW).await.unwrap());
    assert!(!sessions::rotate(app, sok, (&old, &TokenHash::of("x")), NOW).await.unwrap());
    assert_eq!(society.session(&new).await.unwrap().session, before.session);
    let old_after = async |seconds| {
        let at = NOW.plus(Duration::from_secs(seconds));
        sessions::find(&mut app.get().await.unwrap(), &old, at).await.unwrap()
    };
    assert_eq!(old_after(29).await.unwrap().session, before.session);
    assert!(old_after(30).await.is_none());
    let again = sessions::find_again(app, &before, later(1)).await.unwrap();
    assert_eq!(again.unwrap().session, before.session, "an open page goes on");
    let newer = TokenHash::of("newer");
    assert!(sessions::rotate(app, sok, (&new, &newer), NOW).await.unwrap());
    assert!(society.session(&old).await.is_none(), "only the last but one is taken");
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
