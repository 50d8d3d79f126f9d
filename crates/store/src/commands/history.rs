//! Looking at commands: one, a device's newest first, the newest of each device of a farm.
use super::open::order;
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::{
    OptionalExtension as _,
    prelude::Queryable,
    sql_types::{BigInt, Double, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId, FarmId, StopId, Timestamp, UserId,
    commands::{CommandSource, Held, Order, Reason, Status},
};
use serde_json::Value;
use uuid::Uuid;

/// A command as people look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The command.
    pub id: CommandId,
    /// The device.
    pub device: DeviceId,
    /// Its place in the order in which commands were asked for: the cursor of pages.
    pub place: i64,
    /// What was tapped, if anything was, such as `toggle`.
    pub wish: Option<String>,
    /// What the device was told.
    pub order: Order,
    /// What asked for it.
    pub source: CommandSource,
    /// Who asked.
    pub requested_by: Option<UserId>,
    /// The emergency stop that asked.
    pub stop: Option<StopId>,
    /// How far it has come.
    pub status: Status,
    /// Why it ended, unless it is simply done.
    pub reason: Option<Reason>,
    /// The rule of its device that did not let it be sent, and until when.
    pub held: Option<Held>,
    /// The state that the device told with its answer.
    pub state: Option<String>,
    /// Why it failed, in the device's words.
    pub error: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the broker took it.
    pub sent_at: Option<Timestamp>,
    /// When the device said that it has heard.
    pub executing_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// From here on it must not be carried out any more.
    pub expires_at: Timestamp,
}

macro_rules! record_sql {
    ($from:literal) => {
        concat!(
            "SELECT c.id, c.device_id, c.place, c.wish, c.command_type::text,
                (c.command_params ->> 'value')::float8, (c.command_params ->> 'duration_ms')::bigint,
                c.source::text, c.requested_by, c.stop_id, c.status::text, c.reason, c.held,
                c.response_data ->> 'state', c.error_message, c.requested_at, c.sent_at,
                c.executing_at, c.completed_at, c.expires_at ",
            $from
        )
    };
}

/// A command of the farm.
pub async fn find(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    command: CommandId,
) -> Result<Option<Record>, StoreError> {
    let sql = record_sql!("FROM device_commands c WHERE c.id = ? AND c.farm_id = ?");
    let found: Option<Row> = Statement::<Columns>::new(sql, &[&command.0, &farm.0])
        .get_result(connection)
        .await
        .optional()?;
    Ok(found.and_then(Row::record))
}

/// What was asked of a device before a place (`i64::MAX` for the newest), newest first, up to `limit`.
pub async fn history(
    connection: &mut AsyncPgConnection,
    device: DeviceId,
    before: i64,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let sql = record_sql!(
        "FROM device_commands c WHERE c.device_id = ? AND c.place < ? ORDER BY c.place DESC LIMIT ?"
    );
    let rows: Vec<Row> =
        Statement::<Columns>::new(sql, &[&device.0, &before, &limit]).load(connection).await?;
    Ok(rows.into_iter().filter_map(Row::record).collect())
}

/// The newest command of each of these devices.
pub async fn newest(
    connection: &mut AsyncPgConnection,
    devices: &[DeviceId],
) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<Uuid> = devices.iter().map(|device| device.0).collect();
    let sql = record_sql!(
        "FROM devices d CROSS JOIN LATERAL (
            SELECT * FROM device_commands o WHERE o.device_id = d.id ORDER BY o.place DESC LIMIT 1) c
        WHERE d.id = ANY (?)"
    );
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&Column(&ids)]).load(connection).await?;
    Ok(rows.into_iter().filter_map(Row::record).collect())
}

type Time = Nullable<Timestamptz>;
type Columns = (
    SqlUuid,
    SqlUuid,
    BigInt,
    Nullable<Text>,
    Text,
    Nullable<Double>,
    Nullable<BigInt>,
    Text,
    Nullable<SqlUuid>,
    Nullable<SqlUuid>,
    Text,
    Nullable<Text>,
    Nullable<Jsonb>,
    Nullable<Text>,
    Nullable<Text>,
    Timestamptz,
    Time,
    Time,
    Time,
    Timestamptz,
);

#[derive(Queryable)]
struct Row {
    id: Uuid,
    device: Uuid,
    place: i64,
    wish: Option<String>,
    action: String,
    value: Option<f64>,
    duration_ms: Option<i64>,
    source: String,
    requested_by: Option<Uuid>,
    stop: Option<Uuid>,
    status: String,
    reason: Option<String>,
    held: Option<Value>,
    state: Option<String>,
    error: Option<String>,
    requested_at: PgTime,
    sent_at: Option<PgTime>,
    executing_at: Option<PgTime>,
    completed_at: Option<PgTime>,
    expires_at: PgTime,
}

impl Row {
    /// A row of another release, whose words are not known, is left out.
    fn record(self) -> Option<Record> {
        Some(Record {
            id: CommandId(self.id),
            device: DeviceId(self.device),
            place: self.place,
            wish: self.wish,
            order: order(&self.action, self.value, self.duration_ms)?,
            source: CommandSource::parse(&self.source)?,
            requested_by: self.requested_by.map(UserId),
            stop: self.stop.map(StopId),
            status: Status::parse(&self.status)?,
            reason: self.reason.as_deref().and_then(Reason::parse),
            held: self.held.and_then(|held| serde_json::from_value(held).ok()),
            state: self.state,
            error: self.error,
            requested_at: self.requested_at.into(),
            sent_at: self.sent_at.map(Timestamp::from),
            executing_at: self.executing_at.map(Timestamp::from),
            completed_at: self.completed_at.map(Timestamp::from),
            expires_at: self.expires_at.into(),
        })
    }
}
