//! The second factor: on, off, and no code twice.
use crate::society::{NOW, Society, code, origin};
use store::{accounts, second_factor};

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
    assert!(!second_factor::use_recovery_code(app, sok, &code(1), &origin()).await.unwrap());

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

    let (first, origin) = (code(1), origin());
    assert!(!second_factor::use_recovery_code(app, dara, &first, &origin).await.unwrap());
    let (one, other) = tokio::join!(
        second_factor::use_recovery_code(app, sok, &first, &origin),
        second_factor::use_recovery_code(app, sok, &first, &origin),
    );
    assert_eq!([one.unwrap(), other.unwrap()].iter().filter(|used| **used).count(), 1);
    assert_eq!(second_factor::recovery_codes_left(app, sok).await.unwrap(), 0);
}
