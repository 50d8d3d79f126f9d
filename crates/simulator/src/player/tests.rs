use super::*;
use crate::node::HEARTBEAT;
use crate::{house::HousePlan, weather::local_midnight};
use serde_json::Value;

/// 2026-04-20, at two in the afternoon: the fan runs.
fn now() -> Timestamp {
    local_midnight(20_563).plus(Duration::from_hours(14))
}

fn player(faults: Faults) -> Player {
    let begin = now().minus(Duration::from_hours(5));
    let house = House::begin(HousePlan::usual(20_563), "n1", 1, begin);
    let name = "n1".parse().unwrap();
    let interval = Duration::from_secs(2);
    Player::start(
        Part { name, house, interval, capacity: 100, heartbeat: HEARTBEAT, faults, seed: 1 },
        now(),
    )
}

fn said(player: &mut Player) -> Vec<(Up, Value)> {
    std::iter::from_fn(|| player.next_message())
        .map(|m| (m.up, serde_json::from_str(&m.payload).unwrap_or(Value::Null)))
        .collect()
}

fn command(player: &mut Player, id: &str, action: &str, at: Timestamp) {
    let expires_at = at.plus(Duration::from_mins(1)).as_millis();
    let payload = format!(
        r#"{{"command_id":"{id}","device":"fan1","action":"{action}","expires_at":{expires_at}}}"#
    );
    player.received("tokkatot/n1/down/command", payload.as_bytes(), at);
}

fn fan(player: &Player) -> bool {
    player.node.switches().iter().find(|s| s.channel.as_str() == "fan1").unwrap().is_on
}

/// Lets time pass as the link does: to the next due instant, again and again.
fn live(player: &mut Player, from: Timestamp, span: Duration) -> Timestamp {
    let until = from.plus(span);
    let mut at = from;
    while at < until {
        player.tick(at);
        at = player.due().max(at.plus(Duration::from_millis(1))).min(until);
    }
    until
}

#[test]
fn a_player_measures_every_interval() {
    let mut player = player(Faults::default());
    player.connected(now());
    live(&mut player, now(), Duration::from_secs(20));
    let readings = said(&mut player).into_iter().filter(|(up, _)| *up == Up::Readings).count();
    assert_eq!(readings, 10);
}

#[test]
fn the_farmers_hand_goes_before_the_house_for_half_an_hour() {
    let mut player = player(Faults::default());
    let now = live(&mut player, now(), Duration::from_secs(4));
    assert!(fan(&player), "it is hot");
    command(&mut player, "c1", "off", now);
    let now = live(&mut player, now, Duration::from_mins(29));
    assert!(!fan(&player));
    live(&mut player, now, Duration::from_mins(2));
    assert!(fan(&player), "the house minds itself again");
}

#[test]
fn after_a_power_cut_it_is_another_boot_and_the_link_is_cut() {
    let faults = Faults { reboot: Some(Duration::from_mins(10)), ..Faults::default() };
    let mut player = player(faults);
    player.connected(now());
    let boot =
        |said: &[(Up, Value)]| said.iter().find_map(|(_, v)| Some(v["boot"].as_str()?.to_owned()));
    let before = boot(&said(&mut player)).unwrap();
    let now = live(&mut player, now(), Duration::from_mins(16));
    assert!(player.take_cut() && !player.take_cut());
    player.connected(now);
    let after = said(&mut player);
    assert_ne!(boot(&after).unwrap(), before);
}

#[test]
fn lost_messages_are_told_again_until_they_arrive() {
    let mut player = player(Faults { drop: 0.3, ..Faults::default() });
    player.connected(now());
    let mut arrived = std::collections::BTreeSet::new();
    let mut now = now();
    for _ in 0..60 {
        now = live(&mut player, now, Duration::from_secs(10));
        arrived.extend(said(&mut player).iter().filter_map(|(_, v)| v["seq"].as_u64()));
        let complete = (1..).take_while(|seq| arrived.contains(seq)).last().unwrap_or(0);
        let boot = &player.node.boot().to_owned();
        let ack = format!(r#"{{"boot":"{boot}","seq":{complete}}}"#);
        player.received("tokkatot/n1/down/ack", ack.as_bytes(), now);
    }
    assert_eq!(player.node.ring().given_up(), 0);
    assert!(player.node.ring().len() < 60, "{}", player.node.ring().len());
}

#[test]
fn a_lost_link_goes_before_the_house_until_it_is_back() {
    let mut player = player(Faults::default());
    player.connected(now());
    let config = r#"{"version":1,"devices":{"fan1":{"on_link_loss":"off"}}}"#;
    player.received("tokkatot/n1/down/config", config.as_bytes(), now());
    let now = live(&mut player, now(), Duration::from_secs(4));
    assert!(fan(&player), "it is hot");
    player.disconnected(Vec::new(), now);
    let now = live(&mut player, now, Duration::from_secs(59));
    assert!(fan(&player), "the house goes on");
    let now = live(&mut player, now, Duration::from_mins(5));
    assert!(!fan(&player), "and does not switch it on again");
    player.connected(now);
    live(&mut player, now, Duration::from_mins(1));
    assert!(fan(&player), "the house minds itself again");
}

#[test]
fn the_sensors_are_read_as_often_as_configured() {
    let mut player = player(Faults::default());
    player.connected(now());
    let mut at = live(&mut player, now(), Duration::from_secs(1));
    said(&mut player);
    let mut version = 0;
    let mut measured = |interval: u32, span: u64| {
        version += 1;
        let config = format!(
            r#"{{"version":{version},"devices":{{"air":{{"polling_interval":{interval}}}}}}}"#
        );
        player.received("tokkatot/n1/down/config", config.as_bytes(), at);
        at = live(&mut player, at, Duration::from_secs(span));
        // what nobody acknowledges is said again under its number
        let readings = said(&mut player).into_iter().filter(|(up, _)| *up == Up::Readings);
        let last = readings.filter_map(|(_, message)| message["seq"].as_u64()).max();
        last.unwrap_or_default()
    };
    let first = measured(20, 60);
    let then = measured(50, 100) - first;
    assert_eq!(then, 2);
    assert_eq!(measured(5, 60) - first - then, 12);
}
