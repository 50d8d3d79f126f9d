//! The emergency stop over the whole way: everything it holds is told once, and nothing goes on while it stands.
use crate::{
    hand::{devices, keeper, obey, status},
    world::{Running, World},
};
use domain::{
    CommandId, DeviceId, StopId,
    commands::{Action, Asked, Refused, Wish},
};
use std::{collections::BTreeMap, time::Duration};
use store::{
    FarmScope, Origin,
    commands::{self, Outcome, Tap},
    stops::{self, NewStop, Pressed},
};

const STOP: StopId = StopId(uuid::Uuid::from_u128(900));
const ON: Asked = Asked { wish: Wish::Do(Action::On), duration_ms: None };

fn now(world: &World) -> Origin<'static> {
    Origin { at: world.clock.now(), address: None, user_agent: None }
}

async fn press(world: &World, who: &FarmScope) -> Pressed {
    let new = NewStop { id: STOP, house: None, includes_fans: false };
    stops::press(&world.database.app(), who, &new, &now(world)).await.unwrap().outcome
}

/// What automation asks for.
async fn automatic(world: &World, source: &str, device: DeviceId) -> CommandId {
    let id = CommandId(uuid::Uuid::new_v4());
    let insert = format!(
        "INSERT INTO device_commands (id, farm_id, device_id, command_type, source, status, expires_at)
         VALUES ('{id}', '{}', '{device}', 'on', '{source}', 'queued', now() + interval '60 s')",
        world.farm
    );
    world.execute(&insert).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_stop_tells_each_of_two_hundred_devices_once() {
    let world = World::new().await;
    let _running = world.start().await;
    let keeper = keeper(&world).await;
    let pumps = devices(&world, "coop-1", "pump", 200).await;
    devices(&world, "coop-1", "fan", 5).await;
    let mut node = world.node("coop-1").await;
    assert_eq!(press(&world, &keeper).await, Pressed::Stopped(200));
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    while told.len() < 200 {
        let command = node.hear("command").await;
        assert_eq!(command["action"], "off");
        *told.entry(command["device"].as_str().unwrap().to_owned()).or_default() += 1;
        obey(&mut node, &command).await;
    }
    assert!(pumps.iter().all(|(channel, _)| told.get(channel) == Some(&1)), "{told:?}");
    world.until("SELECT count(*) FROM device_commands WHERE status = 'completed'", "200").await;
    assert_eq!(world.text("SELECT count(*) FROM device_commands").await, "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_stays_off_over_a_restart_until_somebody_lets_it_go_on() {
    let world = World::new().await;
    let first = world.start().await;
    let keeper = keeper(&world).await;
    let pump = devices(&world, "coop-1", "pump", 1).await[0].1;
    let mut node = world.node("coop-1").await;
    assert_eq!(press(&world, &keeper).await, Pressed::Stopped(1));
    let off = node.hear("command").await;
    obey(&mut node, &off).await;
    world.until("SELECT count(*) FROM device_commands WHERE status = 'completed'", "1").await;
    // something is asked for by then, too
    let waiting = automatic(&world, "schedule", pump).await;
    first.kill().await;
    let second = Running::of(world.worker("two"));
    second.is_ready().await;
    world.until(&status(waiting), "failed stopped").await;
    for source in ["schedule", "rule", "safety"] {
        let id = automatic(&world, source, pump).await;
        world.until(&status(id), "failed stopped").await;
    }
    let tap = Tap { id: CommandId(uuid::Uuid::new_v4()), device: pump, asked: ON };
    let tapped = commands::accept(&world.database.app(), &keeper, &tap, &now(&world)).await;
    let refused = tapped.unwrap().outcome;
    assert!(
        matches!(refused, Outcome::Refused(Refused::Stopped { stop: STOP, .. })),
        "{refused:?}"
    );
    assert_eq!(node.hear_within("command", Duration::from_millis(1500)).await, None);
    let released = stops::release(&world.database.app(), &keeper, STOP, &now(&world)).await;
    assert!(released.unwrap().outcome);
    let id = automatic(&world, "schedule", pump).await;
    let on = node.hear("command").await;
    assert_eq!((&on["command_id"], &on["action"]), (&id.to_string().into(), &"on".into()));
}
