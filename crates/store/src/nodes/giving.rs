//! How a manager gives a controller away: it leaves the farm as `release` has it, its password ends, and whoever has
//! its new code may claim it.
use super::releasing::{Gone, GoneColumns};
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{Effect, let_go},
    events,
    pg::PgTime,
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Integer, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, FarmId, NodeId, Timestamp, codes::Code, events::EventKind};
use serde_json::json;

/// By what it goes on.
#[derive(Debug, Clone, Copy)]
pub struct Gift<'a> {
    /// What its next farm types.
    pub code: &'a Code,
    /// Which of the form's codes that is: others may be somebody else's. Its code can not be told by it.
    pub place: u8,
    /// Until when that is good.
    pub until: Timestamp,
    /// Mosquitto's `$7$` string of a password that nobody knows.
    pub password_hash: &'a str,
    /// By this [`given_away`] knows it again; nothing follows from it.
    pub mark: &'a str,
}

/// What giving it away came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// It has left the farm.
    Done,
    /// Nothing was done: these devices of it are on, or are being switched on, and nobody could switch them off
    /// any more.
    Running(Vec<(DeviceId, String)>),
    /// The farm has no such controller any more, or who asks may not give it away any more.
    Missing,
}

/// Gives a farm's controller away.
///
/// # Errors
/// `Conflict` by `nodes_claim_code_key`: the code is another's.
pub async fn give_away(
    database: &Database,
    scope: &FarmScope,
    (node, gift): (NodeId, Gift<'_>),
    origin: &Origin<'_>,
) -> Result<Effect<Given>, StoreError> {
    scope
        .run(database, async |conn| {
            let Some(found) = super::find(conn, scope.farm(), node).await? else {
                return Ok(Effect::none(Given::Missing));
            };
            let sql = "SELECT outcome, device_ids, device_names FROM give_node_away(?, ?, ?, ?, ?)";
            let (until, at) = (PgTime(gift.until), PgTime(origin.at));
            let row = Statement::<GoneColumns>::new(
                sql,
                &[&node.0, &gift.code.as_str(), &until, &gift.password_hash, &at],
            )
            .get_result(conn)
            .await
            .optional()?;
            let Some(gone) = row.map(Gone::read) else { return Ok(Effect::none(Given::Missing)) };
            if !gone.is_released {
                let running = gone.devices.into_iter().map(DeviceId).zip(gone.names);
                return Ok(Effect::none(Given::Running(running.collect())));
            }
            // what was asked of its devices here is over
            let over = let_go(conn, (scope, origin), &gone.devices, "released").await?;
            let left = gone.devices.iter().zip(&gone.names).map(|(device, name)| {
                let about = (scope, Some(DeviceId(*device)));
                origin.event_of(EventKind::DeviceLeft, about, json!({ "device": name }))
            });
            let data = json!({ "node": found.name, "mark": gift.mark, "place": gift.place });
            let released = origin.event_of(EventKind::NodeReleased, (scope, None), data);
            events::record_all(conn, &left.chain([released]).collect::<Vec<_>>()).await?;
            Ok(Effect { outcome: Given::Done, changes: over.changes })
        })
        .await
}

/// A controller that a farm gave away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// Its name.
    pub name: String,
    /// When it left.
    pub at: Timestamp,
    /// Which of the form's codes it goes by.
    pub place: u8,
}

/// What a farm gave away under this mark; nothing if it never has.
pub async fn given_away(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    mark: &str,
) -> Result<Option<Away>, StoreError> {
    let sql = "SELECT event_data ->> 'node', created_at, (event_data ->> 'place')::integer FROM event_logs
        WHERE farm_id = ? AND event_type = 'node_released' AND event_data ->> 'mark' = ?
            AND event_data ->> 'node' IS NOT NULL AND event_data ->> 'place' IS NOT NULL
        ORDER BY created_at DESC LIMIT 1";
    let row: Option<(String, PgTime, i32)> =
        Statement::<(Text, Timestamptz, Integer)>::new(sql, &[&farm.0, &mark])
            .get_result(connection)
            .await
            .optional()?;
    let away = |(name, at, place): (String, PgTime, i32)| {
        Some(Away { name, at: at.into(), place: u8::try_from(place).ok()? })
    };
    Ok(row.and_then(away))
}
