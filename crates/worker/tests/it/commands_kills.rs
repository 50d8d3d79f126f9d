//! The server ends at each step of a command's way, again and again, and a device that drops what it has seen
//! does everything once. `TOKKATOT_TORTURE_ROUNDS` (default 1) is how often at each step.
use crate::{
    hand::{fan, keeper, obey, result, status, tap},
    world::{Running, World},
};
use domain::commands::Action;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use store::Clock;
use testkit::TestNode;
use worker::Place;

/// How often each command was carried out, and how many were told after their life.
#[derive(Debug, Clone, Default)]
struct Done(Arc<Mutex<(HashMap<String, u32>, u32)>>);

/// A node that does each command once; what comes again is answered again.
async fn work(mut node: TestNode, clock: Clock, done: Done) {
    while let Some(command) = node.hear_within("command", Duration::from_secs(3600)).await {
        let id = command["command_id"].as_str().unwrap().to_owned();
        let is_alive = clock.now().as_millis() < command["expires_at"].as_i64().unwrap();
        let is_new = {
            let mut done = done.0.lock().unwrap();
            if !is_alive {
                done.1 += 1;
                continue;
            }
            let is_new = !done.0.contains_key(&id);
            *done.0.entry(id.clone()).or_default() += u32::from(is_new);
            is_new
        };
        if is_new {
            obey(&mut node, &command).await;
        } else {
            let state = command["action"].as_str();
            node.say("result", result(&id, "completed", state)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_at_any_step_loses_no_command_and_does_none_twice() {
    let rounds: usize =
        std::env::var("TOKKATOT_TORTURE_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let world = World::new().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let node = world.node("coop-1").await;
    let done = Done::default();
    let working = tokio::spawn(work(node, world.clock.clone(), done.clone()));
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
    working.abort();
    let done = done.0.lock().unwrap().clone();
    assert_eq!(done.1, 0, "told after its life");
    assert_eq!(done.0.len(), ids.len());
    for id in ids {
        assert_eq!(done.0.get(&id.to_string()), Some(&1), "{id}");
    }
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'command_completed'";
    assert_eq!(world.text(events).await, done.0.len().to_string());
}
