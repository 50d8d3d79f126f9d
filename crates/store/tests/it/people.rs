//! Open pages hear whose rights changed; who is gone is forgotten.
use crate::society::{NOW, Society, at, code, farm_facts, later, origin};
use domain::{FarmId, NodeName, UserId, farms::UNDO_DAYS, roles::Role};
use futures::StreamExt as _;
use std::time::Duration;
use store::{
    accounts, farms, invitations, members,
    nodes::{self, NewNode},
    people::{self, RightsChange},
    second_factor,
    sessions::{self, TokenHash},
    sign_in_steps::{self, NewStep},
};
use testkit::DatabaseRole;

/// What is heard while `work` is done.
async fn heard(society: &Society, work: impl AsyncFnOnce()) -> Vec<(FarmId, UserId)> {
    let settings = store::DatabaseSettings::new(society.database.url(DatabaseRole::App), 1);
    let mut listener = store::connect(&settings).await.unwrap();
    crate::sql::execute(&mut listener, &format!("LISTEN {}", people::CHANNEL)).await;
    work().await;
    society.execute(&format!("NOTIFY {}, 'the end'", people::CHANNEL)).await;
    let mut heard = Vec::new();
    let mut stream = std::pin::pin!(listener.notifications_stream());
    loop {
        let next = tokio::time::timeout(Duration::from_secs(10), stream.next());
        let payload = next.await.expect("the end is heard").unwrap().unwrap().payload;
        if payload == "the end" {
            return heard;
        }
        let change = RightsChange::parse(&payload).unwrap();
        heard.push((change.farm, change.user));
    }
}

#[tokio::test]
async fn every_loss_of_rights_is_announced_for_each_farm_it_is_about() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    let keeper = society.join(&admin, dara, Role::Keeper).await;
    let farm = admin.farm();
    society.execute("UPDATE user_sessions SET is_active = false").await;
    let token = society.sign_in(dara, "phone").await;
    let account = society.session(&token).await.unwrap();

    let app = &society.app;
    let of_dara = [(farm, dara)];
    let ended = heard(&society, async || {
        sessions::end_one(app, dara, account.session, &origin()).await.unwrap();
    });
    assert_eq!(ended.await, of_dara);
    let changed = heard(&society, async || {
        members::change_role(app, &admin, (dara, Role::Viewer), &origin()).await.unwrap();
    });
    assert_eq!(changed.await, of_dara);
    let closed = heard(&society, async || {
        accounts::deactivate(app, &account, &origin()).await.unwrap();
    });
    assert_eq!(closed.await, of_dara);
    let left = heard(&society, async || {
        members::leave(app, &keeper, &origin()).await.unwrap();
    });
    assert_eq!(left.await, of_dara);
    let renamed = heard(&society, async || {
        farms::update(app, &admin, &farm_facts("Other"), &origin()).await.unwrap();
        society.sign_in(sok, "one").await;
    });
    assert_eq!(renamed.await, [], "nobody's rights");
    let deleted = heard(&society, async || {
        farms::delete(app, &admin, &origin()).await.unwrap();
    });
    assert_eq!(deleted.await, [(farm, sok)], "all who are there");
}

#[tokio::test]
async fn names_are_forgotten_30_days_after_the_end_and_codes_90() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let admin = society.farm(sok).await;
    society.farm(dara).await;
    let new = (Role::Keeper, &code(1), later(7));
    invitations::create(&society.app, &admin, (invitations::new_id(), new), &origin())
        .await
        .unwrap()
        .unwrap();
    farms::delete(&society.app, &admin, &origin()).await.unwrap();
    let account = society.account(sok).await;
    accounts::delete(&society.app, &account, &origin()).await.unwrap();

    let pool = society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let (in_time, too_late) = (later(u32::from(UNDO_DAYS) - 1), later(UNDO_DAYS.into()));
    assert_eq!(people::forget(&mut worker, in_time).await.unwrap(), 0);
    assert_eq!(people::forget(&mut worker, too_late).await.unwrap(), 2, "a farm and a person");
    assert_eq!(people::forget(&mut worker, later(31)).await.unwrap(), 0);
    let names = "SELECT name AS value FROM farms UNION ALL SELECT name FROM houses
        UNION ALL SELECT name FROM users ORDER BY value";
    assert_eq!(society.texts(names).await, ["-", "-", "-", "Farm", "House 1", "dara"]);
    let sessions = format!("SELECT id::text AS value FROM user_sessions WHERE user_id = '{sok}'");
    assert_eq!(society.texts(&sessions).await, Vec::<String>::new());
    assert!(!farms::restore(&society.app, sok, admin.farm(), &at(in_time)).await.unwrap());
    assert_eq!(people::forget(&mut worker, later(98)).await.unwrap(), 1, "the invitation");
}

#[tokio::test]
async fn the_controllers_of_a_deleted_farm_can_be_claimed_again_once_nobody_brings_it_back() {
    let society = Society::new().await;
    let sok = society.person("sok").await;
    let (gone, stays) = (society.farm(sok).await, society.farm(sok).await);
    let owner = society.database.owner();
    let mut connection = owner.get().await.unwrap();
    for (name, farm) in [("coop-1", &gone), ("coop-2", &stays)] {
        let node = NewNode {
            name: name.parse().unwrap(),
            farm: Some(farm.farm()),
            password_hash: "$7$101$salt$hash".to_owned(),
            serial: None,
            claim: None,
        };
        nodes::create(&mut connection, &node, NOW).await.unwrap();
    }
    farms::delete(&society.app, &gone, &origin()).await.unwrap();

    let pool = society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let in_time = nodes::release_forgotten(&mut worker, later(u32::from(UNDO_DAYS) - 1)).await;
    assert_eq!(in_time.unwrap(), []);
    let too_late = later(UNDO_DAYS.into());
    let released = nodes::release_forgotten(&mut worker, too_late).await.unwrap();
    assert_eq!(released, ["coop-1".parse::<NodeName>().unwrap()]);
    assert_eq!(nodes::release_forgotten(&mut worker, too_late).await.unwrap(), []);
    let without = "SELECT name AS value FROM nodes WHERE farm_id IS NULL";
    assert_eq!(society.texts(without).await, ["coop-1"]);
    let events =
        "SELECT event_data ->> 'node' AS value FROM event_logs WHERE event_type = 'node_released'";
    assert_eq!(society.texts(events).await, ["coop-1"]);
}

#[tokio::test]
async fn what_has_ended_goes_and_what_lives_stays() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    let (app, origin) = (&society.app, &origin());
    let codes = [code(1)];
    for user in [sok, dara] {
        second_factor::begin(app, user, b"12345678901234567890", origin).await.unwrap();
        second_factor::turn_on(app, user, (7, &codes), origin).await.unwrap();
        let step = NewStep {
            user,
            token: TokenHash::of(&user.to_string()),
            is_borrowed: false,
            now: NOW,
            expires_at: later(1),
        };
        sign_in_steps::begin(app, &step).await.unwrap();
    }
    let living = society.sign_in(dara, "living").await;
    let ended = society.sign_in(dara, "ended").await;
    let id = society.session(&ended).await.unwrap().session;
    sessions::end_one(app, dara, id, origin).await.unwrap();
    let account = society.account(sok).await;
    accounts::delete(app, &account, origin).await.unwrap();

    let pool = society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let held = async || {
        let held = "SELECT concat_ws(' ', (SELECT count(*) FROM sign_in_steps),
            (SELECT count(*) FROM recovery_codes), (SELECT count(*) FROM user_sessions),
            (SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$%')) AS value";
        society.texts(held).await.remove(0)
    };
    assert_eq!(held().await, "2 2 3 2");
    people::forget(&mut worker, later(29)).await.unwrap();
    assert_eq!(held().await, "0 2 3 2", "steps last for minutes");
    people::forget(&mut worker, later(30)).await.unwrap();
    assert_eq!(held().await, "0 1 1 1", "of the account that lives");
    assert!(society.session(&living).await.is_some());
    people::forget(&mut worker, later(119)).await.unwrap();
    assert_eq!(held().await, "0 1 1 1");
    people::forget(&mut worker, later(120)).await.unwrap();
    assert_eq!(held().await, "0 1 0 1", "it had expired 30 days before");
}
