//! The second factor: on, off, and no code twice.
use crate::society::{NOW, Society, code, origin};
use domain::UserId;
use std::time::Duration;
use store::{
    accounts, second_factor,
    sessions::TokenHash,
    sign_in_steps::{self, Finished, NewStep, Proof},
};

const SECRET: &[u8] = b"12345678901234567890";

#[tokio::test]
async fn a_factor_is_begun_turned_on_and_turned_off() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let app = &society.app;
    let early = second_factor::turn_on(app, sok, (7, &[]), &origin()).await;
    assert!(early.unwrap_err().to_string().contains("users_mfa_check"), "nothing was begun");
    assert!(second_factor::begin(app, sok, SECRET, &origin()).await.unwrap());
    let found = second_factor::find(app, sok).await.unwrap().unwrap();
    assert_eq!((found.secret.as_slice(), found.newest_step), (SECRET, None));
    assert_eq!(second_factor::find(app, dara).await.unwrap(), None);

    let codes: Vec<_> = (0..10).map(code).collect();
    assert!(second_factor::turn_on(app, sok, (7, &codes), &origin()).await.unwrap());
    assert!(!second_factor::turn_on(app, sok, (8, &codes), &origin()).await.unwrap());
    assert!(!second_factor::begin(app, sok, &[0; 20], &origin()).await.unwrap(), "it is on");
    assert!(accounts::find(app, sok).await.unwrap().unwrap().has_second_factor);
    assert_eq!(second_factor::recovery_codes_left(app, sok).await.unwrap(), 10);
    let made = async |who| second_factor::recovery_codes_made_at(app, who, &codes).await.unwrap();
    assert_eq!(made(sok).await, Some(NOW));
    assert_eq!(made(dara).await, None);

    let other = [code(10), code(11)];
    assert!(second_factor::renew_recovery_codes(app, sok, &other, &origin()).await.unwrap());
    assert!(!second_factor::renew_recovery_codes(app, dara, &other, &origin()).await.unwrap());
    assert_eq!(second_factor::recovery_codes_left(app, sok).await.unwrap(), 2);
    assert_eq!(made(sok).await, None, "others now");
    assert_eq!(finish(&society, sok, ("a", &Proof::Recovery(code(1)))).await, Finished::Wrong);

    assert!(second_factor::turn_off(app, sok, &origin()).await.unwrap());
    assert!(!second_factor::turn_off(app, sok, &origin()).await.unwrap());
    assert_eq!(second_factor::find(app, sok).await.unwrap(), None);
    assert_eq!(second_factor::recovery_codes_left(app, sok).await.unwrap(), 0);
    let events = society.events(None).await;
    assert_eq!(
        events,
        [
            "signed_up",
            "signed_up",
            "second_factor_begun",
            "second_factor_on",
            "recovery_codes_made",
            "second_factor_off"
        ]
    );
}

#[tokio::test]
async fn no_code_works_twice_not_even_at_once() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let app = &society.app;
    second_factor::begin(app, sok, SECRET, &origin()).await.unwrap();
    second_factor::turn_on(app, sok, (7, &[code(1)]), &origin()).await.unwrap();
    assert!(!second_factor::use_step(app, sok, 7).await.unwrap(), "it turned it on");
    let (one, other) =
        tokio::join!(second_factor::use_step(app, sok, 8), second_factor::use_step(app, sok, 8));
    assert_eq!([one.unwrap(), other.unwrap()].iter().filter(|used| **used).count(), 1);
    assert!(!second_factor::use_step(app, dara, 9).await.unwrap(), "has none");

    let first = Proof::Recovery(code(1));
    // two sittings, each with a step of its own; dara's has ended, since no second factor is on there
    assert_eq!(finish(&society, dara, ("a", &first)).await, Finished::Before);
    let (one, other) =
        tokio::join!(finish(&society, sok, ("b", &first)), finish(&society, sok, ("c", &first)),);
    assert!([[one, other], [other, one]].contains(&[Finished::Now, Finished::Wrong]));
    assert_eq!(second_factor::recovery_codes_left(app, sok).await.unwrap(), 0);
}

/// Begins a sign-in under a token and tries to end it.
async fn finish(society: &Society, user: UserId, (token, proof): (&str, &Proof)) -> Finished {
    let token = TokenHash::of(token);
    let expires_at = NOW.plus(Duration::from_secs(300));
    let new = NewStep { user, token: token.clone(), is_borrowed: false, now: NOW, expires_at };
    sign_in_steps::begin(&society.app, &new).await.unwrap();
    sign_in_steps::finish(&society.app, user, (&token, proof), &origin()).await.unwrap()
}
