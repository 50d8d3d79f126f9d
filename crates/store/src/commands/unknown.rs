//! What nobody asked a node for.
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel_async::AsyncPgConnection;
use domain::{NodeId, Timestamp, events::EventKind};
use std::time::Duration;

/// A node whose answers nobody asked for is written down no more often than this.
const EVERY: Duration = Duration::from_hours(1);

/// Writes down that a node answers what it was not asked, once an hour at most; true if it did so now. It reads the
/// node's farm's events of an hour: whoever asks remembers for as long that it was noted.
pub async fn note_unknown(
    connection: &mut AsyncPgConnection,
    node: NodeId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let kind = EventKind::CommandResultUnknown;
    let sql = "INSERT INTO event_logs
            (farm_id, event_type, event_category, severity, message, event_data, created_at)
        SELECT n.farm_id, ?, ?, ?::event_severity, ?, jsonb_build_object('node', n.name), ?
        FROM nodes n WHERE n.id = ? AND NOT EXISTS (SELECT FROM event_logs e
            WHERE e.farm_id IS NOT DISTINCT FROM n.farm_id AND e.event_type = ?
                AND e.created_at > ? AND e.event_data ->> 'node' = n.name)";
    let noted = Statement::<()>::new(
        sql,
        &[
            &kind.name(),
            &kind.category().name(),
            &kind.severity().name(),
            &kind.message(),
            &PgTime(now),
            &node.0,
            &kind.name(),
            &PgTime(now.minus(EVERY)),
        ],
    )
    .run(connection)
    .await?;
    Ok(noted > 0)
}
