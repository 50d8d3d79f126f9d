//! Controllers that send what nobody can read.
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, NodeId, Timestamp, events::EventKind, nodes::WRONG_FOR};
use serde_json::json;
use uuid::Uuid;

/// Notes that controllers, each at most once, sent what can not be read, and why, as in the quarantine. Where that
/// begins it is an event. Rows are locked by id, as in `presence`.
pub async fn note_wrong(
    connection: &mut AsyncPgConnection,
    wrong: &[(NodeId, &str)],
    at: Timestamp,
) -> Result<(), StoreError> {
    type Row = (Option<Uuid>, String, String, bool);
    let nodes: Vec<Uuid> = wrong.iter().map(|(node, _)| node.0).collect();
    let reasons: Vec<&str> = wrong.iter().map(|(_, why)| *why).collect();
    let sql = "WITH said AS MATERIALIZED (SELECT unnest(?) AS id, unnest(?) AS why),
        u AS MATERIALIZED (
            SELECT said.*, n.answered_wrongly_at IS NULL OR n.answered_wrongly_at <= ? AS begins
            FROM said JOIN nodes n ON n.id = said.id
            ORDER BY n.id FOR NO KEY UPDATE OF n)
        UPDATE nodes n SET
            answers_wrongly_since = CASE WHEN u.begins THEN ? ELSE n.answers_wrongly_since END,
            answered_wrongly_at = greatest(?, n.answered_wrongly_at),
            answered_wrongly_why = u.why
        FROM u WHERE n.id = u.id
        RETURNING n.farm_id, n.name, u.why, u.begins";
    let (now, long_ago) = (PgTime(at), PgTime(at.minus(WRONG_FOR)));
    let noted: Vec<Row> = Statement::<(Nullable<SqlUuid>, Text, Text, Bool)>::new(
        sql,
        &[&Column(&nodes), &Column(&reasons), &long_ago, &now, &now],
    )
    .load(connection)
    .await?;
    let begun = noted.into_iter().filter(|(_, _, _, begins)| *begins);
    let event = |(farm, node, why, _): Row| NewEvent {
        farm: farm.map(FarmId),
        data: json!({ "node": node, "reason": why }),
        ..NewEvent::new(EventKind::NodeAnswersWrongly, at)
    };
    events::record_all(connection, &begun.map(event).collect::<Vec<_>>()).await
}
