//! What a stop holds as it is pressed.
use crate::{StoreError, statement::Statement};
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use domain::{
    FarmId, HouseId,
    commands::Stop,
    devices::{DeviceKind, DeviceType},
};
use uuid::Uuid;

/// How long to wait for devices that another transaction has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    ASecond,
    NotAtAll,
}

macro_rules! stopped_sql {
    ($wait:literal) => {
        concat!(
            "SELECT id, kind::text, type::text, house_id FROM devices
            WHERE farm_id = ? AND deleted_at IS NULL AND node_id IS NOT NULL
            ORDER BY id FOR NO KEY UPDATE",
            $wait
        )
    };
}

/// The devices that a stop holds, locked: new ones too, and those out of use, since they may be running.
pub(super) async fn stopped(
    conn: &mut AsyncPgConnection,
    farm: FarmId,
    stop: &Stop,
    wait: Wait,
) -> Result<Vec<Uuid>, StoreError> {
    type Row = (Uuid, String, String, Option<Uuid>);
    let sql = match wait {
        Wait::ASecond => stopped_sql!(""),
        Wait::NotAtAll => stopped_sql!(" SKIP LOCKED"),
    };
    if wait == Wait::ASecond {
        conn.batch_execute("SET LOCAL lock_timeout = '1s'").await?;
    }
    let rows: Vec<Row> =
        Statement::<(SqlUuid, Text, Text, Nullable<SqlUuid>)>::new(sql, &[&farm.0])
            .load(conn)
            .await?;
    let held = |(id, kind, device_type, house): Row| {
        let what = (DeviceKind::parse(&kind), DeviceType::parse(&device_type)?);
        stop.holds(what, house.map(HouseId)).then_some(id)
    };
    Ok(rows.into_iter().filter_map(held).collect())
}
