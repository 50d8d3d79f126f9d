//! Controllers as managers change them: another password, other hardware.
use crate::{
    devices::{accept, add_node, all, device, farm},
    society::{NOW, Society, origin},
};
use domain::NodeId;
use std::time::Duration;
use store::{
    FarmScope, Origin,
    devices::{self, Replaced},
    nodes::{self, FarmNode, Rotation},
};

const HASH: &str = "$7$101$bmV3c2FsdA==$bmV3aGFzaA==";

async fn node(society: &Society, name: &str) -> NodeId {
    let id = format!("SELECT id::text AS value FROM nodes WHERE name = '{name}'");
    NodeId(society.texts(&id).await[0].parse().unwrap())
}

async fn found(society: &Society, scope: &FarmScope, id: NodeId) -> Option<FarmNode> {
    let find = async |conn: &mut _| nodes::find(conn, scope.farm(), id).await;
    scope.run(&society.app, find).await.unwrap()
}

#[tokio::test]
async fn a_controller_gets_another_password_from_its_own_farm_alone() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &[]).await;
    let theirs = farm(&society, "dara", &[]).await;
    let (own, other) = (node(&society, "sok-1").await, node(&society, "dara-1").await);
    let rotate = async |id| {
        let change = (id, HASH, "mark");
        nodes::rotate_of_farm(&society.app, &mine, change, &origin()).await.unwrap()
    };
    assert_eq!(rotate(own).await.unwrap().as_str(), "sok-1");
    assert_eq!(rotate(other).await, None);
    let hashes =
        "SELECT name AS value FROM nodes WHERE password_hash LIKE '%bmV3aGFzaA==' ORDER BY name";
    assert_eq!(society.texts(hashes).await, ["sok-1"]);
    assert_eq!(society.events(Some(mine.farm())).await, ["farm_created", "node_rotated"]);
    assert_eq!(society.events(Some(theirs.farm())).await, ["farm_created"]);
    society.execute("UPDATE nodes SET revoked_at = now()").await;
    assert_eq!(rotate(own).await, None, "who was shut out stays so");
    assert_eq!(found(&society, &mine, other).await, None);
}

#[tokio::test]
async fn a_password_is_known_again_by_its_mark_and_by_no_other() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &[]).await;
    let theirs = farm(&society, "dara", &[]).await;
    let own = node(&society, "sok-1").await;
    for (mark, minute) in [("first", 0), ("second", 1)] {
        let at = NOW.plus(Duration::from_secs(60 * minute));
        let (change, origin) = ((own, HASH, mark), Origin { at, ..origin() });
        nodes::rotate_of_farm(&society.app, &mine, change, &origin).await.unwrap().unwrap();
    }
    let known = async |scope: &FarmScope, name: &str, mark| {
        let name = name.parse().unwrap();
        let look = async |conn: &mut _| nodes::rotation(conn, scope.farm(), (&name, mark)).await;
        scope.run(&society.app, look).await.unwrap()
    };
    let (first, second) = (NOW, NOW.plus(Duration::from_secs(60)));
    let older = Some(Rotation { at: first, is_newest: false });
    assert_eq!(known(&mine, "sok-1", "first").await, older);
    let newest = Some(Rotation { at: second, is_newest: true });
    assert_eq!(known(&mine, "sok-1", "second").await, newest);
    assert_eq!(known(&mine, "sok-1", "third").await, None);
    assert_eq!(known(&mine, "dara-1", "first").await, None);
    assert_eq!(known(&theirs, "sok-1", "first").await, None, "another farm's");
}

#[tokio::test]
async fn all_devices_go_on_at_the_new_controller_with_names_and_history() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1", "air"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    let air = device(&society, &scope, "sok-1:air").await.id;
    accept(&society, &scope, fan, "Fan").await;
    accept(&society, &scope, air, "Air").await;
    // the new one was heard of with one of the channels and one of its own
    add_node(&society, &scope, "sok-2", &["air", "light"]).await;
    let silent = "UPDATE devices SET reported_state = 'open' WHERE device_id = 'sok-2:air'";
    society.execute(silent).await;
    let (old, new) = (node(&society, "sok-1").await, node(&society, "sok-2").await);
    let replace =
        async |pair| nodes::replace(&society.app, &scope, pair, &origin()).await.unwrap().outcome;
    assert_eq!(replace((old, old)).await, Replaced::Missing);
    assert_eq!(replace((old, new)).await, Replaced::Done);
    assert_eq!(replace((old, new)).await, Replaced::Again);
    assert_eq!(device(&society, &scope, "sok-2:fan1").await.id, fan);
    let moved = device(&society, &scope, "sok-2:air").await;
    assert_eq!((moved.id, moved.reported_state.as_deref()), (air, Some("open")));
    let fan = device(&society, &scope, "sok-2:fan1").await;
    assert_eq!(fan.reported_state, None, "of the new relay nobody knows yet");
    assert_eq!(all(&society, &scope).await.len(), 3, "and the light");
    let old = found(&society, &scope, old).await.unwrap();
    assert_eq!((old.replaced_by, old.is_online), (Some(new), false));
    assert!(old.revoked_at.is_some());
    let told = society.events(Some(scope.farm())).await;
    assert_eq!(told.last().unwrap(), "node_replaced");
}

#[tokio::test]
async fn a_controller_with_devices_in_use_replaces_none_and_none_of_another_farms_is_touched() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &["fan1"]).await;
    let theirs = farm(&society, "dara", &["fan1"]).await;
    add_node(&society, &mine, "sok-2", &["fan1"]).await;
    let busy = device(&society, &mine, "sok-2:fan1").await.id;
    accept(&society, &mine, busy, "Fan").await;
    let own = node(&society, "sok-1").await;
    let (second, other) = (node(&society, "sok-2").await, node(&society, "dara-1").await);
    let before = all(&society, &theirs).await;
    let replace =
        async |pair| nodes::replace(&society.app, &mine, pair, &origin()).await.unwrap().outcome;
    assert_eq!(replace((own, second)).await, Replaced::Occupied);
    assert_eq!(replace((own, other)).await, Replaced::Missing);
    assert_eq!(replace((other, own)).await, Replaced::Missing);
    assert_eq!(all(&society, &theirs).await, before);
}

#[tokio::test]
async fn a_controllers_starts_are_counted_for_its_own_farm() {
    let society = Society::new().await;
    let mine = farm(&society, "sok", &[]).await;
    let theirs = farm(&society, "dara", &[]).await;
    society
        .execute("INSERT INTO node_boots (node_id, boot) SELECT id, b FROM nodes, unnest(ARRAY['a', 'b']) b")
        .await;
    let own = node(&society, "sok-1").await;
    let runs = async |scope: &FarmScope| {
        let runs = async |conn: &mut _| nodes::runs(conn, own).await;
        scope.run(&society.app, runs).await.unwrap()
    };
    let seen = runs(&mine).await;
    assert_eq!((seen.count, seen.last.is_some()), (2, true));
    assert_eq!(runs(&theirs).await, nodes::Runs::default());
}

#[tokio::test]
async fn a_spare_box_whose_devices_are_all_out_of_use_takes_a_controllers_place() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &["fan1"]).await;
    let fan = device(&society, &scope, "sok-1:fan1").await.id;
    accept(&society, &scope, fan, "Fan").await;
    add_node(&society, &scope, "sok-2", &["fan1", "light"]).await;
    for channel in ["fan1", "light"] {
        let spare = device(&society, &scope, &format!("sok-2:{channel}")).await.id;
        accept(&society, &scope, spare, &format!("Old {channel}")).await;
        drop(devices::retire(&society.app, &scope, spare, &origin()).await.unwrap());
    }
    let pair = (node(&society, "sok-1").await, node(&society, "sok-2").await);
    let replaced = nodes::replace(&society.app, &scope, pair, &origin()).await.unwrap().outcome;
    assert_eq!(replaced, Replaced::Done);
    let moved = device(&society, &scope, "sok-2:fan1").await;
    assert_eq!((moved.id, moved.is_active), (fan, true));
    let light = device(&society, &scope, "sok-2:light").await;
    assert!(!light.is_active, "what nobody needs the place of stays where it is");
}

#[tokio::test]
async fn who_sends_nonsense_is_noted_with_an_event_where_it_begins() {
    let society = Society::new().await;
    let scope = farm(&society, "sok", &[]).await;
    let own = node(&society, "sok-1").await;
    let note = async |why: &str, minutes: u64| {
        let at = NOW.plus(Duration::from_mins(minutes));
        let pool = society.database.worker();
        let mut worker = pool.get().await.unwrap();
        nodes::note_wrong(&mut worker, &[(own, why)], at).await.unwrap();
    };
    let heard = async |minutes: u64| {
        let at = NOW.plus(Duration::from_mins(minutes)).as_micros();
        let seen = format!("UPDATE nodes SET last_seen_at = to_timestamp({at} / 1e6)");
        society.execute(&seen).await;
        let node = found(&society, &scope, own).await.unwrap();
        node.answers_wrongly().map(|wrong| (wrong.since, wrong.last, wrong.why.clone()))
    };
    let minute = |n| NOW.plus(Duration::from_mins(n));
    assert_eq!(heard(0).await, None);
    note("bad-json", 0).await;
    note("bad-unit", 9).await;
    assert_eq!(heard(9).await, Some((minute(0), minute(9), "bad-unit".to_owned())));
    assert_eq!(heard(18).await.map(|wrong| wrong.0), Some(minute(0)));
    assert_eq!(heard(19).await, None, "heard for ten minutes without it");
    note("bad-json", 19).await;
    assert_eq!(heard(19).await.map(|wrong| wrong.0), Some(minute(19)), "it begins anew");
    let events = "SELECT concat_ws(' ', event_type, event_data ->> 'node', event_data ->> 'reason') AS value
        FROM event_logs WHERE event_type = 'node_answers_wrongly' AND farm_id IS NOT NULL ORDER BY id";
    assert_eq!(
        society.texts(events).await,
        ["node_answers_wrongly sok-1 bad-json", "node_answers_wrongly sok-1 bad-json"]
    );
}
