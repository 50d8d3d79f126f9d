//! `kill -9` at each step of a command's way, again and again, of the server and of the broker; a device that drops
//! what it has seen does everything once. `TOKKATOT_TORTURE_ROUNDS` (default 1) is how often at each step.
use crate::{
    doomed::Doomed,
    hand::{devices, fan, feed, keeper, status, tap},
    world::{Running, World, eventually},
};
use domain::{CommandId, DeviceId, commands::Action};
use std::time::Duration;
use store::FarmScope;
use testkit::switch_node::{SwitchNode, Told};
use worker::Place;

/// A device that heard a command and whose answer was lost with the broker has a minute to end it.
const DOING: Duration = Duration::from_secs(75);

fn rounds() -> usize {
    std::env::var("TOKKATOT_TORTURE_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap())
}

fn node(world: &World) -> SwitchNode {
    let name = "coop-1".parse().unwrap();
    SwitchNode::start(world.broker.port(), &name, "coop-1", world.clock.now())
}

/// Taps a fan on and off in turn.
async fn tap_next(
    world: &World,
    (keeper, device): (&FarmScope, DeviceId),
    before: usize,
) -> CommandId {
    let action = if before.is_multiple_of(2) { Action::On } else { Action::Off };
    tap(world, keeper, device, action).await
}

/// Each command was told, none after its life, and nobody else's was.
fn check(told: &Told, ids: &[CommandId]) {
    assert_eq!(told.stale, 0, "told after its life");
    let lost: Vec<_> =
        ids.iter().filter(|id| !told.commands.contains_key(&id.to_string())).collect();
    assert!(lost.is_empty(), "never told: {lost:?}");
    assert_eq!(told.commands.len(), ids.len(), "told what nobody asked for");
}

/// How many commands there is an event of this kind about.
async fn events(world: &World, kind: &str) -> usize {
    let query = format!(
        "SELECT count(DISTINCT event_data ->> 'command') FROM event_logs WHERE event_type = '{kind}'"
    );
    world.text(&query).await.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_at_any_step_loses_no_command_and_does_none_twice() {
    let world = World::new().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let node = node(&world);
    let mut server = Doomed::start(&world, "one");
    let mut ids = Vec::new();
    for round in 0..rounds() {
        for place in Place::ALL {
            server.is_ready().await;
            server.arm(place).await;
            let id = tap_next(&world, (&keeper, device), ids.len()).await;
            assert!(server.reached().await, "{place:?} is never reached in round {round}");
            server.kill();
            server = Doomed::start(&world, "one");
            world.until(&status(id), "completed").await;
            ids.push(id);
        }
    }
    check(&node.told(), &ids);
    assert_eq!(events(&world, "command_completed").await, ids.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_at_any_step_loses_no_command_and_has_none_done_twice() {
    let mut world = World::new().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let node = node(&world);
    let mut worker = world.worker("one");
    // a broker that closes one connection after the other looks like one that a rival uses
    worker.settings.mqtt.rival_pause = Duration::from_millis(20);
    let (running, failpoint) = (Running::of(worker), world.failpoint.clone());
    let mut ids = Vec::new();
    for round in 0..rounds() {
        for place in Place::ALL {
            running.is_ready().await;
            failpoint.arm(place);
            let id = tap_next(&world, (&keeper, device), ids.len()).await;
            let reached = tokio::time::timeout(Duration::from_secs(10), failpoint.reached()).await;
            assert!(reached.is_ok(), "{place:?} is never reached in round {round}");
            world.broker.kill();
            failpoint.let_go();
            world.broker.start();
            ended(&world, id).await;
            ids.push(id);
        }
    }
    check(&node.told(), &ids);
    // what a node answered may have been in the broker, which forgets: then people are told so
    let (completed, timeout) =
        (events(&world, "command_completed").await, events(&world, "command_timeout").await);
    assert_eq!(completed + timeout, ids.len(), "every command is accounted for");
    assert!(completed >= ids.len().div_ceil(2), "{completed} of {} came to an end", ids.len());
    println!("{completed} completed, {timeout} not answered");
}

/// Waits until a command was done, or nobody answered.
async fn ended(world: &World, id: CommandId) {
    let began = tokio::time::Instant::now();
    loop {
        match world.text(&status(id)).await.as_str() {
            "completed" | "timeout no_answer" => return,
            other => assert!(began.elapsed() < DOING, "{id} stays {other}"),
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_is_told_at_most_once_wherever_the_server_is_killed() {
    let world = World::new().await;
    let keeper = keeper(&world).await;
    let feeder = devices(&world, "coop-1", "feeder", 1).await[0].1;
    let node = node(&world);
    let mut server = Doomed::start(&world, "one");
    let mut ids = Vec::new();
    for place in Place::ALL {
        server.is_ready().await;
        server.arm(place).await;
        let id = feed(&world, &keeper, feeder).await;
        assert!(server.reached().await, "{place:?} is never reached");
        server.kill();
        server = Doomed::start(&world, "one");
        ended(&world, id).await;
        ids.push(id.to_string());
    }
    let told = node.told();
    assert!(told.commands.values().all(|times| *times == 1), "{:?}", told.commands);
    // nobody knew whether that one was out, and so it never went
    let never: Vec<_> = ids.iter().filter(|id| !told.commands.contains_key(*id)).collect();
    assert_eq!(never, [&ids[0]]);
    assert_eq!(world.text(&status(ids[0].parse().unwrap())).await, "timeout no_answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_frozen_before_it_published_does_not_do_so_when_it_goes_on() {
    let world = World::new().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let feeder = devices(&world, "coop-1", "feeder", 1).await[0].1;
    let node = node(&world);
    let mut first = Doomed::start(&world, "one");
    first.is_ready().await;
    let second = Doomed::start(&world, "two");
    first.arm(Place::Attempted).await;
    let feed = feed(&world, &keeper, feeder).await;
    assert!(first.reached().await);
    first.freeze(true);
    first.let_go();
    let id = tap(&world, &keeper, device, Action::On).await;
    second.is_ready().await;
    world.until(&status(id), "completed").await;
    ended(&world, feed).await;
    first.freeze(false);
    assert_eq!(world.text("SELECT holder FROM leases WHERE name = 'ingest'").await, "two");
    // as long as it would have needed
    tokio::time::sleep(Duration::from_secs(2)).await;
    let told = node.told().commands;
    assert_eq!(told.get(&id.to_string()), Some(&1), "{told:?}");
    assert_eq!(told.len(), 1, "feed that nobody waits for any more");
    first.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_servers_the_one_at_work_is_killed_in_the_middle_and_no_command_is_lost() {
    const FANS: u32 = 20;
    let world = World::new().await;
    let keeper = keeper(&world).await;
    let fans = devices(&world, "coop-1", "fan", FANS).await;
    let node = node(&world);
    let mut servers: Vec<Doomed> =
        ["one", "two", "three"].map(|name| Doomed::start(&world, name)).into();
    let mut ids = Vec::new();
    for round in 0..rounds() {
        let mut leader = servers.remove(at_work(&servers).await);
        // some are done, one is on its way, some are asked for while nobody is there
        let place = Place::ALL[round % Place::ALL.len()];
        for (number, (_, fan)) in fans.iter().enumerate() {
            if number == fans.len() / 2 {
                leader.arm(place).await;
            }
            ids.push(tap_next(&world, (&keeper, *fan), round).await);
        }
        assert!(leader.reached().await, "{place:?} is never reached in round {round}");
        leader.kill();
        servers.push(Doomed::start(&world, "next"));
        let open = "SELECT count(*) FROM device_commands WHERE status <> 'completed'";
        world.until(open, "0").await;
    }
    let told = node.told();
    check(&told, &ids);
    // once for each kill that may have come between
    assert!(told.commands.values().all(|times| *times <= 2), "{:?}", told.commands);
    assert_eq!(events(&world, "command_completed").await, ids.len());
}

/// Which of the servers has the duty.
async fn at_work(servers: &[Doomed]) -> usize {
    let mut found = None;
    let look = eventually(async || {
        found = servers.iter().position(Doomed::has_link);
        found.is_some()
    });
    assert!(look.await, "nobody has the duty");
    found.unwrap()
}
