//! Telling again who did not answer an emergency stop.
use crate::{
    StoreError,
    commands::{Off, tell_off},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, StopId, Timestamp, commands::STOP_RETRY};
use uuid::Uuid;

/// Tells those devices again which a stop holds and which have not said that they are off: reachable ones
/// every 10 s, under a new identity, since a device drops what it has seen. Returns how many.
pub(crate) async fn retry(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<usize, StoreError> {
    type Row = (Uuid, Uuid, Uuid);
    let sql = "SELECT s.farm_id, s.id, last.device_id
        FROM emergency_stops s
        CROSS JOIN LATERAL (
            SELECT c.device_id, max(c.requested_at) AS asked_at
            FROM device_commands c WHERE c.stop_id = s.id GROUP BY c.device_id
            HAVING NOT bool_or(c.status = 'completed' AND c.reason IS NULL)) last
        JOIN devices d ON d.id = last.device_id AND d.is_online AND d.deleted_at IS NULL
        WHERE s.released_at IS NULL AND last.asked_at <= ?
            AND NOT EXISTS (SELECT FROM device_commands o WHERE o.device_id = last.device_id
                AND o.stop_id IS NOT NULL AND o.status IN ('queued', 'sent', 'executing'))
        ORDER BY s.id, last.device_id FOR NO KEY UPDATE OF d SKIP LOCKED";
    let asked = PgTime(now.minus(STOP_RETRY));
    let rows: Vec<Row> =
        Statement::<(SqlUuid, SqlUuid, SqlUuid)>::new(sql, &[&asked]).load(connection).await?;
    let mut told: Vec<Uuid> = Vec::new();
    for group in rows.chunk_by(|(_, one, _), (_, other, _)| one == other) {
        let Some((farm, stop, _)) = group.first() else { continue };
        // one that two stops hold is told by the first
        let devices = group.iter().map(|(_, _, device)| *device);
        let devices: Vec<Uuid> = devices.filter(|device| !told.contains(device)).collect();
        let off = Off { farm: FarmId(*farm), by: None, stop: Some(StopId(*stop)), at: now };
        tell_off(connection, &off, &devices).await?;
        told.extend(devices);
    }
    Ok(told.len())
}
