//! Looking at the emergency stops that stand, and at what they hold.
use super::held::{self, Held};
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel::sql_types::{Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, StopId, Timestamp, UserId,
    commands::{Reason, Status, Stop},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// An emergency stop that stands, as every page of its farm tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The farm.
    pub farm: FarmId,
    /// Its IANA time zone.
    pub zone: String,
    /// What the house is called; nothing for the whole farm.
    pub house: Option<String>,
    /// What whoever pressed it is called.
    pub by: String,
    /// When it was pressed.
    pub since: Timestamp,
}

impl Notice {
    /// What `session_account` tells; what another release tells otherwise is left out.
    pub(crate) fn all(told: Value) -> Vec<Self> {
        let Value::Array(all) = told else { return Vec::new() };
        all.into_iter().filter_map(|notice| serde_json::from_value(notice).ok()).collect()
    }
}

/// A stop that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What the rules see.
    pub stop: Stop,
    /// Who pressed it.
    pub by: UserId,
    /// How many of the devices that it holds have not said yet that they are off.
    pub unanswered: i64,
}

/// The stops that stand on a farm, first pressed first.
pub async fn standing(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Standing>, StoreError> {
    type Columns = (SqlUuid, Nullable<SqlUuid>, Bool, Timestamptz, SqlUuid);
    type Row = (Uuid, Option<Uuid>, bool, PgTime, Uuid);
    let sql = "SELECT id, house_id, includes_fans, pressed_at, pressed_by FROM emergency_stops
        WHERE farm_id = ? AND released_at IS NULL ORDER BY pressed_at, id";
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&farm.0]).load(connection).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let held = held::on_farm(connection, farm).await?;
    let standing = |(id, house, includes_fans, since, by): Row| {
        let (id, house, since) = (StopId(id), house.map(HouseId), since.into());
        let unanswered = held.iter().filter(|held| held.stop.id == id && !held.has_answered);
        let unanswered = i64::try_from(unanswered.count()).unwrap_or(i64::MAX);
        Standing { stop: Stop { id, house, includes_fans, since }, by: UserId(by), unanswered }
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// A device that a standing stop holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The stop.
    pub stop: StopId,
    /// The device.
    pub device: DeviceId,
    /// Whether it has said that it is off, and not since that it runs.
    pub has_answered: bool,
    /// How far it is with what it was told last; `Queued` before it was told anything.
    pub status: Status,
    /// Why that ended otherwise.
    pub reason: Option<Reason>,
    /// When it was told so; when the stop was pressed before it was told anything.
    pub asked_at: Timestamp,
}

/// What the stops that stand on a farm hold, in the order of pages.
pub async fn told(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Told>, StoreError> {
    let told = |held: Held| {
        let Held { stop, device, has_answered, .. } = held;
        let (status, reason, asked_at) = held.told.unwrap_or((Status::Queued, None, stop.since));
        Told { stop: stop.id, device, has_answered, status, reason, asked_at }
    };
    Ok(held::on_farm(connection, farm).await?.into_iter().map(told).collect())
}

/// Whether a stop is or was the farm's.
pub async fn is_there(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    stop: StopId,
) -> Result<bool, StoreError> {
    let sql = "SELECT true FROM emergency_stops WHERE id = ? AND farm_id = ?";
    let found: Vec<bool> =
        Statement::<Bool>::new(sql, &[&stop.0, &farm.0]).load(connection).await?;
    Ok(!found.is_empty())
}
