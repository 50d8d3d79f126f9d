//! How a controller leaves its farm: its devices go off the farm's pages, their history stays there, and
//! whoever has its code next may claim it.
use super::{Change, lock, record};
use crate::{
    StoreError,
    commands::let_go_as,
    events::NewEvent,
    pg::PgTime,
    schema::{farms, nodes},
    series,
    statement::Statement,
};
use diesel::{
    prelude::*,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
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

/// For how long the code of a controller that has left its farm is good, unless the operator says otherwise.
pub const CLAIM: Duration = Duration::from_secs(365 * 24 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Takes a controller from its farm and gives it a new claim code, good until a time. One without a farm gets
/// the code alone. Its password stays.
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
            let wish = Leave { code: Some(code), until, even_running: false };
            let gone = leave(connection, (id, name, farm), wish, now).await?;
            Ok(match gone.is_released {
                true => Released::Done,
                false => Released::Running(gone.names),
            })
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
                let wish = Leave { code: None, until: now.plus(CLAIM), even_running: true };
                leave(connection, node, wish, now).await?;
                released.push(name);
            }
            Ok(released)
        })
        .await
}

/// How it leaves.
#[derive(Debug, Clone, Copy)]
struct Leave<'a> {
    /// Another code to claim it by; without one that on its box is good again.
    code: Option<&'a Code>,
    /// Until when.
    until: Timestamp,
    /// Also with what runs there.
    even_running: bool,
}

/// What `release_node` and `give_node_away` tell.
pub(super) struct Gone {
    /// Otherwise its devices run.
    pub(super) is_released: bool,
    /// The devices that left with it, or that run.
    pub(super) devices: Vec<Uuid>,
    /// What the controller calls those that left; what people call those that run.
    pub(super) names: Vec<String>,
}

/// The SQL types of [`Gone`].
pub(super) type GoneColumns = (Text, Array<SqlUuid>, Array<Text>);

impl Gone {
    /// Reads a row.
    pub(super) fn read((outcome, devices, names): (String, Vec<Uuid>, Vec<String>)) -> Self {
        Self { is_released: outcome == "released", devices, names }
    }
}

async fn leave(
    connection: &mut AsyncPgConnection,
    (id, name, farm): (Uuid, &NodeName, Option<FarmId>),
    Leave { code, until, even_running }: Leave<'_>,
    now: Timestamp,
) -> Result<Gone, StoreError> {
    let sql = "SELECT outcome, device_ids, device_names FROM release_node(?, ?, ?, ?, ?)";
    let (code, until, at) = (code.map(Code::as_str), PgTime(until), PgTime(now));
    let row = Statement::<GoneColumns>::new(sql, &[&id, &code, &until, &even_running, &at])
        .get_result(connection)
        .await?;
    let gone = Gone::read(row);
    if !gone.is_released {
        return Ok(gone);
    }
    let event = |kind, device, data| NewEvent {
        farm,
        device: Some(device),
        data,
        ..NewEvent::new(kind, now)
    };
    // no open page is told: an operator's command can not, and what is forgotten has none
    let _over = let_go_as(connection, &gone.devices, ("released", now), event).await?;
    for (device, name) in gone.devices.iter().zip(&gone.names) {
        // what has no farm has no devices
        let Some(farm) = farm else { break };
        series::record(connection, EventKind::DeviceLeft, (farm.0, *device, name.clone()), now)
            .await?;
    }
    record(connection, EventKind::NodeReleased, (name, farm), now).await?;
    Ok(gone)
}
