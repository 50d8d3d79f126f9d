//! Manual overrides: who switches a device by hand takes it from automation for a while.
use crate::{
    Database, FarmScope, Origin, StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::{
    prelude::Queryable,
    sql_types::{Double, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, Timestamp, UserId,
    commands::{Action, Override},
    events::EventKind,
};
use serde_json::json;
use uuid::Uuid;

/// No more overrides end at once.
const MOST: i64 = 500;

/// The overrides that hold on a farm at `now`, by device.
pub async fn standing(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    now: Timestamp,
) -> Result<Vec<(DeviceId, Override)>, StoreError> {
    let sql = "SELECT device_id, action, value, set_by, began_at, until_at FROM overrides
        WHERE farm_id = ? AND ended_at IS NULL AND until_at > ? ORDER BY device_id";
    let rows: Vec<Row> =
        Statement::<Columns>::new(sql, &[&farm.0, &PgTime(now)]).load(connection).await?;
    Ok(rows.into_iter().filter_map(Row::standing).collect())
}

/// Gives a device back to automation before its time. False if nobody holds it by hand.
pub async fn end(
    database: &Database,
    scope: &FarmScope,
    device: DeviceId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "UPDATE overrides SET ended_at = ?
                WHERE device_id = ? AND farm_id = ? AND ended_at IS NULL AND until_at > ?";
            let at = PgTime(origin.at);
            let ended = Statement::<()>::new(sql, &[&at, &device.0, &scope.farm().0, &at])
                .run(conn)
                .await?;
            if ended > 0 {
                let (about, data) = ((scope, Some(device)), json!({ "by": "person" }));
                origin.record_of(conn, EventKind::OverrideEnded, about, data).await?;
            }
            Ok(ended > 0)
        })
        .await
}

/// Ends the overrides of devices that nobody can hold by hand any more, and tells which had one.
pub(crate) async fn end_all(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
    at: Timestamp,
) -> Result<Vec<DeviceId>, StoreError> {
    let sql = "UPDATE overrides SET ended_at = ?
        WHERE device_id = ANY (?) AND ended_at IS NULL AND until_at > ? RETURNING device_id";
    let at = PgTime(at);
    let freed: Vec<Uuid> =
        Statement::<SqlUuid>::new(sql, &[&at, &Column(devices), &at]).load(connection).await?;
    Ok(freed.into_iter().map(DeviceId).collect())
}

/// Gives the devices back whose time is over, and tells which. It holds no devices as all others do who write
/// overrides, so it waits for nobody: what is held is given back the next time.
pub(crate) async fn expire(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<Vec<(FarmId, DeviceId)>, StoreError> {
    let sql = "UPDATE overrides SET ended_at = until_at WHERE device_id IN (
            SELECT o.device_id FROM overrides o WHERE o.ended_at IS NULL AND o.until_at <= ?
            ORDER BY o.device_id LIMIT ? FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING farm_id, device_id";
    let freed: Vec<(Uuid, Uuid)> =
        Statement::<(SqlUuid, SqlUuid)>::new(sql, &[&PgTime(now), &MOST]).load(connection).await?;
    let freed: Vec<_> =
        freed.into_iter().map(|(farm, device)| (FarmId(farm), DeviceId(device))).collect();
    let event = |(farm, device): &(FarmId, DeviceId)| ended_event(*farm, *device, "time", now);
    events::record_all(connection, &freed.iter().map(event).collect::<Vec<_>>()).await?;
    Ok(freed)
}

/// That a device went back to automation, for whoever records it with more.
pub(crate) fn ended_event(
    farm: FarmId,
    device: DeviceId,
    by: &'static str,
    at: Timestamp,
) -> NewEvent<'static> {
    NewEvent {
        farm: Some(farm),
        device: Some(device),
        data: json!({ "by": by }),
        ..NewEvent::new(EventKind::OverrideEnded, at)
    }
}

type Columns = (SqlUuid, Text, Nullable<Double>, SqlUuid, Timestamptz, Timestamptz);

#[derive(Queryable)]
struct Row {
    device: Uuid,
    action: String,
    value: Option<f64>,
    set_by: Uuid,
    began_at: PgTime,
    until_at: PgTime,
}

impl Row {
    fn standing(self) -> Option<(DeviceId, Override)> {
        let manual = Override {
            action: Action::parse(&self.action, self.value)?,
            by: Some(UserId(self.set_by)),
            since: self.began_at.into(),
            until: self.until_at.into(),
        };
        Some((DeviceId(self.device), manual))
    }
}
