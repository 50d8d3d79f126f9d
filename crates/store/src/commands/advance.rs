//! Commands come further: what has happened to them is told to the rules, and what follows is written.
use super::{
    change::Change,
    open::Open,
    stages::{note_ends, note_held, write_ends, write_stages},
    undone::undo,
};
use crate::{
    StoreError,
    events::{self, NewEvent},
};
use diesel_async::AsyncPgConnection;
use domain::{
    Timestamp,
    commands::{Barred, Happening, Held, Progress, Reason, Status, Step},
    events::EventKind,
};
use serde_json::{Value, json};

/// A command and where it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Advance<'o> {
    pub(crate) open: &'o Open,
    pub(crate) progress: Progress,
    /// What did not let it be sent.
    pub(crate) barred: Option<Barred>,
}

/// Tells locked commands what has happened, and writes what follows.
pub(super) async fn advance(
    connection: &mut AsyncPgConnection,
    opens: &[Open],
    happening: impl Fn(&Open) -> Happening,
    now: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    write(connection, &steps(opens, happening, now), now).await
}

/// Where locked commands go by what has happened.
pub(super) fn steps(
    opens: &[Open],
    happening: impl Fn(&Open) -> Happening,
    now: Timestamp,
) -> Vec<Advance<'_>> {
    let advances = opens.iter().filter_map(|open| match open.command.step(happening(open), now) {
        Step::Move(progress) => Some(Advance { open, progress, barred: None }),
        Step::Stay | Step::Late | Step::Ignore => None,
    });
    advances.collect()
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
    write_ends(connection, &ended, now).await?;
    write_stages(connection, &others, now).await?;
    note_held(connection, &ended).await?;
    note_ends(connection, &ended, now).await?;
    let ends: Vec<NewEvent<'_>> = ended.iter().filter_map(|advance| advance.event(now)).collect();
    events::record_all(connection, &ends).await?;
    undo(connection, &ended, now).await?;
    Ok(advances.iter().map(|advance| advance.change(now)).collect())
}

impl Advance<'_> {
    pub(super) const fn reason(&self) -> Option<Reason> {
        self.progress.reason()
    }

    pub(super) const fn change(&self, now: Timestamp) -> Change {
        Change::new(self.open, self.progress, now)
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
        let mut data = json!({
            "command": command.id,
            "action": command.order.action.name(),
            "value": command.order.action.value(),
            "reason": self.reason(),
        });
        if let (Some(data), Some(Barred { held, stop, .. })) = (data.as_object_mut(), self.barred) {
            data.extend(stop.map(|stop| ("stop".to_owned(), json!(stop))));
            held.iter().for_each(|held| data.extend(told_of(held)));
        }
        Some(NewEvent {
            farm: Some(self.open.farm),
            device: Some(self.open.device),
            data,
            ..NewEvent::new(kind, now)
        })
    }
}

/// What events say of a rule that kept something from being done.
pub(super) fn told_of(held: &Held) -> [(String, Value); 3] {
    [
        ("rule".to_owned(), json!(held.rule)),
        ("until".to_owned(), json!(held.until)),
        ("instead_of".to_owned(), json!(held.by)),
    ]
}
