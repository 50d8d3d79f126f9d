//! What is to be sent now. It is committed that a command is on its way before it is: after a crash it is
//! known that nobody knows.
use super::{
    advance::{Advance, write},
    around::Around,
    change::Change,
    lanes::{Which, pick},
    open::{self, Open},
};
use crate::{
    StoreError,
    fence::{NotWritten, hold, unfence},
    lease::Lease,
    readings::Fenced,
    transaction,
};
use diesel_async::AsyncPgConnection;
use domain::{
    Channel, CommandId, DeviceId, FarmId, NodeName, Timestamp, commands::Order, protocol,
};
use std::time::Duration;
use uuid::Uuid;

/// A command to publish.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// The farm.
    pub farm: FarmId,
    /// The device.
    pub device: DeviceId,
    /// Its node's name.
    pub node: NodeName,
    /// Its name there.
    pub channel: Channel,
    /// The command.
    pub command: CommandId,
    /// What it is to do.
    pub order: Order,
    /// Whether it is an emergency stop's: it goes ahead of all others.
    pub is_stop: bool,
    /// When it was asked for.
    pub issued_at: Timestamp,
    /// From here on it must not be carried out any more, and the broker must have dropped it.
    pub expires_at: Timestamp,
}

impl Sending {
    /// Where it is published.
    pub fn topic(&self) -> String {
        protocol::Command::topic(self.node.as_str())
    }

    /// What is published.
    pub fn payload(&self) -> protocol::Command<'_> {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        protocol::Command {
            command_id: self.command.0,
            device: self.channel.as_str(),
            action: self.order.action.name(),
            value: self.order.action.value(),
            duration_ms: self.order.duration.map(millis),
            expires_at: self.expires_at.as_millis(),
            issued_at: self.issued_at.as_millis(),
        }
    }
}

/// What was committed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// To be published now, stops first.
    pub publish: Vec<Sending>,
    /// What else has changed.
    pub changes: Vec<Change>,
    /// Devices for which something waits and which somebody else is writing now: to be looked at again soon.
    pub held: i64,
}

/// Takes the commands of up to `limit` devices that wait to be sent. Several servers may do so at once:
/// each device is one's.
pub async fn attempt(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    limit: i64,
    now: Timestamp,
) -> Result<Result<Batch, Fenced>, StoreError> {
    take(connection, lease, (Which::All, limit), now).await
}

/// Takes those alone that an emergency stop waits for, where there is no room for others.
pub async fn attempt_stops(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    limit: i64,
    now: Timestamp,
) -> Result<Result<Batch, Fenced>, StoreError> {
    take(connection, lease, (Which::Stops, limit), now).await
}

async fn take(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    which: (Which, i64),
    now: Timestamp,
) -> Result<Result<Batch, Fenced>, StoreError> {
    transaction::begin(connection).await?;
    let written = async {
        let (lanes, held) = pick(connection, which).await?;
        let mut batch = Batch { held, ..Batch::default() };
        if lanes.is_empty() {
            return Ok(batch);
        }
        let ids: Vec<Uuid> = lanes.iter().map(|lane| lane.device.0).collect();
        let opens = open::of_devices(connection, &ids).await?;
        let mut around = Around::load(connection, &ids, now).await?;
        let mut advances = Vec::new();
        for lane in &lanes {
            let own: Vec<&Open> = opens.iter().filter(|open| open.device == lane.device).collect();
            let plan = lane.plan(&own, &around, now);
            let sending = plan.publish.and_then(|command| lane.sending(&own, command));
            if let Some(sending) = &sending {
                around.told(lane.device, sending.order.action);
            }
            batch.publish.extend(sending);
            for (command, progress) in plan.moved {
                let open = own.iter().find(|open| open.command.id == command);
                let barred = plan.barred.iter().find(|(barred, _)| *barred == command);
                let barred = barred.map(|(_, barred)| *barred);
                advances.extend(open.map(|open| Advance { open, progress, barred }));
            }
        }
        batch.changes = write(connection, &advances, now).await?;
        batch.changes.retain(|change| change.status.is_end());
        hold::<Batch>(connection, lease, batch).await
    };
    let written: Result<Batch, NotWritten> = written.await;
    unfence(transaction::end(connection, written).await)
}
