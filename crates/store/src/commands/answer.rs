//! What nodes answer. Only a command that was sent to one of the node's own devices can be answered.
use super::{
    Change,
    advance::{Advance, write},
    lock,
    open::{self, Open},
};
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
    switchings, transaction,
};
use diesel::{OptionalExtension as _, sql_types::Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId, NodeId, Timestamp,
    commands::{Happening, Step},
    events::EventKind,
    protocol::CommandStatus,
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// A node whose answers nobody asked for is written down no more often than this.
const UNKNOWN_EVERY: Duration = Duration::from_hours(1);

/// A node's word about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The node it came from.
    pub node: NodeId,
    /// The command it names.
    pub command: CommandId,
    /// How far it says it is.
    pub status: CommandStatus,
    /// The device's state, as it says.
    pub state: Option<&'a str>,
    /// Why it failed, as it says.
    pub error: Option<&'a str>,
    /// When, by the corrected time of the node.
    pub at: Timestamp,
}

/// What an answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The command has come further.
    Moved(Change),
    /// The command had ended otherwise: the state counts, the command stays ended.
    Late,
    /// It was heard before.
    Again,
    /// The node was given no such command.
    Unknown,
}

/// Takes an answer in.
pub async fn answer(
    connection: &mut AsyncPgConnection,
    answer: &Answer<'_>,
    now: Timestamp,
) -> Result<Heard, StoreError> {
    let heard = answer_all(connection, std::slice::from_ref(answer), now).await?;
    Ok(heard.into_iter().next().unwrap_or(Heard::Unknown))
}

/// Takes answers in, in their order; what each came to is told in the same order.
pub async fn answer_all(
    connection: &mut AsyncPgConnection,
    answers: &[Answer<'_>],
    now: Timestamp,
) -> Result<Vec<Heard>, StoreError> {
    transaction::begin(connection).await?;
    let heard = async {
        hold_devices(connection, answers, &[]).await?;
        let mut heard = Vec::with_capacity(answers.len());
        for answer in answers {
            heard.push(take(connection, answer, now).await?);
        }
        Ok(heard)
    };
    let heard = heard.await;
    transaction::end(connection, heard).await
}

/// Locks the devices that are answered for, and others that the same transaction is going to write, by id:
/// whoever took them one after the other could wait for one that waits for them.
pub async fn hold_devices(
    connection: &mut AsyncPgConnection,
    answers: &[Answer<'_>],
    others: &[DeviceId],
) -> Result<(), StoreError> {
    let nodes: Vec<Uuid> = answers.iter().map(|answer| answer.node.0).collect();
    let commands: Vec<Uuid> = answers.iter().map(|answer| answer.command.0).collect();
    let sql = "SELECT DISTINCT c.device_id FROM device_commands c
        JOIN devices d ON d.id = c.device_id AND d.node_id = ANY (?) AND d.deleted_at IS NULL
        WHERE c.id = ANY (?)";
    let mut devices: Vec<Uuid> =
        Statement::<SqlUuid>::new(sql, &[&Column(&nodes), &Column(&commands)])
            .load(connection)
            .await?;
    devices.extend(others.iter().map(|device| device.0));
    lock(connection, &devices).await.map(drop)
}

async fn take(
    connection: &mut AsyncPgConnection,
    answer: &Answer<'_>,
    now: Timestamp,
) -> Result<Heard, StoreError> {
    let Some(open) = asked(connection, answer).await? else { return Ok(Heard::Unknown) };
    let action = open.command.order.action;
    let agrees = answer.state.is_none_or(|state| action.is_state(state));
    let happening = Happening::Answered { answer: answer.status, agrees };
    let step = open.command.step(happening, now);
    // a device that is told nothing by us knows no command of ours
    if step == Step::Ignore && open.command.attempts == 0 {
        return Ok(Heard::Unknown);
    }
    if let Some(state) = answer.state.filter(|_| step != Step::Ignore) {
        switchings::note_answer(connection, (open.device, action), state, answer.at).await?;
    }
    match step {
        Step::Move(progress) => {
            note_words(connection, answer).await?;
            let changes = write(connection, &[Advance { open: &open, progress }], now).await?;
            Ok(changes.into_iter().next().map_or(Heard::Again, Heard::Moved))
        }
        // a node may repeat itself for ever; the log may not
        Step::Late if !note_words(connection, answer).await? => Ok(Heard::Again),
        Step::Late => {
            late(connection, &open, answer, now).await?;
            Ok(Heard::Late)
        }
        Step::Stay | Step::Ignore => Ok(Heard::Again),
    }
}

/// The command, if this node was given it, with its device locked.
async fn asked(
    connection: &mut AsyncPgConnection,
    answer: &Answer<'_>,
) -> Result<Option<Open>, StoreError> {
    let sql = "SELECT c.device_id FROM device_commands c
        JOIN devices d ON d.id = c.device_id AND d.node_id = ? AND d.deleted_at IS NULL
        WHERE c.id = ?";
    let device: Option<Uuid> = Statement::<SqlUuid>::new(sql, &[&answer.node.0, &answer.command.0])
        .get_result(connection)
        .await
        .optional()?;
    let Some(device) = device else { return Ok(None) };
    lock(connection, &[device]).await?;
    Ok(open::of_ids(connection, &[answer.command.0]).await?.pop())
}

/// Keeps the device's own words; true if they are new.
async fn note_words(
    connection: &mut AsyncPgConnection,
    answer: &Answer<'_>,
) -> Result<bool, StoreError> {
    let status = match answer.status {
        CommandStatus::Executing => "executing",
        CommandStatus::Completed => "completed",
        CommandStatus::Failed => "failed",
    };
    let words = json!({ "status": status, "state": answer.state, "at": answer.at.as_millis() });
    let words = words.to_string();
    let sql = "UPDATE device_commands c SET response_data = said.words, error_message = said.error
        FROM (SELECT ?::jsonb AS words, ?::text AS error) said
        WHERE c.id = ? AND (c.response_data - 'at', c.error_message)
            IS DISTINCT FROM (said.words - 'at', said.error)";
    let written = Statement::<()>::new(sql, &[&words.as_str(), &answer.error, &answer.command.0])
        .run(connection)
        .await?;
    Ok(written > 0)
}

async fn late(
    connection: &mut AsyncPgConnection,
    open: &Open,
    answer: &Answer<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = NewEvent {
        farm: Some(open.farm),
        device: Some(open.device),
        data: json!({
            "command": open.command.id,
            "action": open.command.order.action.name(),
            "status": open.command.progress.status(),
            "state": answer.state,
        }),
        ..NewEvent::new(EventKind::CommandResultLate, now)
    };
    events::record(connection, &event).await
}

/// Writes down that a node answers what it was not asked, once an hour at most; true if it did so now.
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
            &PgTime(now.minus(UNKNOWN_EVERY)),
        ],
    )
    .run(connection)
    .await?;
    Ok(noted > 0)
}
