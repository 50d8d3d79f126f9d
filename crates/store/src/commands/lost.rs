//! What may be lost on its way goes out again.
use super::{
    advance::advance,
    lock_free,
    open::{self, is_open},
    sent::Noted,
};
use crate::{
    StoreError, column::Column, fence::while_held, lease::Lease, readings::Fenced,
    statement::Statement,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, NodeId, Timestamp, commands::Happening};
use uuid::Uuid;

/// Whose commands may be lost on their way.
#[derive(Debug, Clone, Copy)]
pub enum Lost<'a> {
    /// Our link to the broker, or another server that had it: everything that was not heard.
    Link,
    /// These nodes, which have come back: what the broker had for them.
    Nodes(&'a [NodeId]),
    /// What was left of either.
    Devices(&'a [DeviceId]),
}

/// Lets what may be lost go out again, under the same identity, while it lives.
pub async fn requeue(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    lost: Lost<'_>,
    now: Timestamp,
) -> Result<Result<Noted<DeviceId>, Fenced>, StoreError> {
    while_held(connection, lease, async |connection| {
        let lost = lost_devices(connection, lost).await?;
        let free = lock_free(connection, &lost).await?;
        let left = lost.iter().filter(|device| !free.contains(device));
        let left = left.map(|device| DeviceId(*device)).collect();
        let opens = open::of_devices(connection, &free).await?;
        let changes = advance(connection, &opens, |_| Happening::LinkLost, now).await?;
        Ok(Noted { changes, left })
    })
    .await
}

async fn lost_devices(
    connection: &mut AsyncPgConnection,
    lost: Lost<'_>,
) -> Result<Vec<Uuid>, StoreError> {
    let nodes: Vec<Uuid> = match lost {
        Lost::Link => {
            let sql = concat!(
                "SELECT DISTINCT c.device_id FROM device_commands c WHERE ",
                is_open!("c"),
                " AND c.status <> 'executing' AND c.attempted_at IS NOT NULL"
            );
            return Ok(Statement::<SqlUuid>::new(sql, &[]).load(connection).await?);
        }
        Lost::Devices(devices) => return Ok(devices.iter().map(|device| device.0).collect()),
        Lost::Nodes(nodes) => nodes.iter().map(|node| node.0).collect(),
    };
    let sql = concat!(
        "SELECT DISTINCT c.device_id FROM devices d JOIN device_commands c ON c.device_id = d.id
        WHERE d.node_id = ANY (?) AND ",
        is_open!("c"),
        " AND c.status = 'sent'"
    );
    Ok(Statement::<SqlUuid>::new(sql, &[&Column(&nodes)]).load(connection).await?)
}
