//! Commands go out, and what becomes of them comes back.
use crate::{
    hand::{devices, fan, keeper, obey, result, status, tap},
    world::{World, eventually},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use domain::{
    commands::{Action, Status},
    live::News,
};
use std::{collections::BTreeMap, time::Duration};
use store::{Clock, Origin, live::Message, stops};

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_reaches_the_device_and_its_answers_reach_the_farm() {
    let world = World::new().await;
    let _running = world.start().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let mut node = world.node("coop-1").await;
    node.say("heartbeat", "{}").await;
    world.until("SELECT is_online FROM devices", "true").await;
    let mut page = world.bus.subscribe(world.farm);
    let id = tap(&world, &keeper, device, Action::On).await;
    let command = node.hear("command").await;
    assert_eq!(command["command_id"], id.to_string());
    assert_eq!((&command["device"], &command["action"]), (&"fan1".into(), &"on".into()));
    let life = command["expires_at"].as_i64().unwrap() - command["issued_at"].as_i64().unwrap();
    assert_eq!(life, 60_000);
    world.until(&status(id), "sent").await;
    node.say("result", result(id, "executing", None)).await;
    world.until(&status(id), "executing").await;
    node.say("result", result(id, "completed", Some("on"))).await;
    world.until(&status(id), "completed").await;
    assert_eq!(world.text("SELECT reported_state FROM devices").await, "on");
    let (mut told, mut state) = (Vec::new(), None);
    while told.last() != Some(&Status::Completed) {
        let Message::News(event) = page.recv().await.unwrap() else { continue };
        match &event.news {
            News::Command(command) => {
                assert_eq!((command.command_id, command.device_id), (id, device));
                told.push(command.status);
            }
            News::Device(news) => state = news.state.clone(),
            _ => {}
        }
    }
    assert_eq!(told, [Status::Sent, Status::Executing, Status::Completed]);
    assert_eq!(state.as_deref(), Some("on"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_wish_waits_for_the_one_before_it_and_goes_out_as_soon_as_that_has_ended() {
    let world = World::new().await;
    let _running = world.start().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let mut node = world.node("coop-1").await;
    let first = tap(&world, &keeper, device, Action::On).await;
    let heard = node.hear("command").await;
    let second = tap(&world, &keeper, device, Action::Off).await;
    let third = tap(&world, &keeper, device, Action::On).await;
    assert_eq!(node.hear_within("command", Duration::from_millis(1500)).await, None);
    obey(&mut node, &heard).await;
    let heard = node.hear("command").await;
    assert_eq!(heard["command_id"], third.to_string(), "the last wish wins");
    obey(&mut node, &heard).await;
    for (command, wanted) in
        [(first, "completed"), (second, "failed superseded"), (third, "completed")]
    {
        world.until(&status(command), wanted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_says_nothing_is_given_up_and_never_taken_for_on() {
    let mut world = World::new().await;
    world.clock = Clock::fake(world.clock.now());
    let _running = world.start().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let mut node = world.node("coop-1").await;
    node.say("heartbeat", "{}").await;
    world.until("SELECT is_online FROM devices", "true").await;
    let id = tap(&world, &keeper, device, Action::On).await;
    node.hear("command").await;
    world.until(&status(id), "sent").await;
    world.clock.advance(Duration::from_secs(10));
    world.until(&status(id), "timeout no_answer").await;
    assert_eq!(world.text("SELECT coalesce(reported_state, 'none') FROM devices").await, "none");
    // what it says in the end is an event and its state, and the command stays given up
    node.say("result", result(id, "completed", Some("on"))).await;
    let late = "SELECT count(*) FROM event_logs WHERE event_type = 'command_result_late'";
    world.until(late, "1").await;
    assert_eq!(world.text("SELECT reported_state FROM devices").await, "on");
    assert_eq!(world.text(&status(id)).await, "timeout no_answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_a_node_for_is_ignored_counted_and_written_down_once_an_hour() {
    let world = World::new().await;
    world.add_node("coop-2", Some(world.farm)).await;
    let neighbour = domain::FarmId(uuid::Uuid::new_v4());
    let farm = format!(
        "INSERT INTO farms (id, owner_id, name) SELECT '{neighbour}', owner_id, 'Next' FROM farms"
    );
    world.execute(&farm).await;
    world.add_node("next-1", Some(neighbour)).await;
    let _running = world.start().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let mut node = world.node("coop-1").await;
    let mut other = world.node("coop-2").await;
    let mut foreign = world.node("next-1").await;
    let id = tap(&world, &keeper, device, Action::On).await;
    node.hear("command").await;
    world.until(&status(id), "sent").await;
    for _ in 0..3 {
        other.say("result", result(id, "completed", Some("on"))).await;
        other.say("result", result(uuid::Uuid::new_v4(), "failed", None)).await;
        foreign.say("result", result(id, "completed", Some("on"))).await;
    }
    for nonsense in ["{}", r#"{"command_id":"1","status":"completed"}"#] {
        other.say("result", nonsense).await;
    }
    world.until_quarantined("bad-field bad-field").await;
    let unknown = "SELECT string_agg(event_data ->> 'node', ' ' ORDER BY event_data ->> 'node')
        FROM event_logs WHERE event_type = 'command_result_unknown'";
    world.until(unknown, "coop-2 next-1").await;
    assert_eq!(world.text(&status(id)).await, "sent");
    assert_eq!(world.text("SELECT coalesce(reported_state, 'none') FROM devices").await, "none");
    // each is told of on its own farm
    let on_farm = format!("{unknown} AND farm_id = '{neighbour}'");
    assert_eq!(world.text(&on_farm).await, "next-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_strange_answers_are_written_down_is_not_looked_for_again_within_the_hour() {
    let mut world = World::new().await;
    world.clock = Clock::fake(world.clock.now());
    let _running = world.start().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let mut node = world.node("coop-1").await;
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'command_result_unknown'";
    node.say("result", result(uuid::Uuid::new_v4(), "failed", None)).await;
    world.until(events, "1").await;
    // as if nobody had written it down: whoever looks for it would do so
    let superuser = world.database.superuser_url();
    let mut superuser = AsyncPgConnection::establish(&superuser).await.unwrap();
    let forget = "SET session_replication_role = replica;
        DELETE FROM event_logs WHERE event_type = 'command_result_unknown'";
    superuser.batch_execute(forget).await.unwrap();
    let mut strange = async |seconds, wanted| {
        world.clock.advance(Duration::from_secs(seconds));
        node.say("result", result(uuid::Uuid::new_v4(), "failed", None)).await;
        let id = tap(&world, &keeper, device, Action::On).await;
        let command = node.hear("command").await;
        obey(&mut node, &command).await;
        world.until(&status(id), "completed").await;
        assert_eq!(world.text(events).await, wanted, "{seconds} s later");
    };
    strange(60, "0").await;
    strange(3600, "1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_comes_back_is_told_again_under_the_same_identity() {
    let world = World::new().await;
    let _running = world.start().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    // nobody is there to hear it, and the broker keeps nothing
    let id = tap(&world, &keeper, device, Action::On).await;
    world.until(&status(id), "sent").await;
    let mut node = world.node("coop-1").await;
    assert_eq!(node.hear_within("command", Duration::from_millis(300)).await, None);
    node.say_retained("availability", "online").await;
    let heard = node.hear("command").await;
    assert_eq!(heard["command_id"], id.to_string());
    obey(&mut node, &heard).await;
    world.until(&status(id), "completed").await;
    // what was done is not told again
    node.say_retained("availability", "online").await;
    node.hear("time").await;
    assert_eq!(node.hear_within("command", Duration::from_millis(1500)).await, None);
    assert_eq!(world.text("SELECT attempts FROM device_commands").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_servers_one_publishes_each_command_once() {
    let world = World::new().await;
    let servers = ["one", "two", "three"].map(|name| world.start_as(name));
    assert!(eventually(async || servers.iter().any(|server| server.has_link())).await);
    let keeper = keeper(&world).await;
    let fans = devices(&world, "coop-1", "fan", 30).await;
    let mut node = world.node("coop-1").await;
    let mut heard: BTreeMap<String, u32> = BTreeMap::new();
    for (_, device) in &fans {
        tap(&world, &keeper, *device, Action::On).await;
    }
    while let Some(command) = node.hear_within("command", Duration::from_secs(2)).await {
        *heard.entry(command["command_id"].as_str().unwrap().to_owned()).or_default() += 1;
        obey(&mut node, &command).await;
    }
    assert_eq!(heard.len(), 30);
    assert!(heard.values().all(|times| *times == 1), "{heard:?}");
    world.until("SELECT count(*) FROM device_commands WHERE status = 'completed'", "30").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_nobody_answers_is_told_again_under_a_new_identity() {
    let mut world = World::new().await;
    world.clock = Clock::fake(world.clock.now());
    let _running = world.start().await;
    let keeper = keeper(&world).await;
    let pump = devices(&world, "coop-1", "pump", 1).await[0].1;
    let mut node = world.node("coop-1").await;
    node.say("heartbeat", "{}").await;
    world.until("SELECT is_online FROM devices", "true").await;
    // what is under way is over
    let on = tap(&world, &keeper, pump, Action::On).await;
    node.hear("command").await;
    let new = stops::NewStop {
        id: domain::StopId(uuid::Uuid::new_v4()),
        house: None,
        includes_fans: false,
    };
    let origin = Origin { at: world.clock.now(), address: None, user_agent: None };
    drop(stops::press(&world.database.app(), &keeper, &new, &origin).await.unwrap());
    let first = node.hear("command").await;
    assert_eq!(first["action"], "off");
    world.until(&status(on), "failed superseded").await;
    world.until("SELECT count(*) FROM device_commands WHERE status = 'sent'", "1").await;
    world.clock.advance(Duration::from_secs(10));
    let second = node.hear("command").await;
    assert_ne!(second["command_id"], first["command_id"]);
    obey(&mut node, &second).await;
    world.until("SELECT count(*) FROM device_commands WHERE status = 'completed'", "1").await;
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(node.hear_within("command", Duration::from_millis(2500)).await, None, "it answered");
}
