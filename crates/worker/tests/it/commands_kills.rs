//! The server ends at each step of a command's way, again and again, and a device that drops what it has seen
//! does everything once. `TOKKATOT_TORTURE_ROUNDS` (default 1) is how often at each step.
use crate::{
    hand::{fan, keeper, status, tap},
    world::{Running, World},
};
use domain::commands::Action;
use std::time::Duration;
use testkit::switch_node::SwitchNode;
use worker::Place;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_at_any_step_loses_no_command_and_does_none_twice() {
    let rounds: usize =
        std::env::var("TOKKATOT_TORTURE_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let world = World::new().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let name = "coop-1".parse().unwrap();
    let node = SwitchNode::start(world.broker.port(), &name, "coop-1", world.clock.now());
    let start = async || {
        let worker = world.worker("one");
        let failpoint = worker.failpoint.clone();
        let running = Running::of(worker);
        running.is_ready().await;
        (running, failpoint)
    };
    let (mut running, mut failpoint) = start().await;
    let mut ids = Vec::new();
    for round in 0..rounds {
        for place in Place::ALL {
            failpoint.arm(place);
            let action = if ids.len() % 2 == 0 { Action::On } else { Action::Off };
            let id = tap(&world, &keeper, device, action).await;
            let reached = tokio::time::timeout(Duration::from_secs(10), failpoint.reached()).await;
            assert!(reached.is_ok(), "{place:?} is never reached in round {round}");
            running.kill().await;
            (running, failpoint) = start().await;
            world.until(&status(id), "completed").await;
            ids.push(id);
        }
    }
    let told = node.told();
    assert_eq!(told.stale, 0, "told after its life");
    assert_eq!(told.commands.len(), ids.len());
    assert!(ids.iter().all(|id| told.commands.contains_key(&id.to_string())));
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'command_completed'";
    assert_eq!(world.text(events).await, ids.len().to_string());
}
