//! A controller leaves its farm for another one: with all that hangs on it, without its password, by its own managers
//! alone.
use crate::{
    devices::{accept, add_node, all, device, farm},
    plant::{LEASE, Plant, after, asked, command},
    society::{NOW, Society, code, later, origin},
    sql,
};
use domain::{
    NodeId,
    commands::{Action, Reason},
    roles::Role,
};
use std::time::Duration;
use store::{
    FarmScope,
    claim::{Claim, claim, claimed_online},
    commands::{self, Effect, Lost, Outcome},
    nodes::{self, Away, FarmNode, Gift, Given, Released},
};

const NOBODYS: &str = "$7$101$bm9ib2R5$bm9ib2R5cw==";

async fn node(society: &Society, name: &str) -> NodeId {
    let id = format!("SELECT id::text AS value FROM nodes WHERE name = '{name}'");
    NodeId(society.texts(&id).await[0].parse().unwrap())
}

async fn give(society: &Society, scope: &FarmScope, node: NodeId) -> Given {
    give_telling(society, scope, node).await.outcome
}

async fn give_telling(society: &Society, scope: &FarmScope, node: NodeId) -> Effect<Given> {
    let code = &code(7);
    let mark = "mark of the form";
    let gift = Gift { code, place: 1, until: later(30), password_hash: NOBODYS, mark };
    nodes::give_away(&society.app, scope, (node, gift), &origin()).await.unwrap()
}

async fn found(society: &Society, scope: &FarmScope, id: NodeId) -> Option<FarmNode> {
    let find = async |conn: &mut _| nodes::find(conn, scope.farm(), id).await;
    scope.run(&society.app, find).await.unwrap()
}

async fn all_off(society: &Society) {
    society.execute("UPDATE devices SET reported_state = 'off' WHERE type <> 'sensor'").await;
}

#[tokio::test]
async fn what_is_given_away_leaves_with_its_devices_and_is_the_next_farms_by_its_code() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &["fan1", "air"]).await;
    let theirs = farm(&society, "dara", &[]).await;
    add_node(&society, &mine, "sok-2", &["fan1"]).await;
    let fan = device(&society, &mine, "sok-1:fan1").await.id;
    accept(&society, &mine, fan, "Fan").await;
    all_off(&society).await;
    society.execute("UPDATE devices SET reported_state = NULL WHERE type = 'sensor'").await;
    let own = node(&society, "sok-1").await;
    assert_eq!(give(&society, &mine, own).await, Given::Done);
    assert_eq!(give(&society, &mine, own).await, Given::Missing, "it is gone already");
    assert_eq!(found(&society, &mine, own).await, None);
    let left = all(&society, &mine).await;
    assert_eq!(left.len(), 1, "the other controller's");
    let row = "SELECT concat_ws(' ', claim_code, password_hash, is_online, farm_id) AS value
        FROM nodes WHERE name = 'sok-1'";
    assert_eq!(society.texts(row).await, [format!("{} {NOBODYS} t", code(7).as_str())]);
    let told = "SELECT concat_ws(' ', event_type, event_data ->> 'device', event_data ->> 'node',
            user_id IS NOT NULL) AS value FROM event_logs
        WHERE event_type IN ('device_left', 'node_released') ORDER BY 1";
    let expected = ["device_left sok-1:air t", "device_left sok-1:fan1 t", "node_released sok-1 t"];
    assert_eq!(society.texts(told).await, expected);

    let claimed = claim(&society.app, &theirs, &code(7), &origin()).await.unwrap();
    assert_eq!(claimed, Claim::Claimed(own));
    let at_theirs = async || found(&society, &theirs, own).await.unwrap();
    assert_eq!(at_theirs().await.password_ended_at, Some(NOW), "they have to make one");
    let change = (own, "$7$101$bmV3c2FsdA==$bmV3aGFzaA==", "mark");
    nodes::rotate_of_farm(&society.app, &theirs, change, &origin()).await.unwrap().unwrap();
    assert_eq!(at_theirs().await.password_ended_at, None);
}

#[tokio::test]
async fn what_runs_and_could_not_be_switched_off_any_more_keeps_its_controller() {
    let plant = Plant::new().await;
    let (society, admin) = (&plant.society, &plant.admin);
    let pump = plant.device("pump", "pump", "relay").await;
    plant.report(pump, "on", None, NOW).await;
    let running = Given::Running(vec![(pump, "pump".to_owned())]);
    assert_eq!(give(society, admin, plant.node).await, running);
    assert!(found(society, admin, plant.node).await.is_some());
    // it may be going on at this moment
    plant.report(pump, "off", None, after(1)).await;
    let on = plant.tap(command(1), pump, asked(Action::On), after(2)).await;
    assert!(matches!(on, Outcome::Accepted(_)), "{on:?}");
    plant.send(after(2)).await;
    assert_eq!(give(society, admin, plant.node).await, running);
    // nor is it known whether what waits to go out again was heard
    let pool = society.database.worker();
    let lost = commands::requeue(&mut pool.get().await.unwrap(), LEASE, Lost::Link, after(3)).await;
    assert_eq!(lost.unwrap().unwrap().changes.len(), 1);
    assert_eq!(plant.status(command(1)).await, "queued");
    assert_eq!(give(society, admin, plant.node).await, running);
    // who can not be reached could not be told before either
    society.execute("UPDATE nodes SET is_online = false").await;
    let given = give_telling(society, admin, plant.node).await;
    let told: Vec<_> = given.changes.iter().map(|told| (told.command, told.reason)).collect();
    assert_eq!((given.outcome, told), (Given::Done, vec![(command(1), Some(Reason::Cancelled))]));
    assert_eq!(plant.status(command(1)).await, "failed cancelled", "nobody waits for it any more");
    let ended = "SELECT event_data ->> 'because' AS value FROM event_logs
        WHERE event_type = 'command_cancelled'";
    assert_eq!(society.texts(ended).await, ["released"]);
}

#[tokio::test]
async fn what_is_told_to_stand_still_keeps_no_controller() {
    let plant = Plant::new().await;
    let pwm = plant.device("pwm", "fan", "pwm").await;
    plant.report(pwm, "off", None, NOW).await;
    let none = plant.tap(command(1), pwm, asked(Action::SetValue(0.0)), after(1)).await;
    assert!(matches!(none, Outcome::Accepted(_)), "{none:?}");
    assert_eq!(plant.send(after(1)).await, [command(1)]);
    assert_eq!(give(&plant.society, &plant.admin, plant.node).await, Given::Done);
}

/// What was asked of a farm's device, and that it is held by hand, ends when its controller leaves otherwise.
async fn has_let_go(release: impl AsyncFnOnce(&Plant)) {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    let on = plant.tap(command(1), pump, asked(Action::On), NOW).await;
    assert!(matches!(on, Outcome::Accepted(_)), "{on:?}");
    release(&plant).await;
    let free = "SELECT name AS value FROM nodes WHERE farm_id IS NULL";
    assert_eq!(plant.society.texts(free).await, ["n1"]);
    assert_eq!(plant.status(command(1)).await, "failed cancelled");
    let held = "SELECT count(*)::text AS value FROM overrides WHERE ended_at IS NULL";
    assert_eq!(plant.society.texts(held).await, ["0"]);
    let told =
        "SELECT concat_ws(' ', event_type, event_data ->> 'because', event_data ->> 'by') AS value
        FROM event_logs WHERE event_type IN ('command_cancelled', 'override_ended') ORDER BY 1";
    let expected = ["command_cancelled released", "override_ended released"];
    assert_eq!(plant.society.texts(told).await, expected);
}

#[tokio::test]
async fn what_its_operator_releases_is_let_go() {
    let release = has_let_go(async |plant| {
        let owner = plant.society.database.owner();
        let (mut owner, name) = (owner.get().await.unwrap(), "n1".parse().unwrap());
        let released = nodes::release(&mut owner, &name, (&code(7), later(30)), after(1)).await;
        assert_eq!(released.unwrap(), Released::Done);
    });
    release.await;
}

#[tokio::test]
async fn what_was_a_forgotten_farms_is_let_go() {
    let release = has_let_go(async |plant| {
        plant.society.execute("UPDATE farms SET deleted_at = '2000-01-01'").await;
        let worker = plant.society.database.worker();
        nodes::release_forgotten(&mut worker.get().await.unwrap(), after(1)).await.unwrap();
    });
    release.await;
}

#[tokio::test]
async fn who_is_in_the_connection_of_before_at_its_next_farm_is_made_to_connect_anew() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &[]).await;
    let theirs = farm(&society, "dara", &[]).await;
    society.execute("UPDATE nodes SET created_at = '2000-01-01'").await;
    let own = node(&society, "sok-1").await;
    assert_eq!(give(&society, &mine, own).await, Given::Done);
    claim(&society.app, &theirs, &code(7), &origin()).await.unwrap();
    let worker = society.database.worker();
    let since = NOW.minus(Duration::from_secs(60));
    let cut = claimed_online(&mut worker.get().await.unwrap(), since).await.unwrap();
    assert_eq!(cut.iter().map(|node| node.id).collect::<Vec<_>>(), [own]);
}

#[tokio::test]
async fn only_who_manages_its_farms_hardware_gives_a_controller_away() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &[]).await;
    let theirs = farm(&society, "dara", &["fan1"]).await;
    all_off(&society).await;
    let keeper = society.join(&mine, society.person("vanna").await, Role::Keeper).await;
    let manager = society.join(&mine, society.person("sophea").await, Role::Manager).await;
    let (own, other) = (node(&society, "sok-1").await, node(&society, "dara-1").await);
    assert_eq!(give(&society, &mine, other).await, Given::Missing);
    assert_eq!(give(&society, &keeper, own).await, Given::Missing);
    // the functions themselves, whatever asks them
    let call = |function: &str, node: NodeId, rest: &str| {
        format!(
            "SELECT outcome AS value FROM {function}('{node}', 'ABCD2345', now(), {rest}, now())"
        )
    };
    for (scope, node) in [(&mine, other), (&keeper, own), (&theirs, own)] {
        let mut conn = scope.begin(&society.app).await.unwrap();
        let answer = sql::texts(&mut conn, &call("give_node_away", node, "'x'")).await;
        assert_eq!(answer, Vec::<String>::new());
        conn.commit().await.unwrap();
    }
    let mut conn = mine.begin(&society.app).await.unwrap();
    let inner = sql::refusal(&mut conn, &call("release_node", own, "true")).await;
    assert!(inner.contains("permission denied"), "{inner}");
    drop(conn);
    let free = "SELECT count(*)::text AS value FROM nodes WHERE farm_id IS NULL";
    assert_eq!(society.texts(free).await, ["0"]);
    // whose role ended after their scope was made
    society.execute("UPDATE farm_users SET role = 'viewer' WHERE role = 'manager'").await;
    assert_eq!(give(&society, &manager, own).await, Given::Missing);
    society.execute("UPDATE nodes SET revoked_at = now() WHERE name = 'sok-1'").await;
    assert_eq!(give(&society, &mine, own).await, Given::Missing, "who was shut out stays so");
}

#[tokio::test]
async fn a_gift_is_known_again_by_its_mark_on_its_own_farm_alone() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &[]).await;
    let theirs = farm(&society, "dara", &[]).await;
    give(&society, &mine, node(&society, "sok-1").await).await;
    let known = async |scope: &FarmScope, mark| {
        let look = async |conn: &mut _| nodes::given_away(conn, scope.farm(), mark).await;
        scope.run(&society.app, look).await.unwrap()
    };
    let away = Away { name: "sok-1".to_owned(), at: NOW, place: 1 };
    assert_eq!(known(&mine, "mark of the form").await, Some(away));
    assert_eq!(known(&mine, "another").await, None);
    assert_eq!(known(&theirs, "mark of the form").await, None);
}
