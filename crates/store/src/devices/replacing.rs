//! New hardware for a device: it takes the place of another channel, with its name and its history.
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{Effect, let_go},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, FarmId, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// What replacing hardware came to; for devices and for controllers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It is done.
    Done,
    /// It was done before.
    Again,
    /// The one is a sensor and the other is none.
    Unlike,
    /// The other controller has devices in use.
    Occupied,
    /// The farm has no such hardware, or it can not be used any more.
    Missing,
}

impl Replaced {
    pub(crate) fn parse(outcome: &str) -> Self {
        match outcome {
            "replaced" => Self::Done,
            "again" => Self::Again,
            "unlike" => Self::Unlike,
            "occupied" => Self::Occupied,
            _ => Self::Missing,
        }
    }
}

/// The new devices whose place a device may take, in the order of pages: a sensor that of a sensor, a switch that
/// of a switch.
pub async fn stand_ins(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    device: DeviceId,
) -> Result<Vec<DeviceId>, StoreError> {
    let sql = "SELECT s.id FROM devices d JOIN devices s ON s.farm_id = d.farm_id
            AND (s.type = 'sensor') = (d.type = 'sensor')
        WHERE d.id = ? AND d.farm_id = ? AND s.id <> d.id AND s.is_active AND s.approved_at IS NULL
            AND s.node_id IS NOT NULL AND s.deleted_at IS NULL
        ORDER BY s.position, s.name, s.id";
    let ids: Vec<Uuid> =
        Statement::<SqlUuid>::new(sql, &[&device.0, &farm.0]).load(connection).await?;
    Ok(ids.into_iter().map(DeviceId).collect())
}

/// Lets a device in use go on where a new one is: on its node, under its channel. The new one leaves the list.
pub async fn replace(
    database: &Database,
    scope: &FarmScope,
    (device, stand_in): (DeviceId, DeviceId),
    origin: &Origin<'_>,
) -> Result<Effect<Replaced>, StoreError> {
    scope
        .run(database, async |conn| {
            let before = super::find(conn, scope.farm(), device).await?;
            let sql = "SELECT replace_device(?, ?, ?)";
            let outcome: String =
                Statement::<Text>::new(sql, &[&device.0, &stand_in.0, &PgTime(origin.at)])
                    .get_result(conn)
                    .await?;
            let replaced = Replaced::parse(&outcome);
            let mut changes = Vec::new();
            if replaced == Replaced::Done {
                // what was asked of the old part is not asked of the new one
                let over = let_go(conn, (scope, origin), &[device.0], "replaced").await?;
                changes = over.changes;
                let after = super::find(conn, scope.farm(), device).await?;
                let data = json!({
                    "device": before.as_ref().map(|device| &device.name),
                    "from": before.as_ref().map(|device| &device.hardware_name),
                    "to": after.as_ref().map(|device| &device.hardware_name),
                });
                let about = (scope, Some(device));
                origin.record_of(conn, EventKind::DeviceReplaced, about, data).await?;
            }
            Ok(Effect { outcome: replaced, changes })
        })
        .await
}
