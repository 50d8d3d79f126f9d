//! Whatever happens to link and messages: what the ring did not give up arrives, in order and whole.
use domain::{
    Channel, Timestamp,
    protocol::{Reading as Parsed, States, parse_readings},
    readings::SensorKind,
};
use proptest::prelude::*;
use simulator::{
    house::Reading,
    node::{HEARTBEAT, Node, NodeSettings, wire::Up},
};
use std::{collections::BTreeSet, time::Duration};

const CAPACITY: usize = 20;

/// The server's side of the bargain, as the protocol tells it.
#[derive(Debug, Default)]
struct Server {
    stored: BTreeSet<i64>,
    /// Everything up to here is stored or given up.
    complete: i64,
}

impl Server {
    fn take(&mut self, seq: i64, first: Option<i64>) {
        self.stored.insert(seq);
        if let Some(first) = first {
            self.complete = self.complete.max(first - 1);
        }
        while self.stored.contains(&(self.complete + 1)) {
            self.complete += 1;
        }
    }

    fn ack(&self) -> Vec<u8> {
        format!(r#"{{"boot":"b","seq":{}}}"#, self.complete).into_bytes()
    }
}

#[derive(Debug, Clone)]
enum Event {
    Measure,
    Switch(bool),
    Connect,
    Disconnect,
    Wait(u64),
    /// Says what it has to say; of each message, whether it arrives.
    Speak(Vec<bool>),
    Ack,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => Just(Event::Measure),
        1 => any::<bool>().prop_map(Event::Switch),
        2 => Just(Event::Connect),
        1 => Just(Event::Disconnect),
        3 => (0_u64..20).prop_map(Event::Wait),
        6 => prop::collection::vec(prop::bool::weighted(0.8), 30).prop_map(Event::Speak),
        3 => Just(Event::Ack),
    ];
    prop::collection::vec(event, 0..200)
}

struct World {
    node: Node,
    server: Server,
    now: Timestamp,
    is_connected: bool,
    measured: u32,
}

impl World {
    fn new() -> Self {
        let settings = NodeSettings {
            name: "n".parse().unwrap(),
            switches: vec!["fan".parse().unwrap()],
            capacity: CAPACITY,
            heartbeat: HEARTBEAT,
            clock_error_ms: None,
        };
        let now = Timestamp::from_millis(1_790_000_000_000);
        let node = Node::start(settings, "b".to_owned(), now);
        Self { node, server: Server::default(), now, is_connected: false, measured: 0 }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Measure => self.measure(),
            Event::Switch(is_on) => {
                let fan: Channel = "fan".parse().unwrap();
                self.node.switched(&fan, is_on, self.now);
            }
            Event::Connect if !self.is_connected => {
                self.node.connected(self.now);
                self.is_connected = true;
            }
            Event::Disconnect => {
                self.node.disconnected(Vec::new(), self.now);
                self.is_connected = false;
            }
            Event::Connect => {}
            Event::Wait(seconds) => self.wait(seconds),
            Event::Speak(arrives) => self.speak(&arrives),
            Event::Ack => self.ack(),
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self.node.tick(self.now);
    }

    fn measure(&mut self) {
        self.measured += 1;
        let channel = "air".parse().unwrap();
        let value = f64::from(self.measured);
        self.node
            .measured(&[Reading { channel, sensor: SensorKind::Temperature, value }], self.now);
    }

    fn speak(&mut self, arrives: &[bool]) {
        let (mut arrives, mut last) = (arrives.iter().chain(std::iter::repeat(&true)), 0);
        while let Some(message) = self.node.next_message() {
            let mut values: Vec<Parsed<'_>> = Vec::new();
            let head = match message.up {
                Up::Readings => parse_readings(message.payload.as_bytes(), &mut values).unwrap(),
                Up::State => States::parse(message.payload.as_bytes()).unwrap().head,
                _ => continue,
            };
            let seq = head.seq.unwrap();
            assert!(seq > last, "out of order: {seq} after {last}");
            last = seq;
            if *arrives.next().unwrap() {
                self.server.take(seq, head.first);
            }
        }
    }

    fn ack(&mut self) {
        if self.is_connected && self.server.complete > 0 {
            self.node.received("tokkatot/n/down/ack", &self.server.ack(), self.now);
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_but_what_the_full_ring_gave_up(events in events()) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
            let ring = world.node.ring();
            prop_assert!(ring.len() <= CAPACITY);
            let last = i64::try_from(ring.last_seq()).unwrap();
            let held = i64::try_from(ring.len()).unwrap();
            // what the node no longer holds is either durable or was pushed out of a full ring
            let forgotten = (1..=last - held).filter(|seq| !world.server.stored.contains(seq)).count();
            prop_assert!(u64::try_from(forgotten).unwrap() <= ring.given_up());
        }
        world.happen(Event::Connect);
        for _ in 0..10 {
            world.speak(&[]);
            world.ack();
            world.wait(61);
        }
        prop_assert!(world.node.ring().is_empty(), "{} are left", world.node.ring().len());
        let last = i64::try_from(world.node.ring().last_seq()).unwrap();
        let missing = (1..=last).filter(|seq| !world.server.stored.contains(seq)).count();
        prop_assert!(u64::try_from(missing).unwrap() <= world.node.ring().given_up());
    }

    #[test]
    fn a_command_is_done_at_most_once_and_never_when_it_has_expired(
        deliveries in prop::collection::vec((0_u64..8, 0_u64..30, prop::bool::weighted(0.1)), 1..60)
    ) {
        let mut world = World::new();
        world.happen(Event::Connect);
        let begin = world.now;
        let mut done = BTreeSet::new();
        for (id, pause, power_cut) in deliveries {
            world.wait(pause);
            if power_cut {
                world.node.reboot(format!("b{}", world.now.as_millis()), world.now);
                world.node.connected(world.now);
            }
            let expires_at = begin.plus(Duration::from_secs(40 * (id + 1)));
            let command = format!(
                r#"{{"command_id":"c{id}","device":"fan","action":"on","expires_at":{}}}"#,
                expires_at.as_millis()
            );
            while world.node.next_message().is_some() {}
            world.node.received("tokkatot/n/down/command", command.as_bytes(), world.now);
            let results = std::iter::from_fn(|| world.node.next_message()).filter(|m| m.up == Up::Result);
            if results.count() > 0 {
                prop_assert!(world.now < expires_at, "done after its time");
                prop_assert!(done.insert(id), "done twice");
            }
        }
    }
}
