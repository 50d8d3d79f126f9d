//! A node that does each command once, and remembers what it did, so that a test can ask whether anything was
//! done twice or too late. Written apart from the simulator: two readings of the protocol find more than one.
use domain::{NodeName, Timestamp};
use rumqttc::v5::{
    AsyncClient, Event, EventLoop, MqttOptions,
    mqttbytes::{QoS, v5::Packet},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::task::AbortHandle;

/// What a node was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// How often each command came while it lived. It was carried out the first time.
    pub commands: HashMap<String, u32>,
    /// How many came when their life was over; none of these was carried out.
    pub stale: u32,
}

/// A node at work; it ends when it is dropped.
#[derive(Debug)]
pub struct SwitchNode {
    told: Arc<Mutex<Told>>,
    task: AbortHandle,
}

struct Work {
    name: NodeName,
    client: AsyncClient,
    told: Arc<Mutex<Told>>,
    started: (Timestamp, Instant),
}

impl SwitchNode {
    /// Connects to the broker on `port`, again whenever it must. `now` is the time its clock starts from.
    pub fn start(port: u16, name: &NodeName, password: &str, now: Timestamp) -> Self {
        let mut options = MqttOptions::new(name.as_str(), "127.0.0.1", port);
        options.set_credentials(name.as_str(), password).set_keep_alive(Duration::from_secs(5));
        options.set_connection_timeout(2);
        let (client, events) = AsyncClient::new(options, 4096);
        let told = Arc::<Mutex<Told>>::default();
        let work =
            Work { name: name.clone(), client, told: told.clone(), started: (now, Instant::now()) };
        Self { told, task: tokio::spawn(work.run(events)).abort_handle() }
    }

    /// What it was told by now.
    pub fn told(&self) -> Told {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for SwitchNode {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Work {
    async fn run(self, mut events: EventLoop) {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    let filter = format!("tokkatot/{}/down/command", self.name);
                    _ = self.client.try_subscribe(filter, QoS::AtLeastOnce);
                }
                // only now it hears what it is told on that
                Ok(Event::Incoming(Packet::SubAck(_))) => {
                    self.say("availability", true, "online".to_owned());
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => self.obey(&publish.payload),
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    fn obey(&self, payload: &[u8]) {
        let Ok(command) = serde_json::from_slice::<Value>(payload) else { return };
        let field = |name: &str| command.get(name);
        let (Some(id), Some(action), Some(expires_at)) = (
            field("command_id").and_then(Value::as_str),
            field("action").and_then(Value::as_str),
            field("expires_at").and_then(Value::as_i64),
        ) else {
            return;
        };
        let (began, at) = self.started;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if began.plus(at.elapsed()).as_millis() >= expires_at {
            told.stale += 1;
            return;
        }
        let times = told.commands.entry(id.to_owned()).or_default();
        *times += 1;
        // what comes again is answered again: the answer may have been lost
        let answers: &[&str] =
            if *times == 1 { &["executing", "completed"] } else { &["completed"] };
        for status in answers {
            let state = Some(action).filter(|_| *status == "completed");
            let result = json!({ "command_id": id, "status": status, "state": state });
            self.say("result", false, result.to_string());
        }
    }

    fn say(&self, kind: &str, retained: bool, payload: String) {
        let topic = format!("tokkatot/{}/up/{kind}", self.name);
        // a full queue is like a lost packet
        _ = self.client.try_publish(topic, QoS::AtLeastOnce, retained, payload);
    }
}
