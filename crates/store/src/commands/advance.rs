//! Commands come further: what has happened to them is told to the rules, and what follows is written.
use super::{
    Change, NotWritten, lock_free,
    open::{self, Open},
    undone::undo,
};
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    lease::{self, Lease},
    pg::PgTime,
    readings::Fenced,
    statement::Statement,
    transaction,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId, NodeId, Timestamp,
    commands::{Happening, Progress, Reason, Status, Step},
    events::EventKind,
};
use serde_json::json;
use uuid::Uuid;

/// A command and where it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Advance<'o> {
    pub(crate) open: &'o Open,
    pub(crate) progress: Progress,
}

/// What was written, and what was left for the next time: its device is in another transaction's hands, be that
/// a frozen server's, and nothing else waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted<T> {
    /// Commands that have come further.
    pub changes: Vec<Change>,
    /// What was left.
    pub left: Vec<T>,
}

/// The broker has taken these commands. Returns those for which that is news.
pub async fn sent(
    connection: &mut AsyncPgConnection,
    commands: &[CommandId],
    now: Timestamp,
) -> Result<Noted<CommandId>, StoreError> {
    transaction::begin(connection).await?;
    let written = async {
        let (free, left) = lock_devices_of(connection, commands).await?;
        let opens = open::of_ids(connection, &free).await?;
        let acked = |open: &Open| Happening::PubAcked { is_reachable: open.is_reachable };
        let changes = advance(connection, &opens, acked, now).await?;
        Ok(Noted { changes, left })
    };
    let written = written.await;
    transaction::end(connection, written).await
}

/// Locks the devices of commands, as far as they are free; the commands of these, and the others.
pub(super) async fn lock_devices_of(
    connection: &mut AsyncPgConnection,
    commands: &[CommandId],
) -> Result<(Vec<Uuid>, Vec<CommandId>), StoreError> {
    let ids: Vec<Uuid> = commands.iter().map(|command| command.0).collect();
    let sql = "SELECT id, device_id FROM device_commands WHERE id = ANY (?)";
    let pairs: Vec<(Uuid, Uuid)> =
        Statement::<(SqlUuid, SqlUuid)>::new(sql, &[&Column(&ids)]).load(connection).await?;
    let devices: Vec<Uuid> = pairs.iter().map(|(_, device)| *device).collect();
    let free = lock_free(connection, &devices).await?;
    let (free, left): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(_, device)| free.contains(device));
    let free = free.into_iter().map(|(id, _)| id).collect();
    Ok((free, left.into_iter().map(|(id, _)| CommandId(id)).collect()))
}

/// Whose commands may be lost on their way.
#[derive(Debug, Clone, Copy)]
pub enum Lost<'a> {
    /// Our link to the broker, or another server that had it: everything that was not heard.
    Link,
    /// These nodes, which have come back: what the broker had for them.
    Nodes(&'a [NodeId]),
    /// What was left of either.
    Devices(&'a [DeviceId]),
}

/// Lets what may be lost go out again, under the same identity, while it lives.
pub async fn requeue(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    lost: Lost<'_>,
    now: Timestamp,
) -> Result<Result<Noted<DeviceId>, Fenced>, StoreError> {
    while_held(connection, lease, async |connection| {
        let lost = lost_devices(connection, lost).await?;
        let free = lock_free(connection, &lost).await?;
        let left = lost.iter().filter(|device| !free.contains(device));
        let left = left.map(|device| DeviceId(*device)).collect();
        let opens = open::of_devices(connection, &free).await?;
        let changes = advance(connection, &opens, |_| Happening::LinkLost, now).await?;
        Ok(Noted { changes, left })
    })
    .await
}

async fn lost_devices(
    connection: &mut AsyncPgConnection,
    lost: Lost<'_>,
) -> Result<Vec<Uuid>, StoreError> {
    let nodes: Vec<Uuid> = match lost {
        Lost::Link => {
            // behind row-level security the planner knows no shares of enum values, only those of NULLs
            let sql = "SELECT DISTINCT device_id FROM device_commands
                WHERE status IN ('queued', 'sent') AND attempted_at IS NOT NULL AND completed_at IS NULL";
            return Ok(Statement::<SqlUuid>::new(sql, &[]).load(connection).await?);
        }
        Lost::Devices(devices) => return Ok(devices.iter().map(|device| device.0).collect()),
        Lost::Nodes(nodes) => nodes.iter().map(|node| node.0).collect(),
    };
    let sql =
        "SELECT DISTINCT c.device_id FROM devices d JOIN device_commands c ON c.device_id = d.id
        WHERE d.node_id = ANY (?) AND c.status = 'sent'";
    Ok(Statement::<SqlUuid>::new(sql, &[&Column(&nodes)]).load(connection).await?)
}

/// Does work in a transaction that is kept if the lease is still ours at its end.
pub(super) async fn while_held<T>(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, StoreError>,
) -> Result<Result<T, Fenced>, StoreError> {
    transaction::begin(connection).await?;
    let written = async {
        let done = work(connection).await?;
        hold(connection, lease, done).await
    };
    let written = written.await;
    unfence(transaction::end(connection, written).await)
}

/// Keeps what was written if the lease is still ours. At the end: whoever waits for rows must not keep the
/// lease from being renewed.
pub(crate) async fn hold<T>(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    done: T,
) -> Result<T, NotWritten> {
    if lease::is_held(connection, lease).await? { Ok(done) } else { Err(NotWritten::Fenced) }
}

/// A lost lease is no failure of the database's.
pub(crate) fn unfence<T>(ended: Result<T, NotWritten>) -> Result<Result<T, Fenced>, StoreError> {
    match ended {
        Ok(done) => Ok(Ok(done)),
        Err(NotWritten::Fenced) => Ok(Err(Fenced)),
        Err(NotWritten::Failed(error)) => Err(error),
    }
}

/// Tells locked commands what has happened, and writes what follows.
pub(super) async fn advance(
    connection: &mut AsyncPgConnection,
    opens: &[Open],
    happening: impl Fn(&Open) -> Happening,
    now: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    let advances = opens.iter().filter_map(|open| match open.command.step(happening(open), now) {
        Step::Move(progress) => Some(Advance { open, progress }),
        Step::Stay | Step::Late | Step::Ignore => None,
    });
    write(connection, &advances.collect::<Vec<_>>(), now).await
}

/// Writes how far commands have come, with the events of those that have ended.
pub(crate) async fn write(
    connection: &mut AsyncPgConnection,
    advances: &[Advance<'_>],
    now: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    // what has ended first: only then another may be in flight
    let (ended, others): (Vec<_>, Vec<_>) =
        advances.iter().copied().partition(|advance| advance.progress.is_end());
    for part in [&ended, &others] {
        write_stages(connection, part, now).await?;
    }
    note_ends(connection, &ended, now).await?;
    let ends: Vec<NewEvent<'_>> = ended.iter().filter_map(|advance| advance.event(now)).collect();
    events::record_all(connection, &ends).await?;
    undo(connection, &ended, now).await?;
    Ok(advances.iter().map(|advance| advance.change(now)).collect())
}

async fn write_stages(
    connection: &mut AsyncPgConnection,
    advances: &[Advance<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    if advances.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = advances.iter().map(|advance| advance.open.command.id.0).collect();
    let stages: Vec<&str> = advances.iter().map(|advance| stage(advance.progress)).collect();
    let statuses: Vec<&str> =
        advances.iter().map(|advance| advance.progress.status().name()).collect();
    let reasons: Vec<Option<&str>> =
        advances.iter().map(|advance| advance.reason().map(Reason::name)).collect();
    let due: Vec<Option<Timestamp>> =
        advances.iter().map(|advance| advance.progress.due_at()).collect();
    let sql = "WITH moved AS (
            SELECT unnest(?) AS id, unnest(?) AS stage, unnest(?) AS status, unnest(?) AS reason,
                unnest(?) AS due_at, ? AS now)
        UPDATE device_commands c SET status = m.status::command_status, reason = m.reason,
            due_at = m.due_at,
            attempts = c.attempts + (m.stage = 'attempted')::integer,
            -- a device can hear of what waits to go out again: then it is with it, and nothing else may be
            attempted_at = CASE m.stage WHEN 'queued' THEN NULL WHEN 'attempted' THEN m.now
                WHEN 'executing' THEN coalesce(c.attempted_at, (SELECT m.now WHERE NOT EXISTS (
                    SELECT FROM device_commands f WHERE f.device_id = c.device_id AND f.id <> c.id
                        AND f.status IN ('queued', 'sent', 'executing') AND f.attempted_at IS NOT NULL)))
                ELSE c.attempted_at END,
            sent_at = CASE m.stage WHEN 'queued' THEN NULL WHEN 'attempted' THEN NULL
                WHEN 'sent' THEN m.now WHEN 'executing' THEN coalesce(c.sent_at, m.now)
                ELSE c.sent_at END,
            executing_at = CASE m.stage WHEN 'executing' THEN m.now ELSE c.executing_at END,
            completed_at = CASE m.stage WHEN 'ended' THEN m.now ELSE c.completed_at END
        FROM moved m WHERE c.id = m.id";
    Statement::<()>::new(
        sql,
        &[
            &Column(&ids),
            &Column(&stages),
            &Column(&statuses),
            &Column(&reasons),
            &Column(&due),
            &PgTime(now),
        ],
    )
    .run(connection)
    .await?;
    Ok(())
}

const fn stage(progress: Progress) -> &'static str {
    match progress {
        Progress::Queued => "queued",
        Progress::Attempted { .. } => "attempted",
        Progress::Sent { .. } => "sent",
        Progress::Executing { .. } => "executing",
        Progress::Ended { .. } => "ended",
    }
}

/// How the last command of a device ended, as far as the device had to do with it.
async fn note_ends(
    connection: &mut AsyncPgConnection,
    ended: &[Advance<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let word = |advance: &Advance<'_>| {
        let word = match (advance.progress.status(), advance.reason()) {
            (Status::Completed, _) => "success",
            (Status::Timeout, _) => "timeout",
            (_, Some(Reason::Refused)) => "failed",
            _ => return None,
        };
        Some((advance.open.device.0, word))
    };
    let (devices, words): (Vec<Uuid>, Vec<&str>) = ended.iter().filter_map(word).unzip();
    if devices.is_empty() {
        return Ok(());
    }
    let sql = "WITH ended AS (SELECT unnest(?) AS id, unnest(?) AS word)
        UPDATE devices d SET last_command_status = ended.word, last_command_at = ?
        FROM ended WHERE d.id = ended.id";
    let columns = (Column(&devices), Column(&words));
    Statement::<()>::new(sql, &[&columns.0, &columns.1, &PgTime(now)]).run(connection).await?;
    Ok(())
}

impl Advance<'_> {
    pub(super) const fn reason(&self) -> Option<Reason> {
        match self.progress {
            Progress::Ended { reason, .. } => reason,
            _ => None,
        }
    }

    fn change(&self, now: Timestamp) -> Change {
        Change {
            farm: self.open.farm,
            device: self.open.device,
            command: self.open.command.id,
            status: self.progress.status(),
            reason: self.reason(),
            at: now,
        }
    }

    fn event(&self, now: Timestamp) -> Option<NewEvent<'static>> {
        let kind = match (self.progress.status(), self.reason()) {
            (Status::Completed, _) => EventKind::CommandCompleted,
            (Status::Timeout, _) => EventKind::CommandTimeout,
            (_, Some(Reason::Superseded)) => EventKind::CommandSuperseded,
            (_, Some(Reason::Cancelled)) => EventKind::CommandCancelled,
            (Status::Failed, _) => EventKind::CommandFailed,
            (Status::Queued | Status::Sent | Status::Executing, _) => return None,
        };
        let command = &self.open.command;
        Some(NewEvent {
            farm: Some(self.open.farm),
            device: Some(self.open.device),
            data: json!({
                "command": command.id,
                "action": command.order.action.name(),
                "value": command.order.action.value(),
                "reason": self.reason(),
            }),
            ..NewEvent::new(kind, now)
        })
    }
}
