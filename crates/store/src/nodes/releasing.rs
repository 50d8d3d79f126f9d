//! How a controller leaves its farm: its devices go off the farm's pages, their history stays there, and
//! whoever has its code next may claim it.
use super::{Change, lock, record};
use crate::{
    StoreError,
    pg::PgTime,
    schema::{devices, farms, nodes},
    series,
};
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use domain::{FarmId, NodeName, Timestamp, codes::Code, events::EventKind, farms::UNDO_DAYS};
use std::time::Duration;
use uuid::Uuid;

/// What releasing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Released {
    /// It has no farm any more, and waits to be claimed by its new code.
    Done,
    /// Nothing was done: these devices of it are on, and nobody could switch them off any more.
    Running(Vec<String>),
    /// There is no node of that name, or it was revoked.
    Refused(Change),
}

/// For how long the code of a controller of a forgotten farm can be used again.
const CLAIM: Duration = Duration::from_secs(365 * 24 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Takes a controller from its farm and gives it a new claim code, good until a time. One without a farm gets
/// the code alone.
///
/// # Errors
/// `Conflict` by `nodes_claim_code_key`: the code is another's.
pub async fn release(
    connection: &mut AsyncPgConnection,
    name: &NodeName,
    (code, until): (&Code, Timestamp),
    now: Timestamp,
) -> Result<Released, StoreError> {
    connection
        .transaction(async |connection| {
            let (id, farm) = match lock(connection, name).await? {
                Ok(node) => node,
                Err(change) => return Ok(Released::Refused(change)),
            };
            let running = running(connection, id).await?;
            if !running.is_empty() {
                return Ok(Released::Running(running));
            }
            diesel::update(nodes::table.find(id))
                .set(nodes::claim_code.eq(code.as_str()))
                .execute(connection)
                .await?;
            let_go(connection, (id, name, farm), until, now).await?;
            Ok(Released::Done)
        })
        .await
}

/// Takes the controllers from farms that were deleted so long ago that nobody can bring them back, and tells
/// which. The codes on their boxes are good again for a year. For the worker.
pub async fn release_forgotten(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<Vec<NodeName>, StoreError> {
    connection
        .transaction(async |connection| {
            let ended = nodes::farm_id.eq_any(
                farms::table
                    .filter(farms::deleted_at.le(PgTime(now.minus(DAY * u32::from(UNDO_DAYS)))))
                    .select(farms::id.nullable()),
            );
            let rows: Vec<(Uuid, String, Option<Uuid>)> = nodes::table
                .filter(ended)
                .filter(nodes::revoked_at.is_null())
                .filter(nodes::deleted_at.is_null())
                .order(nodes::id)
                .select((nodes::id, nodes::name, nodes::farm_id))
                .for_update()
                .load(connection)
                .await?;
            let mut released = Vec::new();
            for (id, name, farm) in rows {
                // the table's own check holds the same rule as the type
                let Ok(name) = name.parse::<NodeName>() else { continue };
                let node = (id, &name, farm.map(FarmId));
                let_go(connection, node, now.plus(CLAIM), now).await?;
                released.push(name);
            }
            Ok(released)
        })
        .await
}

/// The names of its devices that are on, where it could still be told to switch them off.
async fn running(
    connection: &mut AsyncPgConnection,
    node: Uuid,
) -> Result<Vec<String>, StoreError> {
    let running = devices::table
        .inner_join(nodes::table)
        .filter(devices::node_id.eq(node))
        .filter(devices::deleted_at.is_null())
        .filter(devices::reported_state.eq("on"))
        .filter(nodes::is_online)
        .order(devices::name)
        .select(devices::name);
    Ok(running.load(connection).await?)
}

async fn let_go(
    connection: &mut AsyncPgConnection,
    (id, name, farm): (Uuid, &NodeName, Option<FarmId>),
    until: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(nodes::table.find(id))
        .set((
            nodes::farm_id.eq(None::<Uuid>),
            nodes::claimed_at.eq(None::<PgTime>),
            nodes::claim_expires_at.eq(PgTime(until)),
            nodes::updated_at.eq(PgTime(now)),
        ))
        .execute(connection)
        .await?;
    let of_node =
        || devices::table.filter(devices::node_id.eq(id)).filter(devices::deleted_at.is_null());
    // rows are locked by id, as everywhere
    let left: Vec<(Uuid, Uuid, String)> = of_node()
        .order(devices::id)
        .select((devices::farm_id, devices::id, devices::device_id))
        .for_no_key_update()
        .load(connection)
        .await?;
    diesel::update(of_node()).set(devices::deleted_at.eq(PgTime(now))).execute(connection).await?;
    for device in left {
        series::record(connection, EventKind::DeviceLeft, device, now).await?;
    }
    record(connection, EventKind::NodeReleased, (name, farm), now).await
}
