//! What a node may do at a real broker with the access control that the server writes, as docs/devices.md says it:
//! it writes below its own `up/`, hears its own `down/`, and nothing crosses to another node, whatever it tries.
use crate::support::{BROKER_PASSWORD, Binary, Broker, Client, Received};
use rumqttc::v5::mqttbytes::v5::PubAckReason;
use server::config::SERVER_ACCOUNT;
use std::time::Duration;
use testkit::TestDatabase;

const SECOND: Duration = Duration::from_secs(1);
/// Long enough for what is on its way on this machine.
const MOMENT: Duration = Duration::from_millis(300);

/// Topics, and whether the node `thief` may write there.
const WRITES: [(&str, bool); 21] = [
    ("tokkatot/thief/up/readings", true),
    ("tokkatot/thief/up/result", true),
    ("tokkatot/thief/up/availability", true),
    ("tokkatot/thief/down/command", false),
    ("tokkatot/thief/down/ack", false),
    ("tokkatot/thief/other", false),
    ("tokkatot/thief", false),
    ("tokkatot", false),
    ("tokkatot/victim/up/readings", false),
    ("tokkatot/victim/up/result", false),
    ("tokkatot/victim/up/availability", false),
    ("tokkatot/victim/down/command", false),
    ("tokkatot/victim/down/ack", false),
    // names that begin like its own, or end so
    ("tokkatot/thief-2/up/readings", false),
    ("tokkatot/the-thief/up/readings", false),
    // the pattern's own words are none
    ("tokkatot/%u/up/readings", false),
    ("tokkatot/%c/up/readings", false),
    ("elsewhere", false),
    ("homeassistant/switch/victim/config", false),
    ("$SYS/broker/uptime", false),
    ("$SYS/tokkatot/thief/up/readings", false),
];

/// Ways to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Publish,
    PublishRetained,
    Will,
    RetainedWill,
}

impl Verb {
    const ALL: [Self; 4] = [Self::Publish, Self::PublishRetained, Self::Will, Self::RetainedWill];

    const fn is_retained(self) -> bool {
        matches!(self, Self::PublishRetained | Self::RetainedWill)
    }

    const fn is_will(self) -> bool {
        matches!(self, Self::Will | Self::RetainedWill)
    }
}

/// What the server's account says, retained and not.
const PROBES: [&str; 5] = [OWN, "tokkatot/thief/up/readings", VICTIMS, VICTIM_SAYS, THIRDS];
const OWN: &str = "tokkatot/thief/down/ack";
const VICTIMS: &str = "tokkatot/victim/down/ack";
const VICTIM_SAYS: &str = "tokkatot/victim/up/readings";
const THIRDS: &str = "tokkatot/thief-2/down/ack";

/// Filters that the node `thief` subscribes to, each on a connection of its own, and which of what is for itself it
/// hears by that.
const READS: [(&str, &[&str]); 24] = [
    ("tokkatot/thief/down/ack", BOTH),
    ("tokkatot/thief/down/#", BOTH),
    ("tokkatot/thief/down/+", BOTH),
    ("tokkatot/thief/#", BOTH),
    ("tokkatot/+/down/#", BOTH),
    ("tokkatot/+/+/+", BOTH),
    ("+/+/+/+", BOTH),
    ("tokkatot/#", BOTH),
    ("#", BOTH),
    ("$share/a/tokkatot/thief/down/#", BOTH),
    ("$share/b/tokkatot/+/down/#", BOTH),
    ("$share/c/#", BOTH),
    ("tokkatot/thief/up/#", NOTHING),
    ("tokkatot/thief/up/readings", NOTHING),
    ("tokkatot/victim/down/ack", NOTHING),
    ("tokkatot/victim/down/#", NOTHING),
    ("tokkatot/victim/up/readings", NOTHING),
    ("tokkatot/victim/#", NOTHING),
    ("tokkatot/+/up/#", NOTHING),
    ("$share/d/tokkatot/victim/down/#", NOTHING),
    ("$share/e/tokkatot/+/up/#", NOTHING),
    ("$SYS/#", NOTHING),
    ("$SYS/broker/uptime", NOTHING),
    ("$share/f/$SYS/#", NOTHING),
];
const BOTH: &[&str] = &["kept", "live"];
const NOTHING: &[&str] = &[];

async fn node(database: &TestDatabase, broker: &Broker, name: &str) -> (Client, String) {
    let made = Binary::for_database(database).json(&["node", "create", "--name", name]);
    let password = made["password"].as_str().unwrap().to_owned();
    (broker.connect_soon(name, &password, SECOND).await, password)
}

fn messages(pairs: &[(&str, &str)]) -> Vec<Received> {
    pairs.iter().map(|(topic, text)| ((*topic).to_owned(), (*text).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_publishes_under_another_name_reaches_nobody() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let (mut thief, password) = node(&database, &broker, "thief").await;
    let (mut victim, _) = node(&database, &broker, "victim").await;
    victim.subscribe("tokkatot/victim/down/#").await;
    victim.hear_for(MOMENT).await;
    let mut server = broker.server_account().await;
    server.subscribe("#").await;
    server.hear_for(MOMENT).await;
    let (mut wanted, mut kept) = (Vec::new(), Vec::new());
    for verb in Verb::ALL {
        for (topic, is_allowed) in WRITES {
            let text = format!("{verb:?} on {topic}");
            if verb.is_will() {
                let will = Some((topic, text.as_str(), verb.is_retained()));
                // a broker may turn one with such a will away
                if let Ok(client) = broker.connect_with_will("thief", &password, will).await {
                    drop(client);
                }
            } else {
                // the second witness: our own account does not hear all of these topics
                let answer = thief.publish_and_hear(topic, &text, verb.is_retained()).await;
                let is_taken = answer != PubAckReason::NotAuthorized;
                assert_eq!(is_taken, is_allowed, "{text}: {answer:?}");
            }
            if is_allowed {
                wanted.push((topic.to_owned(), text.clone()));
                if verb.is_retained() {
                    kept.retain(|(other, _): &Received| other != topic);
                    kept.push((topic.to_owned(), text));
                }
            }
        }
    }
    let mut heard = server.hear_for(2 * MOMENT).await.to_vec();
    heard.sort();
    wanted.sort();
    assert_eq!(heard, wanted);
    assert_eq!(victim.hear_for(MOMENT).await, []);
    // nor does the broker keep for later what it did not deliver
    let mut later = broker.connect(SERVER_ACCOUNT, BROKER_PASSWORD).await.unwrap();
    later.subscribe("#").await;
    let mut heard = later.hear_for(MOMENT).await.to_vec();
    heard.sort();
    kept.sort();
    assert_eq!(heard, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_meant_for_one_node_is_heard_by_no_other() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let (_, password) = node(&database, &broker, "thief").await;
    let (mut victim, _) = node(&database, &broker, "victim").await;
    let mut server = broker.server_account().await;
    victim.subscribe("tokkatot/victim/down/#").await;
    victim.hear_for(MOMENT).await;
    for topic in PROBES {
        server.publish_and_hear(topic, "kept", true).await;
    }
    let mut thieves = Vec::new();
    for (filter, _) in READS {
        let mut thief = broker.connect("thief", &password).await.unwrap();
        thief.subscribe(filter).await;
        thief.hear_for(Duration::from_millis(50)).await;
        thieves.push(thief);
    }
    for topic in PROBES {
        server.publish_and_hear(topic, "live", false).await;
    }
    victim.publish_and_hear(VICTIM_SAYS, "of the victim", false).await;
    // longer than the broker's own statistics need to come out
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for ((filter, texts), mut thief) in READS.into_iter().zip(thieves) {
        let wanted: Vec<_> = texts.iter().map(|text| (OWN, *text)).collect();
        let heard = thief.hear_for(Duration::from_millis(50)).await;
        assert_eq!(heard, messages(&wanted), "subscribed to {filter}");
    }
    let heard = victim.hear_for(MOMENT).await;
    let wanted = [(VICTIMS, "kept"), (VICTIMS, "live")];
    assert_eq!(heard, messages(&wanted), "nobody took it away by sharing its subscription");
}
