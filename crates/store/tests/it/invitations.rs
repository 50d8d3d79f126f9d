//! Invitations: one person each, once, and nothing more than who invites has.
use crate::society::{NOW, Society, at, code, later, origin};
use domain::roles::Role;
use store::{farms, invitations, members};

#[tokio::test]
async fn a_code_leads_one_person_in_once() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let scope = society.farm(sok).await;
    let (first, new) = (code(1), (Role::Keeper, &code(1), later(7)));
    let id = invitations::create(&society.app, &scope, (invitations::new_id(), new), &origin())
        .await
        .unwrap()
        .unwrap();
    let mut conn = scope.begin(&society.app).await.unwrap();
    let open = invitations::list_open(&mut conn, &scope, NOW).await.unwrap();
    assert_eq!(
        (open.len(), open[0].id, &open[0].code, open[0].role),
        (1, id, &first, Role::Keeper)
    );
    drop(conn);

    let mut conn = society.app.get().await.unwrap();
    let offer = invitations::find(&mut conn, &first, NOW).await.unwrap().unwrap();
    assert_eq!(
        (offer.farm, offer.farm_name.as_str(), offer.role),
        (scope.farm(), "Farm", Role::Keeper)
    );
    assert_eq!(offer.invited_by, "sok");
    assert_eq!(invitations::find(&mut conn, &first, later(7)).await.unwrap(), None, "expired");
    assert_eq!(invitations::find(&mut conn, &code(2), NOW).await.unwrap(), None, "never made");

    let late = invitations::accept(&society.app, dara, &first, &at(later(7))).await.unwrap();
    assert_eq!(late, None);
    let joined = invitations::accept(&society.app, dara, &first, &origin()).await.unwrap();
    assert_eq!(joined, Some((scope.farm(), Role::Keeper)));
    assert_eq!(society.account(dara).await.scope(scope.farm()).unwrap().role(), Role::Keeper);
    let again = invitations::accept(&society.app, sok, &first, &origin()).await.unwrap();
    assert_eq!(again, None);
    assert_eq!(
        society.events(Some(scope.farm())).await,
        ["farm_created", "invitation_made", "invitation_used"]
    );
}

#[tokio::test]
async fn of_two_at_once_one_gets_in() {
    let society = Society::new().await;
    let (one, other) = (society.person("one").await, society.person("other").await);
    let scope = society.farm(society.person("sok").await).await;
    for n in 0..20 {
        let code = code(n);
        let new = (Role::Viewer, &code, later(7));
        invitations::create(&society.app, &scope, (invitations::new_id(), new), &origin())
            .await
            .unwrap()
            .unwrap();
        let origin = origin();
        let (first, second) = tokio::join!(
            invitations::accept(&society.app, one, &code, &origin),
            invitations::accept(&society.app, other, &code, &origin),
        );
        let in_by_it = [first.unwrap(), second.unwrap()].into_iter().flatten().count();
        assert_eq!(in_by_it, 1);
    }
}

#[tokio::test]
async fn a_revoked_invitation_or_one_to_a_deleted_farm_leads_nowhere() {
    let society = Society::new().await;
    let dara = society.person("dara").await;
    let scope = society.farm(society.person("sok").await).await;
    let new = (Role::Keeper, &code(1), later(7));
    let id = invitations::create(&society.app, &scope, (invitations::new_id(), new), &origin())
        .await
        .unwrap()
        .unwrap();
    assert!(invitations::revoke(&society.app, &scope, id, &origin()).await.unwrap());
    assert!(!invitations::revoke(&society.app, &scope, id, &origin()).await.unwrap());
    let new = (Role::Keeper, &code(2), later(7));
    invitations::create(&society.app, &scope, (invitations::new_id(), new), &origin())
        .await
        .unwrap()
        .unwrap();
    farms::delete(&society.app, &scope, &origin()).await.unwrap();
    for code in [code(1), code(2)] {
        let mut conn = society.app.get().await.unwrap();
        assert_eq!(invitations::find(&mut conn, &code, NOW).await.unwrap(), None);
        let joined = invitations::accept(&society.app, dara, &code, &origin()).await.unwrap();
        assert_eq!(joined, None);
    }
}

#[tokio::test]
async fn nobody_gives_or_takes_back_more_than_they_have() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let manager = society.join(&admin, dara, Role::Manager).await;
    let (wish, other) = ((Role::Manager, &code(1), later(7)), (Role::Admin, &code(1), later(7)));
    assert_eq!(
        invitations::create(&society.app, &manager, (invitations::new_id(), wish), &origin())
            .await
            .unwrap(),
        None
    );
    let id = invitations::create(&society.app, &admin, (invitations::new_id(), other), &origin())
        .await
        .unwrap()
        .unwrap();
    for (scope, seen) in [(&admin, 1), (&manager, 0)] {
        let mut conn = scope.begin(&society.app).await.unwrap();
        let open = invitations::list_open(&mut conn, scope, NOW).await.unwrap();
        assert_eq!(open.len(), seen, "a code of a stronger role is not for a weaker one's eyes");
        conn.commit().await.unwrap();
    }
    assert!(!invitations::revoke(&society.app, &manager, id, &origin()).await.unwrap());
    let elsewhere = society.farm(dara).await;
    assert!(!invitations::revoke(&society.app, &elsewhere, id, &origin()).await.unwrap());
}

#[tokio::test]
async fn a_stronger_role_stays_and_a_weaker_one_grows() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let token = society.sign_in(dara, "phone").await;
    society.join(&admin, dara, Role::Keeper).await;
    assert!(society.session(&token).await.unwrap().must_rotate);
    for (bits, role, result) in [
        (1, Role::Viewer, Role::Keeper),
        (2, Role::Manager, Role::Manager),
        (3, Role::Keeper, Role::Manager),
    ] {
        let new = (role, &code(bits), later(7));
        invitations::create(&society.app, &admin, (invitations::new_id(), new), &origin())
            .await
            .unwrap()
            .unwrap();
        let joined = invitations::accept(&society.app, dara, &code(bits), &origin()).await.unwrap();
        assert_eq!(joined, Some((admin.farm(), result)));
    }
}

#[tokio::test]
async fn what_a_removed_member_invited_by_is_worth_nothing() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let other = society.join(&admin, dara, Role::Admin).await;
    let new = (Role::Admin, &code(1), later(7));
    invitations::create(&society.app, &other, (invitations::new_id(), new), &origin())
        .await
        .unwrap()
        .unwrap();
    assert!(members::remove(&society.app, &admin, dara, &origin()).await.unwrap());
    let back = invitations::accept(&society.app, dara, &code(1), &origin()).await.unwrap();
    assert_eq!(back, None);
}

#[tokio::test]
async fn an_invitation_is_worth_nothing_while_its_maker_may_not_invite() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let manager = society.join(&admin, dara, Role::Manager).await;
    let new = (Role::Keeper, &code(7), later(7));
    invitations::create(&society.app, &manager, (invitations::new_id(), new), &origin())
        .await
        .unwrap()
        .unwrap();
    let guest = society.person("guest").await;
    society.execute(&format!("UPDATE users SET is_active = false WHERE id = '{dara}'")).await;
    let mut conn = society.app.get().await.unwrap();
    assert_eq!(invitations::find(&mut conn, &code(7), NOW).await.unwrap(), None);
    let accept =
        async || invitations::accept(&society.app, guest, &code(7), &origin()).await.unwrap();
    assert_eq!(accept().await, None);
    society.execute(&format!("UPDATE users SET is_active = true WHERE id = '{dara}'")).await;
    assert_eq!(accept().await, Some((admin.farm(), Role::Keeper)));
}

#[tokio::test]
async fn an_invitation_is_worth_nothing_once_its_maker_may_not_give_its_role() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let other = society.join(&admin, dara, Role::Admin).await;
    for (bits, role) in [(1, Role::Admin), (2, Role::Manager), (3, Role::Keeper)] {
        let new = (role, &code(bits), later(7));
        invitations::create(&society.app, &other, (invitations::new_id(), new), &origin())
            .await
            .unwrap()
            .unwrap();
    }
    let demote = format!("UPDATE farm_users SET role = 'manager' WHERE user_id = '{dara}'");
    society.execute(&demote).await;
    let guest = society.person("guest").await;
    for (bits, joined) in [(1, None), (2, None), (3, Some((admin.farm(), Role::Keeper)))] {
        let mut conn = society.app.get().await.unwrap();
        let offer = invitations::find(&mut conn, &code(bits), NOW).await.unwrap();
        assert_eq!(offer.map(|offer| (offer.farm, offer.role)), joined);
        let accepted = invitations::accept(&society.app, guest, &code(bits), &origin()).await;
        assert_eq!(accepted.unwrap(), joined);
    }
}

#[tokio::test]
async fn an_invitation_does_not_let_in_whom_the_operator_has_suspended() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    society.join(&admin, dara, Role::Keeper).await;
    let suspend = format!("UPDATE farm_users SET is_active = false WHERE user_id = '{dara}'");
    society.execute(&suspend).await;
    let new = (Role::Keeper, &code(8), later(7));
    invitations::create(&society.app, &admin, (invitations::new_id(), new), &origin())
        .await
        .unwrap()
        .unwrap();
    let accepted = invitations::accept(&society.app, dara, &code(8), &origin()).await.unwrap();
    assert_eq!(accepted, None);
}
