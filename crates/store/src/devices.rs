//! Devices of a farm: looked up, accepted, changed, put in order, taken out of use, given other hardware.
mod changing;
mod ordering;
mod places;
mod replacing;
mod retiring;

pub use changing::{DeviceFacts, Saved, save};
pub use ordering::put;
pub use replacing::{Replaced, replace, stand_ins};
pub use retiring::{Restored, restore, retire};

use crate::{StoreError, pg::PgTime, schema::devices};
use diesel::{pg::Pg, prelude::*};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    Channel, DeviceId, FarmId, HouseId, NodeId, Timestamp,
    devices::{DeviceIcon, DeviceKind, DeviceType},
};
use uuid::Uuid;

/// One channel of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// The farm.
    pub farm: FarmId,
    /// The node it belongs to, and its name there.
    pub channel: Option<(NodeId, Channel)>,
    /// Hardware name, `node:channel`.
    pub hardware_name: String,
    /// What the farmer calls it.
    pub name: String,
    /// What the farmer sees in it.
    pub kind: DeviceKind,
    /// How its channel is driven.
    pub device_type: DeviceType,
    /// Whether it last told a number beside its state, as what is dimmed or turned does.
    pub tells_number: bool,
    /// Its picture, where that is not the one of its kind.
    pub icon: Option<DeviceIcon>,
    /// The house it hangs in; `None` if it serves the whole farm.
    pub house: Option<HouseId>,
    /// Where it hangs, in words.
    pub location: Option<String>,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// When a manager accepted it; `None` if it is new.
    pub approved_at: Option<Timestamp>,
    /// Whether it is in use; what is not is on no other page.
    pub is_active: bool,
    /// When a manager took it out of use.
    pub retired_at: Option<Timestamp>,
    /// Whether its node can be reached.
    pub is_online: bool,
    /// What it last said of itself.
    pub reported_state: Option<String>,
    /// When it said so.
    pub reported_at: Option<Timestamp>,
}

/// Which devices are looked for. The default finds all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// In use, new ones too; or out of use.
    pub is_active: Option<bool>,
}

/// The devices of a farm that are not deleted, in the order of pages.
pub async fn list(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &DeviceFilter,
) -> Result<Vec<Device>, StoreError> {
    let rows: Vec<Row> = wanted(farm, filter)
        .order((devices::position, devices::name, devices::id))
        .select(Row::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Device::from).collect())
}

/// How many there are.
pub async fn count(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &DeviceFilter,
) -> Result<i64, StoreError> {
    Ok(wanted(farm, filter).count().get_result(connection).await?)
}

fn wanted(farm: FarmId, filter: &DeviceFilter) -> devices::BoxedQuery<'static, Pg> {
    let query = devices::table
        .filter(devices::farm_id.eq(farm.0))
        .filter(devices::deleted_at.is_null())
        .into_boxed();
    match filter.is_active {
        Some(is_active) => query.filter(devices::is_active.eq(is_active)),
        None => query,
    }
}

/// One of a farm's devices, also one that is new or out of use.
pub async fn find(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    device: DeviceId,
) -> Result<Option<Device>, StoreError> {
    let row: Option<Row> = devices::table
        .filter(devices::id.eq(device.0))
        .filter(devices::farm_id.eq(farm.0))
        .filter(devices::deleted_at.is_null())
        .select(Row::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(Device::from))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = devices, check_for_backend(Pg))]
struct Row {
    id: Uuid,
    farm_id: Uuid,
    node_id: Option<Uuid>,
    channel: Option<String>,
    device_id: String,
    name: String,
    kind: DeviceKind,
    type_: DeviceType,
    reported_value: Option<f64>,
    icon: Option<String>,
    house_id: Option<Uuid>,
    location: Option<String>,
    created_at: PgTime,
    approved_at: Option<PgTime>,
    is_active: bool,
    retired_at: Option<PgTime>,
    is_online: bool,
    reported_state: Option<String>,
    reported_at: Option<PgTime>,
}

impl From<Row> for Device {
    fn from(row: Row) -> Self {
        let channel = row.channel.and_then(|channel| Channel::try_from(channel).ok());
        Self {
            id: DeviceId(row.id),
            farm: FarmId(row.farm_id),
            channel: row.node_id.map(NodeId).zip(channel),
            hardware_name: row.device_id,
            name: row.name,
            kind: row.kind,
            device_type: row.type_,
            tells_number: row.reported_value.is_some(),
            icon: row.icon.and_then(|icon| DeviceIcon::parse(&icon)),
            house: row.house_id.map(HouseId),
            location: row.location,
            created_at: row.created_at.into(),
            approved_at: row.approved_at.map(Timestamp::from),
            is_active: row.is_active,
            retired_at: row.retired_at.map(Timestamp::from),
            is_online: row.is_online,
            reported_state: row.reported_state,
            reported_at: row.reported_at.map(Timestamp::from),
        }
    }
}
