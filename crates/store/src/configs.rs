//! How devices are set, and how far their controllers know of it. Whatever a controller must know raises the
//! version that is wanted of it, by triggers in the same transaction: see migration 0026.
mod acks;
mod calibrations;
mod push;
mod saving;

pub use acks::{Acked, Learned, note_acks, overtake};
pub use calibrations::{SensorFacts, Undo, calibrate, sensors, undo_calibration};
pub use push::{Lost, Pushed, Sending, attempt, requeue, sent, unsent};
pub use saving::{Saved, Settings, find, save};

use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, FarmId, NodeId, Timestamp, configs::ConfigProgress};

/// The channel that says that there is another configuration to be told.
pub const CHANNEL: &str = "tokkatot_configs";

/// How far the configuration of a farm's controller has come; nothing where it has nothing to be told.
pub async fn progress(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    node: NodeId,
) -> Result<Option<ConfigProgress>, StoreError> {
    type Time = Nullable<Timestamptz>;
    type Number = Nullable<BigInt>;
    type Columns = (BigInt, Timestamptz, Number, Time, Number, Time, Number, Time, Nullable<Text>);
    type Moment = (Option<i64>, Option<PgTime>);
    type Row = (
        i64,
        PgTime,
        Option<i64>,
        Option<PgTime>,
        Option<i64>,
        Option<PgTime>,
        Option<i64>,
        Option<PgTime>,
        Option<String>,
    );
    let sql = "SELECT version, changed_at, sent_version, sent_at, heard_version, heard_at,
            refused_version, refused_at, refusal
        FROM node_configs WHERE node_id = ? AND farm_id = ?";
    let row: Option<Row> = Statement::<Columns>::new(sql, &[&node.0, &farm.0])
        .get_result(connection)
        .await
        .optional()?;
    let moment = |(version, at): Moment| version.zip(at.map(Timestamp::from));
    Ok(row.map(|(version, changed, sent, sent_at, heard, heard_at, refused, refused_at, why)| {
        ConfigProgress {
            version,
            changed_at: changed.into(),
            sent: moment((sent, sent_at)),
            heard: moment((heard, heard_at)),
            refused: moment((refused, refused_at)).map(|(version, at)| (version, at, why)),
        }
    }))
}

/// Ends what a device's parameter has been; until then it holds for what was measured before.
async fn end(
    connection: &mut AsyncPgConnection,
    (device, parameter): (DeviceId, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE device_configs SET deleted_at = ?
        WHERE device_id = ? AND parameter_name = ? AND deleted_at IS NULL";
    Statement::<()>::new(sql, &[&PgTime(at), &device.0, &parameter]).run(connection).await?;
    Ok(())
}

/// A parameter as it is kept.
struct Parameter<'a> {
    name: &'a str,
    value: serde_json::Value,
    unit: &'a str,
    /// What may be set, or, of a value or an angle, what the device may take.
    bounds: Option<(f64, f64)>,
    is_calibrated: bool,
}

/// Begins what a device's parameter is from now on.
async fn begin(
    connection: &mut AsyncPgConnection,
    (farm, device): (FarmId, DeviceId),
    parameter: &Parameter<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value, unit,
            min_value, max_value, is_calibrated, created_at, updated_at)
        VALUES (?, ?, ?, ?::jsonb, ?, ?::float8::numeric, ?::float8::numeric, ?, ?, ?)";
    let (value, at) = (parameter.value.to_string(), PgTime(at));
    Statement::<()>::new(
        sql,
        &[
            &farm.0,
            &device.0,
            &parameter.name,
            &value.as_str(),
            &parameter.unit,
            &parameter.bounds.map(|(least, _)| least),
            &parameter.bounds.map(|(_, most)| most),
            &parameter.is_calibrated,
            &at,
            &at,
        ],
    )
    .run(connection)
    .await?;
    Ok(())
}
