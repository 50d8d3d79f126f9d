use super::*;
use domain::readings::SensorKind;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn after(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

fn node() -> Node {
    let settings = NodeSettings {
        name: "n1".parse().unwrap(),
        switches: vec!["fan1".parse().unwrap(), "light".parse().unwrap()],
        capacity: 100,
        heartbeat: HEARTBEAT,
        clock: ClockAtStart::Right,
    };
    Node::start(settings, "b1".to_owned(), NOW)
}

fn online() -> Node {
    let mut node = node();
    node.connected(NOW);
    said(&mut node);
    node
}

/// Everything the node has to say now.
fn said(node: &mut Node) -> Vec<(Up, Value)> {
    std::iter::from_fn(|| node.next_message())
        .map(|out| {
            (out.up, serde_json::from_str(&out.payload).unwrap_or(Value::String(out.payload)))
        })
        .collect()
}

fn only(said: Vec<(Up, Value)>, up: Up) -> Vec<Value> {
    said.into_iter().filter(|(at, _)| *at == up).map(|(_, value)| value).collect()
}

fn temperature(value: f64) -> [Reading; 1] {
    let channel = "air".parse().unwrap();
    [Reading { channel, sensor: SensorKind::Temperature, value }]
}

fn command(id: &str, action: &str, more: Value) -> Vec<u8> {
    let mut command = json!({
        "command_id": id, "device": "fan1", "action": action, "value": null,
        "duration_ms": null, "issued_at": NOW.as_millis(),
        "expires_at": after(60).as_millis()
    });
    for (key, value) in more.as_object().unwrap() {
        command[key] = value.clone();
    }
    command.to_string().into_bytes()
}

/// A node that has no clock of its own.
fn without_clock() -> Node {
    let settings = NodeSettings { clock: ClockAtStart::Unset, ..node().settings };
    Node::start(settings, "b1".to_owned(), NOW)
}

fn give(node: &mut Node, topic: &str, payload: &[u8], now: Timestamp) -> Vec<(Up, Value)> {
    node.received(&format!("tokkatot/n1/down/{topic}"), payload, now);
    said(node)
}

fn ack(node: &mut Node, boot: &str, seq: u64) {
    let payload = json!({"boot": boot, "seq": seq}).to_string();
    node.received("tokkatot/n1/down/ack", payload.as_bytes(), NOW);
}

#[test]
fn a_node_greets_with_availability_heartbeat_and_all_states() {
    let mut node = node();
    node.connected(NOW);
    let hello = node.next_message().unwrap();
    assert_eq!(
        (hello.up, hello.payload.as_str(), hello.retain),
        (Up::Availability, "online", true)
    );
    let rest = said(&mut node);
    assert_eq!(rest[0].0, Up::Heartbeat);
    assert_eq!(rest[0].1["boot"], "b1");
    let since = NOW.as_millis();
    assert_eq!(
        rest[1],
        (
            Up::State,
            json!({"boot": "b1", "seq": 1, "ts": since, "states": [
                {"device": "fan1", "state": "off", "value": null, "cause": "boot", "since": since},
                {"device": "light", "state": "off", "value": null, "cause": "boot", "since": since},
            ]})
        )
    );
}

#[test]
fn readings_carry_boot_number_time_and_unit() {
    let mut node = online();
    node.measured(&temperature(28.5), after(1));
    assert_eq!(
        said(&mut node),
        [(
            Up::Readings,
            json!({"boot": "b1", "seq": 2, "ts": after(1).as_millis(), "readings": [
                {"device": "air", "sensor": "temperature", "value": 28.5, "unit": "°C"}
            ]})
        )]
    );
}

#[test]
fn what_was_measured_offline_is_told_in_order_and_then_the_states() {
    let mut node = online();
    ack(&mut node, "b1", 1);
    node.disconnected(Vec::new(), after(0));
    for second in 0..3 {
        node.measured(&temperature(28.0), after(second));
    }
    assert!(node.next_message().is_none());
    node.connected(after(10));
    let said = said(&mut node);
    let numbers: Vec<u64> = said.iter().filter_map(|(_, value)| value["seq"].as_u64()).collect();
    assert_eq!(numbers, [2, 3, 4, 5]);
    assert_eq!(said.last().unwrap().0, Up::State);
}

#[test]
fn an_ack_of_another_boot_forgets_nothing() {
    let mut node = online();
    ack(&mut node, "b0", 1);
    assert_eq!(node.ring().len(), 1);
    ack(&mut node, "b1", 1);
    assert!(node.ring().is_empty());
}

#[test]
fn what_nobody_confirms_is_sent_again_ever_more_patiently() {
    let mut node = online();
    node.tick(after(0));
    let mut sent_at = Vec::new();
    for second in 0..100 {
        node.tick(after(second));
        if !only(said(&mut node), Up::State).is_empty() {
            sent_at.push(second);
        }
    }
    assert_eq!(sent_at, [3, 9, 21, 45, 93]);
}

#[test]
fn after_a_gap_every_message_says_where_the_node_begins() {
    let mut node = node();
    for second in 0..150 {
        node.measured(&temperature(28.0), after(second));
    }
    node.connected(after(150));
    let readings = only(said(&mut node), Up::Readings);
    assert_eq!((&readings[0]["seq"], &readings[0]["first"]), (&json!(52), &json!(52)));
    assert!(readings.iter().all(|message| message["first"] == 52));
    ack(&mut node, "b1", 60);
    let readings = only(said(&mut node), Up::Readings);
    assert!(readings.iter().all(|message| message.get("first").is_none()));
}

#[test]
fn a_command_is_executed_told_and_completed() {
    let mut node = online();
    let said = give(&mut node, "command", &command("c1", "on", json!({})), after(1));
    let statuses: Vec<Value> =
        only(said.clone(), Up::Result).iter().map(|result| result["status"].clone()).collect();
    assert_eq!(statuses, ["executing", "completed"]);
    let states = only(said, Up::State);
    assert_eq!(
        states[0]["states"],
        json!([{"device": "fan1", "state": "on", "value": null, "cause": "command",
            "since": after(1).as_millis()}])
    );
}

#[test]
fn a_command_that_comes_twice_is_done_once() {
    let mut node = online();
    give(&mut node, "command", &command("c1", "on", json!({})), after(1));
    give(&mut node, "command", &command("c2", "off", json!({})), after(2));
    assert_eq!(give(&mut node, "command", &command("c1", "on", json!({})), after(3)), []);
    assert!(!node.switches()[0].is_on);
    node.reboot("b2".to_owned(), after(4));
    node.connected(after(4));
    said(&mut node);
    assert_eq!(give(&mut node, "command", &command("c1", "on", json!({})), after(5)), []);
}

#[test]
fn an_expired_command_is_never_done() {
    let mut node = online();
    assert_eq!(give(&mut node, "command", &command("c1", "on", json!({})), after(60)), []);
    assert!(!node.switches()[0].is_on);
}

#[test]
fn a_timed_on_ends_by_itself_even_offline() {
    let mut node = online();
    give(&mut node, "command", &command("c1", "on", json!({"duration_ms": 5000})), NOW);
    assert_eq!(node.due(), after(5));
    node.disconnected(Vec::new(), after(0));
    node.tick(after(4));
    assert!(node.switches()[0].is_on);
    node.tick(after(5));
    assert_eq!((node.switches()[0].is_on, node.switches()[0].cause), (false, "timer"));
}

#[test]
fn a_newer_on_without_a_time_outlives_the_timed_one() {
    let mut node = online();
    give(&mut node, "command", &command("c1", "on", json!({"duration_ms": 5000})), NOW);
    give(&mut node, "command", &command("c2", "on", json!({})), after(1));
    node.tick(after(10));
    assert!(node.switches()[0].is_on);
}

#[test]
fn what_can_not_be_done_fails_with_a_reason() {
    let mut node = online();
    let refused = [
        (json!({"device": "fan9"}), "no such device"),
        (json!({"device": "fan1/x"}), "no such device"),
        (json!({"action": "explode"}), "no such action"),
        (json!({"action": "set_value"}), "no value"),
        (json!({"action": "set_value", "value": 100.5}), "the value is not within 0 to 100"),
        (json!({"action": "set_angle", "value": -1.0}), "the value is not within 0 to 180"),
    ];
    for ((more, error), id) in refused.into_iter().zip(0..) {
        let payload = command(&format!("c{id}"), "on", more);
        let results = only(give(&mut node, "command", &payload, NOW), Up::Result);
        assert_eq!(
            (&results[0]["status"], &results[0]["error"]),
            (&json!("failed"), &json!(error))
        );
    }
}

#[test]
fn nonsense_is_passed_over_with_a_word() {
    let mut node = online();
    for (topic, payload) in [("command", "{}"), ("ack", "[]"), ("config", "\u{feff}"), ("x", "{}")]
    {
        let said = give(&mut node, topic, payload.as_bytes(), NOW);
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0].0, Up::Log);
    }
}

#[test]
fn a_configuration_is_acknowledged_by_its_version() {
    let mut node = online();
    let config = |version: u32| {
        json!({"version": version, "devices": {"air": {"polling_interval": 30}}}).to_string()
    };
    let acked = |node: &mut Node, version| {
        only(give(node, "config", config(version).as_bytes(), NOW), Up::ConfigAck)
    };
    assert_eq!(acked(&mut node, 7), [json!({"version": 7})]);
    assert_eq!(acked(&mut node, 6), [json!({"version": 7})], "the newer one stays in force");
}

/// Gives the fan rules.
fn configure(node: &mut Node, version: u32, rules: Value) -> Vec<Value> {
    let config = json!({ "version": version, "devices": { "fan1": rules } }).to_string();
    only(give(node, "config", config.as_bytes(), NOW), Up::ConfigAck)
}

#[test]
fn a_configuration_that_can_not_be_kept_to_is_refused_and_the_old_one_stays() {
    let mut node = online();
    configure(&mut node, 7, json!({ "polling_interval": 30, "of_another_firmware": [1] }));
    for rules in [
        json!({ "polling_interval": "soon" }),
        json!({ "polling_interval": 0 }),
        json!({ "on_link_loss": "explode" }),
        json!({ "max_on_s": -1 }),
    ] {
        let [ack] = configure(&mut node, 8, rules).try_into().unwrap();
        assert_eq!((&ack["version"], &ack["refused"]), (&json!(7), &json!(8)));
        assert!(ack["error"].as_str().unwrap().starts_with("fan1: "), "{ack}");
    }
    assert_eq!(node.polling_interval(), Some(Duration::from_secs(30)));
    node.reboot("b2".to_owned(), after(1));
    assert_eq!(node.polling_interval(), Some(Duration::from_secs(30)), "it is in permanent memory");
}

#[test]
fn a_switch_keeps_to_its_rules_whoever_switches_it() {
    let mut node = online();
    let rules = json!({ "max_on_s": 10, "min_off_s": 5, "max_starts_per_hour": 2 });
    configure(&mut node, 1, rules);
    let order = |node: &mut Node, id, action, second| {
        let command = command(id, action, json!({ "expires_at": after(9999).as_millis() }));
        let results = only(give(node, "command", &command, after(second)), Up::Result);
        results.last().unwrap()["error"].as_str().unwrap_or("done").to_owned()
    };
    let fan: Channel = "fan1".parse().unwrap();
    assert!(order(&mut node, "c1", "on", 2).contains("rest"), "it has just started");
    assert_eq!(order(&mut node, "c2", "on", 5), "done");
    assert_eq!(node.due(), after(15));
    node.tick(after(15));
    assert_eq!((node.switches()[0].is_on, node.switches()[0].cause), (false, "safety"));
    node.switched(&fan, true, after(19));
    assert!(!node.switches()[0].is_on, "its own control keeps to it too");
    node.switched(&fan, true, after(20));
    assert!(node.switches()[0].is_on);
    assert_eq!(order(&mut node, "c3", "off", 21), "done", "nothing keeps it from going off");
    assert!(order(&mut node, "c4", "on", 30).contains("often enough"));
    assert_eq!(order(&mut node, "c5", "on", 3606), "done");
    let group = json!({ "version": 2, "devices": {
        "fan1": { "exclusive_group": "m" }, "light": { "exclusive_group": "m" } } });
    give(&mut node, "config", group.to_string().as_bytes(), after(3607));
    let light =
        command("c6", "on", json!({ "device": "light", "expires_at": after(9999).as_millis() }));
    let results = only(give(&mut node, "command", &light, after(3608)), Up::Result);
    assert_eq!(results[0]["error"], "something else of its group runs");
}

#[test]
fn a_lost_broker_switches_as_configured_once_and_only_after_a_minute() {
    let mut node = online();
    configure(&mut node, 1, json!({ "on_link_loss": "on" }));
    node.disconnected(Vec::new(), NOW);
    assert_eq!(node.due(), after(60));
    node.tick(after(59));
    assert!(!node.switches()[0].is_on);
    node.tick(after(60));
    assert_eq!((node.switches()[0].is_on, node.switches()[0].cause), (true, "safety"));
    assert!(!node.switches()[1].is_on, "nothing is said of the light");
    node.switched(&"fan1".parse().unwrap(), false, after(70));
    node.tick(after(600));
    assert!(!node.switches()[0].is_on, "once for each loss");
}

#[test]
fn the_servers_time_corrects_a_wrong_clock_but_not_a_deaf_one() {
    let hour = 3_600_000;
    let told = json!({"now": NOW.as_millis() + hour}).to_string();
    let stamp = |mut node: Node| {
        node.received("tokkatot/n1/down/time", told.as_bytes(), NOW);
        node.measured(&temperature(28.0), NOW);
        said(&mut node).last().unwrap().1["ts"].as_i64().unwrap() - NOW.as_millis()
    };
    assert_eq!(stamp(online()), hour);
    let mut deaf = node();
    deaf.settings.clock = ClockAtStart::Wrong(-hour);
    deaf = Node::start(deaf.settings, "b".to_owned(), NOW);
    deaf.connected(NOW);
    assert_eq!(stamp(deaf), 1 - hour, "and no two messages have the same millisecond");
}

#[test]
fn results_that_nobody_confirmed_are_told_again_after_a_break() {
    let mut node = online();
    node.received("tokkatot/n1/down/command", &command("c1", "on", json!({})), NOW);
    let sent: Vec<Outgoing> =
        std::iter::from_fn(|| node.next_message()).filter(|out| out.up == Up::Result).collect();
    node.disconnected(sent.clone(), after(2));
    node.connected(after(3));
    let again: Vec<Outgoing> =
        std::iter::from_fn(|| node.next_message()).filter(|out| out.up == Up::Result).collect();
    assert_eq!(again, sent);
}

#[test]
fn a_switch_does_what_it_is_to_do_when_the_broker_has_been_away_for_a_minute() {
    for (wish, starts, ends) in [
        ("off", true, false),
        ("on", false, true),
        ("hold", true, true),
        ("nonsense", false, false),
    ] {
        let mut node = online();
        configure(&mut node, 1, json!({ "on_link_loss": wish }));
        let action = if starts { "on" } else { "off" };
        give(&mut node, "command", &command("c1", action, json!({})), NOW);
        node.disconnected(Vec::new(), after(10));
        assert_eq!(node.due(), after(70));
        node.tick(after(69));
        assert_eq!(node.switches()[0].is_on, starts, "{wish}: a short loss is none");
        node.tick(after(70));
        assert_eq!(node.switches()[0].is_on, ends, "{wish}");
        assert!(!node.switches()[1].is_on, "{wish}: of the light nothing was said");
        node.connected(after(80));
        let told: Vec<Value> = only(said(&mut node), Up::State)
            .iter()
            .flat_map(|message| message["states"].as_array().unwrap().clone())
            .filter(|state| state["device"] == "fan1" && state["cause"] == "safety")
            .map(|state| state["state"].clone())
            .collect();
        // when it happened, and among all states after the connect
        let word = if ends { "on" } else { "off" };
        assert_eq!(told, if starts == ends { vec![] } else { vec![json!(word); 2] }, "{wish}");
    }
}

#[test]
fn a_loss_switches_once_and_a_timed_on_still_ends_in_time() {
    let mut node = online();
    configure(&mut node, 1, json!({ "on_link_loss": "on" }));
    give(&mut node, "command", &command("c1", "on", json!({"duration_ms": 90_000})), NOW);
    node.disconnected(Vec::new(), after(1));
    node.tick(after(61));
    assert_eq!(node.due(), after(90));
    node.tick(after(90));
    assert_eq!((node.switches()[0].is_on, node.switches()[0].cause), (false, "timer"));
    node.tick(after(1000));
    assert!(!node.switches()[0].is_on, "once");
    node.connected(after(1001));
    node.disconnected(Vec::new(), after(1002));
    node.tick(after(1062));
    assert_eq!((node.switches()[0].is_on, node.switches()[0].cause), (true, "safety"), "anew");
}

#[test]
fn what_a_switch_is_to_do_outlives_a_power_cut_and_an_older_configuration() {
    let mut node = online();
    configure(&mut node, 7, json!({ "on_link_loss": "on" }));
    configure(&mut node, 6, json!({ "on_link_loss": "hold" }));
    node.reboot("b2".to_owned(), after(5));
    assert_eq!(node.due(), after(65), "it has never been connected");
    node.tick(after(65));
    assert!(node.switches()[0].is_on);
}

#[test]
fn without_a_clock_nothing_is_done_and_nothing_dated_is_told() {
    let mut node = without_clock();
    node.connected(after(1));
    node.measured(&temperature(28.0), after(2));
    let said_first = said(&mut node);
    let kinds: Vec<Up> = said_first.iter().map(|(up, _)| *up).collect();
    assert_eq!(kinds, [Up::Availability, Up::Heartbeat]);
    assert_eq!(said_first[1].1.get("ts"), None);
    let refused =
        only(give(&mut node, "command", &command("c1", "on", json!({})), NOW), Up::Result);
    assert_eq!(
        (&refused[0]["status"], &refused[0]["error"]),
        (&json!("failed"), &json!("the clock is not set"))
    );
    assert!(refused.len() == 1 && refused[0].get("ts").is_none() && !node.switches()[0].is_on);
    // two hours beside what a battery would have kept
    let beside = 7_200_000;
    let told = json!({"now": after(3).as_millis() + beside}).to_string();
    let dated = give(&mut node, "time", told.as_bytes(), after(3));
    let at = |message: &Value| message["ts"].as_i64().unwrap() - beside - NOW.as_millis();
    assert_eq!(only(dated.clone(), Up::State).iter().map(at).collect::<Vec<_>>(), [1000]);
    assert_eq!(only(dated.clone(), Up::Readings).iter().map(at).collect::<Vec<_>>(), [2000]);
    let since = &only(dated, Up::State)[0]["states"][0]["since"];
    assert_eq!(*since, json!(NOW.as_millis() + beside));
    let expires = json!({"expires_at": after(60).as_millis() + beside});
    let results =
        only(give(&mut node, "command", &command("c2", "on", expires), after(4)), Up::Result);
    assert_eq!(results.last().unwrap()["status"], "completed");
}

#[test]
fn what_waits_for_a_clock_is_no_more_than_fits() {
    let mut node = without_clock();
    node.connected(NOW);
    for second in 0..150 {
        node.measured(&temperature(28.0), after(second));
    }
    let told = json!({"now": after(150).as_millis()}).to_string();
    let readings = only(give(&mut node, "time", told.as_bytes(), after(150)), Up::Readings);
    assert_eq!(readings.len(), 100);
    assert_eq!(readings[0]["ts"], after(50).as_millis());
}
