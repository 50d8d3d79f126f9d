//! Devices of a farm.
use crate::{StoreError, pg::PgTime, schema::devices};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{Channel, DeviceId, FarmId, HouseId, NodeId, Timestamp, devices::DeviceKind};
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
    /// The house it hangs in; `None` if it serves the whole farm.
    pub house: Option<HouseId>,
    /// When a manager accepted it; `None` if it is new.
    pub approved_at: Option<Timestamp>,
    /// Whether its node can be reached.
    pub is_online: bool,
    /// What it last said of itself.
    pub reported_state: Option<String>,
    /// When it said so.
    pub reported_at: Option<Timestamp>,
}

/// All devices of a farm that are not deleted, in the order of pages.
pub async fn list(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Device>, StoreError> {
    let rows: Vec<Row> = devices::table
        .filter(devices::farm_id.eq(farm.0))
        .filter(devices::deleted_at.is_null())
        .order((devices::position, devices::name, devices::id))
        .select(Row::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Device::from).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = devices, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    farm_id: Uuid,
    node_id: Option<Uuid>,
    channel: Option<String>,
    device_id: String,
    name: String,
    kind: DeviceKind,
    house_id: Option<Uuid>,
    approved_at: Option<PgTime>,
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
            house: row.house_id.map(HouseId),
            approved_at: row.approved_at.map(Timestamp::from),
            is_online: row.is_online,
            reported_state: row.reported_state,
            reported_at: row.reported_at.map(Timestamp::from),
        }
    }
}
