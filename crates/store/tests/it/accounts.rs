//! Accounts: made, changed, closed, deleted.
use crate::society::{HASH, Society, origin};
use domain::roles::Role;
use store::{
    accounts::{self, AccountError, Login, NewAccount, NewOperatorAccount, Profile, Settings},
    farms,
    members::MemberError,
    users,
};

const OTHER: &str = "$argon2id$v=19$m=19456,t=2,p=1$b3RoZXJzYWx0$b3RoZXJoYXNob3RoZXJoYXNob3RoZXJo";

#[tokio::test]
async fn who_signed_up_can_sign_in_and_a_taken_name_is_told_by_its_kind() {
    let society = Society::new().await;
    let new = NewAccount {
        email: Some("sok@example.com"),
        phone: Some("+85512345678"),
        name: "Sok",
        password_hash: HASH,
        language: "km",
    };
    let user =
        accounts::sign_up(&society.app, (accounts::new_id(), &new), &origin()).await.unwrap();
    for login in ["SOK@example.com", "+85512345678"] {
        let mut conn = society.app.get().await.unwrap();
        let found = users::find_for_sign_in(&mut conn, &[login.to_owned()]).await.unwrap().unwrap();
        assert_eq!((found.user, found.has_second_factor), (user, false));
    }
    let email = NewAccount { email: Some("Sok@example.com"), phone: None, ..new.clone() };
    let phone = NewAccount { email: None, ..new };
    for (again, taken) in [(email, Login::Email), (phone, Login::Phone)] {
        let refused =
            accounts::sign_up(&society.app, (accounts::new_id(), &again), &origin()).await;
        assert!(
            matches!(refused, Err(AccountError::Taken(which)) if which == taken),
            "{refused:?}"
        );
    }
    assert_eq!(society.events(None).await, ["signed_up"]);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let society = Society::new().await;
    let user = society.person("sok").await;
    let this = society.sign_in(user, "this").await;
    let other = society.sign_in(user, "other").await;
    let change = (OTHER, &this);
    let ended = accounts::change_password(&society.app, user, change, &origin()).await.unwrap();
    assert_eq!(ended.iter().collect::<Vec<_>>(), [&other]);
    assert!(society.session(&this).await.is_some());
    assert!(society.session(&other).await.is_none());
    let hash = accounts::password_hash(&society.app, user).await.unwrap();
    assert_eq!(hash.as_deref(), Some(OTHER));
    assert_eq!(society.events(None).await, ["signed_up", "password_changed"]);
}

#[tokio::test]
async fn a_better_hash_replaces_only_the_one_that_was_checked() {
    let society = Society::new().await;
    let user = society.person("sok").await;
    assert!(accounts::rehash(&society.app, user, (HASH, OTHER)).await.unwrap());
    assert!(
        !accounts::rehash(&society.app, user, (HASH, HASH)).await.unwrap(),
        "changed meanwhile"
    );
    assert_eq!(accounts::password_hash(&society.app, user).await.unwrap().as_deref(), Some(OTHER));
}

#[tokio::test]
async fn a_profile_is_changed_and_its_event_repeats_no_address() {
    let society = Society::new().await;
    let (user, _) = (society.person("sok").await, society.person("dara").await);
    let change = ("Sok Dara", Some("sok@example.com"), Some("+85512345678"));
    assert!(accounts::change_profile(&society.app, user, change, &origin()).await.unwrap());
    assert!(!accounts::change_profile(&society.app, user, change, &origin()).await.unwrap());
    let profile = Profile {
        name: "Sok Dara".to_owned(),
        email: Some("sok@example.com".to_owned()),
        phone: Some("+85512345678".to_owned()),
        username: None,
        has_second_factor: false,
    };
    assert_eq!(accounts::find(&society.app, user).await.unwrap(), Some(profile));
    let data =
        "SELECT event_data::text AS value FROM event_logs WHERE event_type = 'account_changed'";
    assert_eq!(society.texts(data).await, [r#"{"changed": ["name", "phone"]}"#]);
    let taken = ("Sok", Some("dara@example.com"), None);
    let refused = accounts::change_profile(&society.app, user, taken, &origin()).await;
    assert!(matches!(refused, Err(AccountError::Taken(Login::Email))), "{refused:?}");
    let nothing =
        accounts::change_profile(&society.app, user, ("Sok", None, None), &origin()).await;
    assert!(nothing.unwrap_err().to_string().contains("users_login_check"));
}

#[tokio::test]
async fn settings_are_seen_by_every_session() {
    let society = Society::new().await;
    let user = society.person("sok").await;
    let token = society.sign_in(user, "this").await;
    let settings = Settings {
        language: "en".to_owned(),
        timezone: "UTC".to_owned(),
        digits: "khmer".to_owned(),
        clock: "24h".to_owned(),
        text_size: "large".to_owned(),
        theme: "dark".to_owned(),
    };
    accounts::change_settings(&society.app, user, &settings, &origin()).await.unwrap();
    let found = society.session(&token).await.unwrap();
    let seen = Settings {
        language: found.language,
        timezone: found.timezone,
        digits: found.digits,
        clock: found.clock,
        text_size: found.text_size,
        theme: found.theme,
    };
    assert_eq!(seen, settings);
    let nowhere = Settings { timezone: "Asia/Angkor".to_owned(), ..settings };
    let refused = accounts::change_settings(&society.app, user, &nowhere, &origin()).await;
    assert!(refused.unwrap_err().to_string().contains("users_timezone_check"));
}

#[tokio::test]
async fn the_last_admin_can_neither_close_nor_delete_the_account() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let farm = society.farm(sok).await;
    let account = society.account(sok).await;
    let closed = accounts::deactivate(&society.app, &account, &origin()).await;
    assert!(matches!(closed, Err(MemberError::LastAdmin)), "{closed:?}");
    let deleted = accounts::delete(&society.app, &account, &origin()).await;
    assert!(matches!(deleted, Err(MemberError::LastAdmin)), "{deleted:?}");
    let needed = accounts::needed_by(&society.app, &account).await.unwrap();
    assert_eq!(needed.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [farm.farm()]);

    society.join(&farm, dara, Role::Admin).await;
    assert_eq!(accounts::needed_by(&society.app, &account).await.unwrap(), []);
    accounts::deactivate(&society.app, &account, &origin()).await.unwrap();
    let token = society.sign_in(sok, "again").await;
    assert!(society.session(&token).await.is_none());
}

#[tokio::test]
async fn a_paused_farm_needs_its_admin_as_well_and_is_left_with_the_account() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let (alone, shared) = (society.farm(sok).await, society.farm(sok).await);
    society.join(&shared, dara, Role::Admin).await;
    for scope in [&alone, &shared] {
        assert!(farms::pause(&society.app, scope, &origin()).await.unwrap());
    }
    let account = society.account(sok).await;
    assert_eq!(account.memberships, []);
    let needed = accounts::needed_by(&society.app, &account).await.unwrap();
    assert_eq!(needed.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [alone.farm()]);
    let deleted = accounts::delete(&society.app, &account, &origin()).await;
    assert!(matches!(deleted, Err(MemberError::LastAdmin)), "{deleted:?}");

    assert!(farms::resume(&society.app, sok, alone.farm(), &origin()).await.unwrap());
    assert!(farms::delete(&society.app, &alone, &origin()).await.unwrap());
    accounts::delete(&society.app, &account, &origin()).await.unwrap();
    let members = "SELECT u.name AS value FROM farm_users m JOIN users u ON u.id = m.user_id
        JOIN farms f ON f.id = m.farm_id AND f.deleted_at IS NULL WHERE m.deleted_at IS NULL";
    assert_eq!(society.texts(members).await, ["dara"]);
    assert_eq!(society.events(Some(shared.farm())).await.last().unwrap(), "member_left");
}

#[tokio::test]
async fn a_deleted_account_leaves_its_farms_and_its_names_free() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let farm = society.farm(sok).await;
    society.join(&farm, dara, Role::Admin).await;
    let token = society.sign_in(sok, "this").await;
    let account = society.session(&token).await.unwrap();
    let ended = accounts::delete(&society.app, &account, &origin()).await.unwrap();
    assert!(ended.contains(&token));
    assert!(society.session(&token).await.is_none());
    let mut conn = society.app.get().await.unwrap();
    assert!(
        users::find_for_sign_in(&mut conn, &["sok@example.com".to_owned()])
            .await
            .unwrap()
            .is_none()
    );
    assert_ne!(society.person("sok").await, sok);
    assert_eq!(
        society.events(Some(farm.farm())).await,
        ["farm_created", "invitation_made", "invitation_used", "member_left"]
    );
}

#[tokio::test]
async fn the_operator_makes_accounts_with_a_place_on_a_farm() {
    let society = Society::new().await;
    let farm = society.farm(society.person("sok").await).await;
    let account = NewAccount {
        email: None,
        phone: None,
        name: "Keeper",
        password_hash: HASH,
        language: "km",
    };
    let new = NewOperatorAccount {
        account,
        username: Some("keeper"),
        is_operator: true,
        membership: Some((farm.farm(), Role::Keeper)),
    };
    let pool = society.database.owner();
    let mut owner = pool.get().await.unwrap();
    let user = accounts::create_by_operator(&mut owner, &new, &origin()).await.unwrap();
    let account = society.account(user).await;
    assert!(account.is_operator);
    assert_eq!(account.scope(farm.farm()).unwrap().role(), Role::Keeper);
    let made = "SELECT concat_ws(' ', user_id, event_data ->> 'member') AS value FROM event_logs
        WHERE event_type = 'user_created'";
    assert_eq!(society.texts(made).await, [user.to_string()], "nobody of the farm did it");
    let again = accounts::create_by_operator(&mut owner, &new, &origin()).await;
    assert!(matches!(again, Err(AccountError::Taken(Login::Username))), "{again:?}");
}
