//! Codes for forgotten passwords: who may issue them, and that each works once.
use crate::society::{HASH, NOW, Society, code, later, origin};
use domain::roles::Role;
use std::time::Duration;
use store::{
    accounts,
    resets::{self, Open, Reset},
    sessions::TokenHash,
};

const NEW: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bmV3bmV3bmV3bmV3$bmV3aGFzaG5ld2hhc2huZXdoYXNobmV3aGE";

#[tokio::test]
async fn a_code_sets_one_new_password_and_ends_all_sessions() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    society.join(&admin, dara, Role::Manager).await;
    let token = society.sign_in(dara, "phone").await;
    for bits in [1, 2] {
        let new = (dara, &code(bits), later(1));
        assert!(resets::issue(&society.app, &admin, new, &origin()).await.unwrap());
    }
    let mut conn = society.app.get().await.unwrap();
    assert_eq!(resets::find(&mut conn, &code(1), NOW).await.unwrap(), None, "a newer one was made");
    assert_eq!(resets::find(&mut conn, &code(2), later(1)).await.unwrap(), None, "expired");
    let found = resets::find(&mut conn, &code(2), NOW).await.unwrap();
    let open = Open { user: dara, name: "dara".to_owned(), expires_at: later(1) };
    assert_eq!(found, Some(open));

    let (second, origin) = (code(2), origin());
    let (one, other) = tokio::join!(
        resets::use_code(&society.app, (&second, NEW), &origin),
        resets::use_code(&society.app, (&second, HASH), &origin),
    );
    let used: Vec<_> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    let [Reset { user, ended }] = used.as_slice() else { panic!("{used:?}") };
    // joining the farm has signed Dara in once more
    assert_eq!((*user, ended.len(), ended.contains(&token)), (dara, 2, true));
    assert!(society.session(&token).await.is_none());
    let events = society.events(None).await;
    assert_eq!(events, ["signed_up", "signed_up", "password_reset"]);
}

#[tokio::test]
async fn a_code_is_issued_for_those_below_who_belong_to_no_other_farm() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let manager = society.join(&admin, dara, Role::Manager).await;
    let other = society.person("other").await;
    society.join(&admin, other, Role::Manager).await;
    let keeper = society.person("keeper").await;
    let keeper_scope = society.join(&admin, keeper, Role::Keeper).await;
    let viewer = society.person("viewer").await;
    society.join(&admin, viewer, Role::Viewer).await;
    let stranger = society.person("stranger").await;
    let issue = async |scope, member| {
        let wish = (member, &code(1), later(1));
        let issued = resets::issue(&society.app, scope, wish, &origin()).await.unwrap();
        society.execute("DELETE FROM reset_codes").await;
        issued
    };
    assert!(issue(&manager, keeper).await);
    assert!(issue(&admin, dara).await);
    assert!(!issue(&manager, other).await, "of one's own rank");
    assert!(!issue(&manager, sok).await, "above");
    assert!(!issue(&admin, sok).await, "oneself");
    assert!(!issue(&keeper_scope, viewer).await, "by a keeper");
    assert!(!issue(&admin, stranger).await, "no member");
    society.farm(viewer).await;
    assert!(!issue(&admin, viewer).await, "another farm's too");
    society.execute("UPDATE users SET role = 'admin' WHERE name = 'keeper'").await;
    assert!(!issue(&admin, keeper).await, "an operator");
}

#[tokio::test]
async fn the_operator_issues_for_anybody() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    society.farm(sok).await;
    let pool = society.database.owner();
    let mut owner = pool.get().await.unwrap();
    let wish = (sok, &code(1), later(1));
    assert!(resets::issue_by_operator(&mut owner, wish, &origin()).await.unwrap());
    let used = resets::use_code(&society.app, (&code(1), NEW), &origin()).await.unwrap();
    assert_eq!(used, Some(Reset { user: sok, ended: Vec::new() }));
    assert_eq!(accounts::password_hash(&society.app, sok).await.unwrap().as_deref(), Some(NEW));
}

#[tokio::test]
async fn a_code_ends_when_the_rights_of_its_issuer_or_of_its_owner_change() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let manager = society.join(&admin, dara, Role::Manager).await;
    let keeper = society.person("keeper").await;
    society.join(&admin, keeper, Role::Keeper).await;
    let farm = admin.farm();
    let of = |person| format!("WHERE user_id = '{person}' AND farm_id = '{farm}'");
    for (name, change) in [
        ("the issuer is demoted", format!("UPDATE farm_users SET role = 'viewer' {}", of(dara))),
        ("the issuer is removed", format!("UPDATE farm_users SET deleted_at = now() {}", of(dara))),
        ("the issuer is locked", format!("UPDATE users SET is_active = false WHERE id = '{dara}'")),
        ("the owner is promoted", format!("UPDATE farm_users SET role = 'admin' {}", of(keeper))),
        (
            "the owner is an operator",
            format!("UPDATE users SET role = 'admin' WHERE id = '{keeper}'"),
        ),
    ] {
        society
            .execute(&format!(
                "UPDATE farm_users SET role = 'manager', deleted_at = NULL {}",
                of(dara)
            ))
            .await;
        let wish = (keeper, &code(1), later(1));
        assert!(resets::issue(&society.app, &manager, wish, &origin()).await.unwrap(), "{name}");
        society.execute(&change).await;
        let used = resets::use_code(&society.app, (&code(1), NEW), &origin()).await.unwrap();
        assert_eq!(used, None, "{name}");
        society.execute(&format!("UPDATE users SET is_active = true WHERE id = '{dara}'")).await;
        society.execute(&format!("UPDATE farm_users SET role = 'keeper' {}", of(keeper))).await;
    }
}

#[tokio::test]
async fn a_code_that_is_issued_while_its_issuer_is_demoted_is_worth_nothing() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let manager = society.join(&admin, dara, Role::Manager).await;
    let keeper = society.person("keeper").await;
    society.join(&admin, keeper, Role::Keeper).await;
    let mut issuing = manager.begin(&society.app).await.unwrap();
    let issue = format!(
        "SELECT issue_reset_code('{}', '{keeper}', '{}', to_timestamp({now}),
            to_timestamp({now} + 3600))::text AS value",
        admin.farm(),
        TokenHash::of(code(1).as_str()).as_str(),
        now = NOW.as_millis() / 1000
    );
    assert_eq!(crate::sql::texts(&mut issuing, &issue).await, ["true"]);
    let demote = format!("UPDATE farm_users SET role = 'viewer' WHERE user_id = '{dara}'");
    let finish = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        issuing.commit().await.unwrap();
    };
    tokio::join!(society.execute(&demote), finish);
    let used = resets::use_code(&society.app, (&code(1), NEW), &origin()).await.unwrap();
    assert_eq!(used, None);
}
