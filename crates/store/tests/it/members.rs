//! Members: their roles, and that an admin stays, whoever is faster.
use crate::society::{Society, origin};
use domain::roles::Role;
use store::members::{self, MemberError};

#[tokio::test]
async fn a_changed_role_is_told_and_brings_new_tokens() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    society.join(&admin, dara, Role::Keeper).await;
    let token = society.sign_in(dara, "phone").await;
    let change = async |role| {
        members::change_role(&society.app, &admin, (dara, role), &origin()).await.unwrap()
    };
    assert_eq!(change(Role::Manager).await, Some(Role::Keeper));
    assert_eq!(change(Role::Manager).await, Some(Role::Manager), "no news");
    let account = society.session(&token).await.unwrap();
    assert!(account.must_rotate);
    assert_eq!(account.scope(admin.farm()).unwrap().role(), Role::Manager);
    let mut conn = admin.begin(&society.app).await.unwrap();
    let list = members::list(&mut conn, admin.farm()).await.unwrap();
    let list: Vec<_> = list.iter().map(|member| (member.user, member.role)).collect();
    assert_eq!(list, [(sok, Role::Admin), (dara, Role::Manager)]);
    drop(conn);
    let events = society.events(Some(admin.farm())).await;
    assert_eq!(events.iter().filter(|event| *event == "member_role_changed").count(), 1);
}

#[tokio::test]
async fn the_last_admin_is_neither_removed_nor_demoted_and_does_not_leave() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    let admin = society.farm(sok).await;
    let (app, origin) = (&society.app, origin());
    let demoted = members::change_role(app, &admin, (sok, Role::Viewer), &origin).await;
    assert!(matches!(demoted, Err(MemberError::LastAdmin)), "{demoted:?}");
    let removed = members::remove(app, &admin, sok, &origin).await;
    assert!(matches!(removed, Err(MemberError::LastAdmin)), "{removed:?}");
    let left = members::leave(app, &admin, &origin).await;
    assert!(matches!(left, Err(MemberError::LastAdmin)), "{left:?}");
    assert_eq!(society.events(Some(admin.farm())).await, ["farm_created"]);
}

#[tokio::test]
async fn a_member_leaves_or_is_removed_once() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let keeper = society.join(&admin, dara, Role::Keeper).await;
    assert!(members::leave(&society.app, &keeper, &origin()).await.unwrap());
    assert!(!members::remove(&society.app, &admin, dara, &origin()).await.unwrap());
    assert!(society.account(dara).await.memberships.is_empty());
    let change = (dara, Role::Viewer);
    let changed = members::change_role(&society.app, &admin, change, &origin()).await.unwrap();
    assert_eq!(changed, None);
    let elsewhere = society.farm(dara).await;
    assert!(
        !members::remove(&society.app, &elsewhere, sok, &origin()).await.unwrap(),
        "of this farm"
    );
}

#[tokio::test]
async fn who_was_demoted_meanwhile_manages_nobody_and_may_still_leave() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let third = society.person("third").await;
    let admin = society.farm(sok).await;
    let stale = society.join(&admin, dara, Role::Admin).await;
    society.join(&admin, third, Role::Admin).await;
    let (app, origin) = (&society.app, origin());
    members::change_role(app, &admin, (dara, Role::Manager), &origin).await.unwrap().unwrap();
    for wish in [(third, Role::Viewer), (dara, Role::Admin)] {
        let changed = members::change_role(app, &stale, wish, &origin).await.unwrap();
        assert_eq!(changed, None, "neither another nor oneself");
    }
    assert!(!members::remove(app, &stale, third, &origin).await.unwrap());
    let mut conn = admin.begin(app).await.unwrap();
    let list = members::list(&mut conn, admin.farm()).await.unwrap();
    let roles = |who| list.iter().find(|member| member.user == who).map(|member| member.role);
    assert_eq!((roles(third), roles(dara)), (Some(Role::Admin), Some(Role::Manager)));
    conn.commit().await.unwrap();
    assert!(members::leave(app, &stale, &origin).await.unwrap());
}

#[tokio::test]
async fn who_is_suspended_meanwhile_manages_nobody() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let stale = society.join(&admin, dara, Role::Admin).await;
    let suspend = format!("UPDATE farm_users SET is_active = false WHERE user_id = '{dara}'");
    society.execute(&suspend).await;
    assert!(!members::remove(&society.app, &stale, sok, &origin()).await.unwrap());
}

#[tokio::test]
async fn of_two_admins_who_demote_each_other_one_stays() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let one = society.farm(sok).await;
    let other = society.join(&one, dara, Role::Admin).await;
    let origin = origin();
    for n in 0..200 {
        let (first, second) = if n % 2 == 0 {
            tokio::join!(
                members::change_role(&society.app, &one, (dara, Role::Keeper), &origin),
                members::change_role(&society.app, &other, (sok, Role::Keeper), &origin),
            )
        } else {
            let removal = async |scope, member| {
                let removed = members::remove(&society.app, scope, member, &origin).await?;
                Ok(removed.then_some(Role::Admin))
            };
            tokio::join!(removal(&one, dara), removal(&other, sok))
        };
        let done = [&first, &second].iter().filter(|result| matches!(result, Ok(Some(_)))).count();
        assert_eq!(done, 1, "{first:?} {second:?}");
        // whoever was already removed finds nobody on a farm that is not theirs any more
        let is_refused = |result: &_| matches!(result, Err(MemberError::LastAdmin) | Ok(None));
        assert!(is_refused(&first) || is_refused(&second), "{first:?} {second:?}");
        let admins = "SELECT count(*)::text AS value FROM farm_users
            WHERE role = 'admin' AND deleted_at IS NULL";
        assert_eq!(society.texts(admins).await, ["1"]);
        society.execute("UPDATE farm_users SET role = 'admin', deleted_at = NULL").await;
    }
}
