//! What is to be sent now. It is committed that a command is on its way before it is: after a crash it is
//! known that nobody knows.
use super::{
    Change, NotWritten,
    advance::{Advance, hold, unfence, write},
    around::Around,
    open::{self, Open},
};
use crate::{StoreError, lease::Lease, readings::Fenced, statement::Statement, transaction};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    Channel, CommandId, DeviceId, FarmId, NodeName, Timestamp,
    commands::{Command, Order, Plan, Reason, gate, plan},
    protocol,
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
    transaction::begin(connection).await?;
    let written = async {
        let lanes = pick(connection, limit).await?;
        let found = i64::try_from(lanes.len()).unwrap_or(i64::MAX);
        let held = (count_ready(connection).await? - found).max(0);
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
                advances.extend(open.map(|open| Advance { open, progress }));
            }
        }
        batch.changes = write(connection, &advances, now).await?;
        batch.changes.retain(|change| change.status.is_end());
        hold::<Batch>(connection, lease, batch).await
    };
    let written: Result<Batch, NotWritten> = written.await;
    unfence(transaction::end(connection, written).await)
}

/// A device for which something waits.
struct Lane {
    device: DeviceId,
    node: NodeName,
    channel: Channel,
}

/// Devices for which something waits that can be sent. What a stop waits for may go out whatever is there.
macro_rules! ready_sql {
    ($what:literal) => {
        concat!(
            "WITH waiting AS MATERIALIZED (
                SELECT c.device_id, min(c.place) AS place, bool_or(c.stop_id IS NOT NULL) AS is_stop
                FROM device_commands c WHERE c.status = 'queued' AND c.attempted_at IS NULL
                GROUP BY c.device_id)
            SELECT ",
            $what,
            " FROM waiting w
            JOIN devices d ON d.id = w.device_id AND d.deleted_at IS NULL
            JOIN nodes n ON n.id = d.node_id
            WHERE (w.is_stop OR NOT EXISTS (SELECT FROM device_commands f
                WHERE f.device_id = w.device_id AND f.status IN ('queued', 'sent', 'executing')
                    AND f.attempted_at IS NOT NULL))"
        )
    };
}

/// How many there are, whoever holds them.
async fn count_ready(connection: &mut AsyncPgConnection) -> Result<i64, StoreError> {
    Ok(Statement::<BigInt>::new(ready_sql!("count(*)"), &[]).get_result(connection).await?)
}

/// Locks the devices, those of an emergency stop first and then who has waited longest.
async fn pick(connection: &mut AsyncPgConnection, limit: i64) -> Result<Vec<Lane>, StoreError> {
    let sql = concat!(
        ready_sql!("d.id, n.name, d.channel"),
        " ORDER BY w.is_stop DESC, w.place LIMIT ? FOR NO KEY UPDATE OF d SKIP LOCKED"
    );
    let rows: Vec<(Uuid, String, String)> =
        Statement::<(SqlUuid, Text, Text)>::new(sql, &[&limit]).load(connection).await?;
    let lane = |(device, node, channel): (Uuid, String, String)| {
        let device = DeviceId(device);
        // the tables' own checks hold the same rules as the types
        Some(Lane { device, node: node.try_into().ok()?, channel: channel.try_into().ok()? })
    };
    Ok(rows.into_iter().filter_map(lane).collect())
}

impl Lane {
    fn plan(&self, own: &[&Open], around: &Around, now: Timestamp) -> Plan {
        let commands: Vec<_> = own.iter().map(|open| open.command).collect();
        let Some(facts) = around.find(self.device) else { return Plan::default() };
        let (running, stop) = (around.neighbours(facts, false), around.stop_of(facts));
        let target = facts.target(&running, stop);
        let gate = |command: &Command| -> Option<Reason> {
            let open = own.iter().find(|open| open.command.id == command.id)?;
            gate(command, (open.source, open.role), &target, now)
        };
        plan(&commands, gate, now)
    }

    fn sending(&self, own: &[&Open], command: CommandId) -> Option<Sending> {
        let open = own.iter().find(|open| open.command.id == command)?;
        Some(Sending {
            farm: open.farm,
            device: self.device,
            node: self.node.clone(),
            channel: self.channel.clone(),
            command,
            order: open.command.order,
            issued_at: open.requested_at,
            expires_at: open.command.expires_at,
        })
    }
}
