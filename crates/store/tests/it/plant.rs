//! A farm with something to switch: two people, a house, and a node that does what the test says.
use crate::society::{Society, at};
use diesel_async::AsyncPgConnection;
use domain::{
    CommandId, DeviceId, FarmId, HouseId, NodeId, Timestamp,
    commands::{Action, Asked, Wish},
    protocol::CommandStatus,
    roles::Role,
};
use std::time::Duration;
use store::{
    FarmScope,
    commands::{self, Answer, Batch, Heard, Outcome, Swept, Tap},
    lease::Lease,
};
use uuid::Uuid;

pub use crate::society::NOW;

/// The lease that the worker of these tests holds.
pub const LEASE: Lease = Lease { name: "ingest", epoch: 2 };

pub struct Plant {
    pub society: Society,
    pub admin: FarmScope,
    pub keeper: FarmScope,
    pub house: HouseId,
    pub node: NodeId,
}

/// So many seconds after now.
pub fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

pub fn command(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(number))
}

pub const fn asked(action: Action) -> Asked {
    Asked { wish: Wish::Do(action), duration_ms: None }
}

impl Plant {
    pub async fn new() -> Self {
        let society = Society::new().await;
        let admin = society.farm(society.person("sok").await).await;
        let keeper = society.join(&admin, society.person("dara").await, Role::Keeper).await;
        let farm = admin.farm();
        let lease = "INSERT INTO leases (name, holder, epoch, expires_at) VALUES ('ingest', 'one', 2, now())";
        society.execute(lease).await;
        let query = format!("SELECT id::text AS value FROM houses WHERE farm_id = '{farm}'");
        let house = HouseId(society.texts(&query).await[0].parse().unwrap());
        let mut plant = Self { society, admin, keeper, house, node: NodeId(Uuid::nil()) };
        plant.node = plant.node_of(farm, "n1").await;
        plant
    }

    /// A reachable node.
    pub async fn node_of(&self, farm: FarmId, name: &str) -> NodeId {
        let id = Uuid::new_v4();
        let insert = format!(
            "INSERT INTO nodes (id, farm_id, name, password_hash, is_online)
            VALUES ('{id}', '{farm}', '{name}', '$7$x', true)"
        );
        self.society.execute(&insert).await;
        NodeId(id)
    }

    /// A device in the house, accepted and reachable, that has reported nothing.
    pub async fn device(&self, channel: &str, kind: &str, device_type: &str) -> DeviceId {
        let id = Uuid::new_v4();
        let (farm, house, node) = (self.admin.farm(), self.house, self.node);
        let insert = format!(
            "INSERT INTO devices (id, farm_id, house_id, node_id, channel, device_id, hardware_id, name,
                type, kind, firmware_version, approved_at, is_online)
            VALUES ('{id}', '{farm}', '{house}', '{node}', '{channel}', '{node}:{channel}',
                's:{channel}', '{channel}', '{device_type}', '{kind}', '1', now(), true)"
        );
        self.society.execute(&insert).await;
        DeviceId(id)
    }

    pub async fn fan(&self) -> DeviceId {
        self.device("fan1", "fan", "relay").await
    }

    pub async fn tap(
        &self,
        id: CommandId,
        device: DeviceId,
        asked: Asked,
        when: Timestamp,
    ) -> Outcome {
        self.tap_as(&self.keeper, id, device, asked, when).await
    }

    pub async fn tap_as(
        &self,
        who: &FarmScope,
        id: CommandId,
        device: DeviceId,
        asked: Asked,
        when: Timestamp,
    ) -> Outcome {
        let tap = Tap { id, device, asked };
        commands::accept(&self.society.app, who, &tap, &at(when)).await.unwrap().outcome
    }

    pub async fn attempt(&self, when: Timestamp) -> Batch {
        let pool = self.society.database.worker();
        let mut worker = pool.get().await.unwrap();
        commands::attempt(&mut worker, LEASE, 500, when).await.unwrap().unwrap()
    }

    /// Attempts, and lets the broker take it; which commands they were.
    pub async fn send(&self, when: Timestamp) -> Vec<CommandId> {
        let sent = self.attempt(when).await.publish;
        let sent: Vec<CommandId> = sent.iter().map(|sending| sending.command).collect();
        let pool = self.society.database.worker();
        commands::sent(&mut pool.get().await.unwrap(), &sent, when).await.unwrap();
        sent
    }

    pub async fn answer(
        &self,
        command: CommandId,
        (status, state): (CommandStatus, Option<&str>),
        when: Timestamp,
    ) -> Heard {
        let pool = self.society.database.worker();
        let answer = Answer { node: self.node, command, status, state, error: None, at: when };
        commands::answer(&mut pool.get().await.unwrap(), &answer, when).await.unwrap()
    }

    pub async fn sweep(&self, when: Timestamp) -> Swept {
        let pool = self.society.database.worker();
        let mut worker = pool.get().await.unwrap();
        commands::sweep(&mut worker, LEASE, true, when).await.unwrap().unwrap()
    }

    /// `status reason` of a command.
    pub async fn status(&self, command: CommandId) -> String {
        let query = format!(
            "SELECT concat_ws(' ', status, reason) AS value FROM device_commands WHERE id = '{command}'"
        );
        self.society.texts(&query).await.remove(0)
    }

    /// The kinds of all events about devices' commands, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let query = "SELECT event_type::text AS value FROM event_logs
            WHERE event_type LIKE 'command\\_%' OR event_type LIKE 'stop\\_%'
                OR event_type IN ('override_ended', 'device_switched_off_by_interlock', 'interlocks_changed')
            ORDER BY id";
        self.society.texts(query).await
    }

    /// One value of a device's row.
    pub async fn of_device(&self, device: DeviceId, column: &str) -> String {
        let query = format!(
            "SELECT coalesce({column}::text, '-') AS value FROM devices WHERE id = '{device}'"
        );
        self.society.texts(&query).await.remove(0)
    }

    /// What a device says of itself, as ingest takes it in.
    pub async fn report(
        &self,
        device: DeviceId,
        state: &str,
        since: Option<Timestamp>,
        when: Timestamp,
    ) {
        let pool = self.society.database.worker();
        report(&mut pool.get().await.unwrap(), device, state, since, when).await;
    }
}

pub async fn report(
    worker: &mut AsyncPgConnection,
    device: DeviceId,
    state: &str,
    since: Option<Timestamp>,
    at: Timestamp,
) {
    let report = store::reports::Report {
        device,
        state: state.into(),
        value: None,
        cause: Some("button".into()),
        since,
        at,
    };
    store::reports::note_states(worker, &[report]).await.unwrap();
}
