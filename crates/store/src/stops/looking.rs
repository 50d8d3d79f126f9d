//! Looking at the emergency stops that stand, and at what they told.
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
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
    /// How many devices it told to go off and have not answered yet.
    pub unanswered: i64,
}

/// The stops that stand on a farm, first pressed first.
pub async fn standing(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Standing>, StoreError> {
    type Columns = (SqlUuid, Nullable<SqlUuid>, Bool, Timestamptz, SqlUuid, BigInt);
    type Row = (Uuid, Option<Uuid>, bool, PgTime, Uuid, i64);
    let sql = "SELECT s.id, s.house_id, s.includes_fans, s.pressed_at, s.pressed_by,
            (SELECT count(*) FROM (
                SELECT bool_or(c.status = 'completed' AND c.reason IS NULL) AS has_answered
                FROM device_commands c WHERE c.stop_id = s.id GROUP BY c.device_id) told
                WHERE NOT told.has_answered)
        FROM emergency_stops s WHERE s.farm_id = ? AND s.released_at IS NULL ORDER BY s.pressed_at, s.id";
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&farm.0]).load(connection).await?;
    let standing = |(id, house, includes_fans, since, by, unanswered): Row| Standing {
        stop: Stop {
            id: StopId(id),
            house: house.map(HouseId),
            includes_fans,
            since: since.into(),
        },
        by: UserId(by),
        unanswered,
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// A device that a standing stop told to go off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The stop.
    pub stop: StopId,
    /// The device.
    pub device: DeviceId,
    /// Whether it has said that it is off.
    pub has_answered: bool,
    /// How far it is with what it was told last.
    pub status: Status,
    /// Why that ended otherwise.
    pub reason: Option<Reason>,
    /// When it was told so.
    pub asked_at: Timestamp,
}

/// What the stops that stand on a farm told, in the order of pages.
pub async fn told(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Told>, StoreError> {
    type Columns = (SqlUuid, SqlUuid, Bool, Text, Nullable<Text>, Timestamptz);
    type Row = (Uuid, Uuid, bool, String, Option<String>, PgTime);
    let sql = "SELECT s.id, d.id, last.has_answered, last.status, last.reason, last.requested_at
        FROM emergency_stops s
        CROSS JOIN LATERAL (
            SELECT DISTINCT ON (c.device_id) c.device_id, c.status::text AS status, c.reason, c.requested_at,
                bool_or(c.status = 'completed' AND c.reason IS NULL) OVER (PARTITION BY c.device_id)
                    AS has_answered
            FROM device_commands c WHERE c.stop_id = s.id ORDER BY c.device_id, c.place DESC) last
        JOIN devices d ON d.id = last.device_id AND d.deleted_at IS NULL
        WHERE s.farm_id = ? AND s.released_at IS NULL
        ORDER BY s.pressed_at, s.id, d.position, d.name, d.id";
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&farm.0]).load(connection).await?;
    // a row of another release, whose words are not known, is left out
    let told = |(stop, device, has_answered, status, reason, at): Row| {
        Some(Told {
            stop: StopId(stop),
            device: DeviceId(device),
            has_answered,
            status: Status::parse(&status)?,
            reason: reason.as_deref().and_then(Reason::parse),
            asked_at: at.into(),
        })
    };
    Ok(rows.into_iter().filter_map(told).collect())
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
