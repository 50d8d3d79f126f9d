//! Devices for which something waits: each is a lane, in which one command is under way at a time.
use super::{
    around::Around,
    attempt::Sending,
    open::{Open, is_open},
};
use crate::{StoreError, statement::Statement};
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    Channel, CommandId, DeviceId, NodeName, Timestamp,
    commands::{Barred, Command, Plan, gate, plan},
};
use uuid::Uuid;

/// A device for which something waits.
pub(super) struct Lane {
    pub(super) device: DeviceId,
    node: NodeName,
    channel: Channel,
}

/// Which of them are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    /// Those for which something of an emergency stop waits.
    Stops,
}

/// Locks up to so many devices for which something waits that can be sent: those of an emergency stop first, and then
/// who has waited longest. What a stop waits for may go out whatever is there. Tells also how many more there are,
/// whoever holds them.
pub(super) async fn pick(
    connection: &mut AsyncPgConnection,
    (which, limit): (Which, i64),
) -> Result<(Vec<Lane>, i64), StoreError> {
    type Columns = (BigInt, Nullable<SqlUuid>, Nullable<Text>, Nullable<Text>);
    type Row = (i64, Option<Uuid>, Option<String>, Option<String>);
    let sql = concat!(
        "WITH waiting AS MATERIALIZED (
            SELECT c.device_id, min(c.place) AS place, bool_or(c.stop_id IS NOT NULL) AS is_stop
            FROM device_commands c
            WHERE c.status = 'queued' AND c.attempted_at IS NULL AND c.completed_at IS NULL
            GROUP BY c.device_id),
        ready AS MATERIALIZED (
            SELECT d.id, n.name, d.channel, w.is_stop, w.place FROM waiting w
            JOIN devices d ON d.id = w.device_id AND d.deleted_at IS NULL
            JOIN nodes n ON n.id = d.node_id
            WHERE w.is_stop OR NOT ? AND NOT EXISTS (SELECT FROM device_commands f
                WHERE f.device_id = w.device_id AND f.attempted_at IS NOT NULL AND ",
        is_open!("f"),
        ")),
        lanes AS MATERIALIZED (
            SELECT r.* FROM ready r JOIN devices d ON d.id = r.id
            ORDER BY r.is_stop DESC, r.place LIMIT ? FOR NO KEY UPDATE OF d SKIP LOCKED)
        SELECT ready.count, lanes.id, lanes.name, lanes.channel
        FROM (SELECT count(*) FROM ready) ready LEFT JOIN lanes ON true
        ORDER BY lanes.is_stop DESC, lanes.place"
    );
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&(which == Which::Stops), &limit])
        .load(connection)
        .await?;
    let ready = rows.iter().map(|(ready, ..)| *ready).next().unwrap_or_default();
    let lane = |(_, device, node, channel): Row| {
        let device = DeviceId(device?);
        // the tables' own checks hold the same rules as the types
        Some(Lane { device, node: node?.try_into().ok()?, channel: channel?.try_into().ok()? })
    };
    let lanes: Vec<Lane> = rows.into_iter().filter_map(lane).collect();
    let found = i64::try_from(lanes.len()).unwrap_or(i64::MAX);
    Ok((lanes, ready.saturating_sub(found).max(0)))
}

impl Lane {
    pub(super) fn plan(&self, own: &[&Open], around: &Around, now: Timestamp) -> Plan {
        let commands: Vec<_> = own.iter().map(|open| open.command).collect();
        let Some(facts) = around.find(self.device) else { return Plan::default() };
        let (running, stop) = (around.neighbours(facts, false), around.stop_of(facts));
        let target = facts.target(&running, stop);
        let gate = |command: &Command| -> Option<Barred> {
            let open = own.iter().find(|open| open.command.id == command.id)?;
            gate(command, (open.source, open.role), &target, now)
        };
        plan(&commands, gate, now)
    }

    pub(super) fn sending(&self, own: &[&Open], command: CommandId) -> Option<Sending> {
        let open = own.iter().find(|open| open.command.id == command)?;
        Some(Sending {
            farm: open.farm,
            device: self.device,
            node: self.node.clone(),
            channel: self.channel.clone(),
            command,
            order: open.command.order,
            is_stop: open.command.is_stop,
            issued_at: open.requested_at,
            expires_at: open.command.expires_at,
        })
    }
}
