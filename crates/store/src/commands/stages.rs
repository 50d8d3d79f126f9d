//! How far commands have come, as rows have it.
use super::{advance::Advance, open::is_open};
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel_async::AsyncPgConnection;
use domain::{
    Timestamp,
    commands::{Progress, Reason, Status},
};
use uuid::Uuid;

/// Writes that commands are over. The app may do so too.
pub(super) async fn write_ends(
    connection: &mut AsyncPgConnection,
    ended: &[Advance<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    if ended.is_empty() {
        return Ok(());
    }
    let (ids, statuses, reasons) = (ids(ended), statuses(ended), reasons(ended));
    let sql = "WITH ended AS (SELECT unnest(?) AS id, unnest(?) AS status, unnest(?) AS reason)
        UPDATE device_commands c SET status = e.status::command_status, reason = e.reason,
            due_at = NULL, completed_at = ?
        FROM ended e WHERE c.id = e.id";
    let columns = (Column(&ids), Column(&statuses), Column(&reasons));
    Statement::<()>::new(sql, &[&columns.0, &columns.1, &columns.2, &PgTime(now)])
        .run(connection)
        .await?;
    Ok(())
}

/// Writes how far others have come. A device can hear of what waits to go out again: then it is with it, and
/// nothing else may be.
pub(super) async fn write_stages(
    connection: &mut AsyncPgConnection,
    advances: &[Advance<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    if advances.is_empty() {
        return Ok(());
    }
    let (ids, statuses) = (ids(advances), statuses(advances));
    let stages: Vec<&str> = advances.iter().map(|advance| stage(advance.progress)).collect();
    let due: Vec<Option<Timestamp>> =
        advances.iter().map(|advance| advance.progress.due_at()).collect();
    let sql = concat!(
        "WITH moved AS (
            SELECT unnest(?) AS id, unnest(?) AS stage, unnest(?) AS status, unnest(?) AS due_at, ? AS now)
        UPDATE device_commands c SET status = m.status::command_status, due_at = m.due_at,
            attempts = c.attempts + (m.stage = 'attempted')::integer,
            attempted_at = CASE m.stage WHEN 'queued' THEN NULL WHEN 'attempted' THEN m.now
                WHEN 'executing' THEN coalesce(c.attempted_at, (SELECT m.now WHERE NOT EXISTS (
                    SELECT FROM device_commands f WHERE f.device_id = c.device_id AND f.id <> c.id AND ",
        is_open!("f"),
        "               AND (f.attempted_at IS NOT NULL OR f.id < c.id AND f.id IN (
                            SELECT o.id FROM moved o WHERE o.stage = 'executing')))))
                ELSE c.attempted_at END,
            sent_at = CASE m.stage WHEN 'queued' THEN NULL WHEN 'attempted' THEN NULL
                WHEN 'sent' THEN m.now ELSE coalesce(c.sent_at, m.now) END,
            executing_at = CASE m.stage WHEN 'executing' THEN m.now ELSE c.executing_at END
        FROM moved m WHERE c.id = m.id"
    );
    let columns = (Column(&ids), Column(&stages), Column(&statuses), Column(&due));
    let now = PgTime(now);
    Statement::<()>::new(sql, &[&columns.0, &columns.1, &columns.2, &columns.3, &now])
        .run(connection)
        .await?;
    Ok(())
}

/// Keeps what did not let commands be sent.
pub(super) async fn note_held(
    connection: &mut AsyncPgConnection,
    ended: &[Advance<'_>],
) -> Result<(), StoreError> {
    let held = |advance: &Advance<'_>| {
        let held = serde_json::to_string(&advance.barred?.held?).ok()?;
        Some((advance.open.command.id.0, held))
    };
    let (ids, held): (Vec<Uuid>, Vec<String>) = ended.iter().filter_map(held).unzip();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "WITH barred AS (SELECT unnest(?) AS id, unnest(?) AS held)
        UPDATE device_commands c SET held = b.held::jsonb FROM barred b WHERE c.id = b.id";
    let columns = (Column(&ids), Column(&held));
    Statement::<()>::new(sql, &[&columns.0, &columns.1]).run(connection).await?;
    Ok(())
}

/// How the last command of a device ended, as far as the device had to do with it.
pub(super) async fn note_ends(
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

fn ids(advances: &[Advance<'_>]) -> Vec<Uuid> {
    advances.iter().map(|advance| advance.open.command.id.0).collect()
}

fn statuses(advances: &[Advance<'_>]) -> Vec<&'static str> {
    advances.iter().map(|advance| advance.progress.status().name()).collect()
}

fn reasons(advances: &[Advance<'_>]) -> Vec<Option<&'static str>> {
    advances.iter().map(|advance| advance.reason().map(Reason::name)).collect()
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
