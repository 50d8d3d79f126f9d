//! Between the password and the second factor.
use crate::society::{HASH, NOW, Society, origin};
use domain::{Timestamp, UserId};
use std::time::Duration;
use store::{
    accounts, second_factor,
    sessions::TokenHash,
    sign_in_steps::{self, Finished, NewStep, Proof, Step},
};

const FIVE_MINUTES: Duration = Duration::from_secs(300);

async fn with_second_factor(society: &Society) -> UserId {
    let sok = society.person("sok").await;
    second_factor::begin(&society.app, sok, b"12345678901234567890", &origin()).await.unwrap();
    second_factor::turn_on(&society.app, sok, (7, &[]), &origin()).await.unwrap();
    sok
}

async fn begin(society: &Society, user: UserId) -> TokenHash {
    let token = TokenHash::of("step");
    let (now, expires_at) = (NOW, NOW.plus(FIVE_MINUTES));
    let new = NewStep { user, token: token.clone(), is_borrowed: true, now, expires_at };
    sign_in_steps::begin(&society.app, &new).await.unwrap();
    token
}

async fn find(society: &Society, token: &TokenHash, now: Timestamp) -> Option<Step> {
    sign_in_steps::find(&mut society.app.get().await.unwrap(), token, now).await.unwrap()
}

async fn is_finished(society: &Society, token: &TokenHash, now: Timestamp) -> bool {
    let mut app = society.app.get().await.unwrap();
    sign_in_steps::is_finished(&mut app, token, now).await.unwrap()
}

async fn finish(society: &Society, user: UserId, (token, step): (&TokenHash, i64)) -> Finished {
    let proof = (token, &Proof::Step(step));
    sign_in_steps::finish(&society.app, user, proof, &origin()).await.unwrap()
}

#[tokio::test]
async fn a_step_lasts_its_minutes_and_is_finished_once() {
    let society = Society::new().await;
    let sok = with_second_factor(&society).await;
    let token = begin(&society, sok).await;
    let step = find(&society, &token, NOW).await.unwrap();
    assert_eq!((step.user, step.is_borrowed, step.language.as_str()), (sok, true, "km"));
    assert!(find(&society, &token, NOW.plus(FIVE_MINUTES)).await.is_none());
    assert!(society.session(&token).await.is_none(), "it is no session");
    let dara = society.person("dara").await;
    let finish = async |user, step| finish(&society, user, (&token, step)).await;
    assert_eq!(finish(dara, 8).await, Finished::Before, "not theirs");
    assert_eq!(finish(sok, 7).await, Finished::Wrong, "its code was used to turn it on");
    assert!(find(&society, &token, NOW).await.is_some(), "it goes on");
    assert!(!is_finished(&society, &token, NOW).await);
    let (one, other) = tokio::join!(finish(sok, 8), finish(sok, 8));
    let of_two = [[one, other], [other, one]];
    assert!(of_two.contains(&[Finished::Now, Finished::Before]), "of two at once one gets in");
    assert!(find(&society, &token, NOW).await.is_none());
    assert!(is_finished(&society, &token, NOW).await, "which it tells for its minutes");
    assert!(!is_finished(&society, &token, NOW.plus(FIVE_MINUTES)).await);
    assert!(!is_finished(&society, &TokenHash::of("another"), NOW).await);
    // what came too late has used no code up
    assert_eq!(finish(sok, 9).await, Finished::Before);
    assert!(second_factor::use_step(&society.app, sok, 9).await.unwrap());
}

#[tokio::test]
async fn whatever_changes_at_the_account_ends_a_step() {
    for change in [
        "UPDATE users SET password_hash = repeat('y', 97)",
        "UPDATE users SET is_active = false",
        "UPDATE users SET deleted_at = now()",
        "UPDATE users SET mfa_enabled = false",
    ] {
        let society = Society::new().await;
        let sok = with_second_factor(&society).await;
        let token = begin(&society, sok).await;
        society.execute(change).await;
        assert!(find(&society, &token, NOW).await.is_none(), "{change}");
        assert_eq!(finish(&society, sok, (&token, 8)).await, Finished::Before, "{change}");
        assert!(!is_finished(&society, &token, NOW).await, "{change}");
    }
}

#[tokio::test]
async fn a_better_hash_of_the_same_password_comes_before_the_step() {
    let society = Society::new().await;
    let sok = with_second_factor(&society).await;
    let better = HASH.replace("c2FsdA", "c2FsdB");
    assert!(accounts::rehash(&society.app, sok, (HASH, &better)).await.unwrap());
    let token = begin(&society, sok).await;
    assert!(find(&society, &token, NOW).await.is_some());
}
