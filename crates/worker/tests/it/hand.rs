//! Somebody who taps, and nodes that do what they are told.
use crate::world::World;
use domain::{
    CommandId, DeviceId, UserId,
    commands::{Action, Asked, Wish},
};
use serde_json::{Value, json};
use std::time::Duration;
use store::{
    FarmScope, Origin,
    commands::{self, Outcome, Tap},
    sessions::{self, NewSession, TokenHash},
};
use testkit::TestNode;
use uuid::Uuid;

/// The farm's keeper.
pub(crate) async fn keeper(world: &World) -> FarmScope {
    let (farm, user, now) = (world.farm, UserId(Uuid::new_v4()), world.clock.now());
    let insert = format!(
        "INSERT INTO users (id, username, name, password_hash)
         VALUES ('{user}', 'dara', 'Dara', repeat('x', 97));
         INSERT INTO farm_users (farm_id, user_id, role, invited_by)
         VALUES ('{farm}', '{user}', 'keeper', '{user}')"
    );
    world.execute(&insert).await;
    let new = NewSession {
        user,
        token: TokenHash::of("dara"),
        address: "192.0.2.7".parse().unwrap(),
        user_agent: "Browser".to_owned(),
        now,
        expires_at: now.plus(Duration::from_secs(3600)),
    };
    let app = world.database.app();
    sessions::create(&app, &new).await.unwrap();
    let account = sessions::find(&mut app.get().await.unwrap(), &new.token, now).await.unwrap();
    account.unwrap().scope(world.farm).unwrap()
}

/// Devices of a kind on a node, accepted.
pub(crate) async fn devices(
    world: &World,
    node: &str,
    kind: &str,
    count: u32,
) -> Vec<(String, DeviceId)> {
    let mut made = Vec::new();
    let mut insert = String::new();
    for number in 1..=count {
        let (id, channel) = (Uuid::new_v4(), format!("{kind}{number}"));
        insert.push_str(&format!(
            "INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
                firmware_version, approved_at, is_online)
             SELECT '{id}', farm_id, id, '{channel}', '{node}:{channel}', '{node}:{channel}', '{channel}',
                'relay', '{kind}', '1', now(), true FROM nodes WHERE name = '{node}';"
        ));
        made.push((channel, DeviceId(id)));
    }
    world.execute(&insert).await;
    made
}

pub(crate) async fn fan(world: &World) -> DeviceId {
    devices(world, "coop-1", "fan", 1).await[0].1
}

pub(crate) async fn tap(
    world: &World,
    keeper: &FarmScope,
    device: DeviceId,
    action: Action,
) -> CommandId {
    ask(world, keeper, device, Asked { wish: Wish::Do(action), duration_ms: None }).await
}

/// What drops feed for ten seconds.
pub(crate) const PORTION: Asked = Asked { wish: Wish::Do(Action::On), duration_ms: Some(10_000) };

/// A person taps to drop feed for ten seconds.
pub(crate) async fn feed(world: &World, keeper: &FarmScope, feeder: DeviceId) -> CommandId {
    ask(world, keeper, feeder, PORTION).await
}

pub(crate) async fn ask(
    world: &World,
    keeper: &FarmScope,
    device: DeviceId,
    asked: Asked,
) -> CommandId {
    let id = CommandId(Uuid::new_v4());
    let tap = Tap { id, device, asked };
    let origin = Origin { at: world.clock.now(), address: None, user_agent: None };
    let outcome = commands::accept(&world.database.app(), keeper, &tap, &origin).await;
    let outcome = outcome.unwrap().outcome;
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    id
}

/// A node's word about a command.
pub(crate) fn result(command: impl std::fmt::Display, status: &str, state: Option<&str>) -> String {
    json!({ "command_id": command.to_string(), "status": status, "state": state }).to_string()
}

/// Does what a command says, and says so.
pub(crate) async fn obey(node: &mut TestNode, command: &Value) {
    let id = command["command_id"].as_str().unwrap();
    let state = if command["action"] == "off" { "off" } else { "on" };
    node.say("result", result(id, "executing", None)).await;
    node.say("result", result(id, "completed", Some(state))).await;
}

/// `status reason` of a command, as a query.
pub(crate) fn status(command: CommandId) -> String {
    format!("SELECT concat_ws(' ', status, reason) FROM device_commands WHERE id = '{command}'")
}
