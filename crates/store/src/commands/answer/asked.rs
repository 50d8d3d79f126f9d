//! A command that is answered: where it goes by one answer after the other, and what is kept of them.
use super::{Answer, Heard};
use crate::{
    StoreError,
    column::Column,
    commands::{
        advance::Advance,
        change::Change,
        open::{Open, Said},
    },
    events::NewEvent,
    statement::Statement,
    switchings::Told,
};
use diesel_async::AsyncPgConnection;
use domain::{
    NodeId, Timestamp,
    commands::{Command, Happening, Progress, Step},
    events::EventKind,
    protocol::CommandStatus,
};
use serde_json::json;
use uuid::Uuid;

/// A command that is answered.
pub(super) struct Asked {
    /// As it was.
    pub(super) open: Open,
    /// Where its device hangs.
    pub(super) node: NodeId,
    /// As it is by the answers so far.
    command: Command,
    /// What was said of it last, and when, if that is news.
    said: Option<Said>,
    said_at: Option<Timestamp>,
    /// Whether its device has said that it has heard.
    has_heard: bool,
}

/// What follows from an answer.
pub(super) struct Taken<'a> {
    pub(super) heard: Heard,
    /// The state of the device by it.
    pub(super) told: Option<Told<'a>>,
    /// That it came late.
    pub(super) late: Option<NewEvent<'static>>,
}

impl Asked {
    pub(super) const fn new(open: Open, node: NodeId, said: Option<Said>) -> Self {
        let command = open.command;
        Self { open, node, command, said, said_at: None, has_heard: false }
    }

    /// Takes an answer of its node.
    pub(super) fn take<'a>(&mut self, answer: &Answer<'a>, now: Timestamp) -> Taken<'a> {
        let action = self.command.order.action;
        let agrees = answer.state.is_none_or(|state| action.is_state(state));
        let step = self.command.step(Happening::Answered { answer: answer.status, agrees }, now);
        let is_news = step != Step::Ignore;
        let told =
            answer.state.filter(|_| is_news).map(|state| Told { action, state, at: answer.at });
        let mut late = None;
        let heard = match step {
            // a device that is told nothing by us knows no command of ours
            Step::Ignore if self.command.attempts == 0 => Heard::Unknown,
            Step::Move(progress) => {
                self.keep(answer);
                self.command.progress = progress;
                self.has_heard |= matches!(progress, Progress::Executing { .. });
                Heard::Moved(Change::new(&self.open, progress, now))
            }
            // a node may repeat itself for ever; the log may not
            Step::Late if self.keep(answer) => {
                late = Some(self.late(answer, now));
                Heard::Late
            }
            Step::Late | Step::Stay | Step::Ignore => Heard::Again,
        };
        Taken { heard, told, late }
    }

    /// Keeps the device's own words; true if they are new.
    fn keep(&mut self, answer: &Answer<'_>) -> bool {
        let status = match answer.status {
            CommandStatus::Executing => "executing",
            CommandStatus::Completed => "completed",
            CommandStatus::Failed => "failed",
        };
        let (state, error) = (answer.state.map(str::to_owned), answer.error.map(str::to_owned));
        let said = Some(Said { status: status.to_owned(), state, error });
        let is_new = self.said != said;
        if is_new {
            (self.said, self.said_at) = (said, Some(answer.at));
        }
        is_new
    }

    fn late(&self, answer: &Answer<'_>, now: Timestamp) -> NewEvent<'static> {
        NewEvent {
            farm: Some(self.open.farm),
            device: Some(self.open.device),
            data: json!({
                "command": self.command.id,
                "action": self.command.order.action.name(),
                "status": self.command.progress.status(),
                "state": answer.state,
            }),
            ..NewEvent::new(EventKind::CommandResultLate, now)
        }
    }

    /// Where it has come by all answers.
    pub(super) fn advance(&self) -> Option<Advance<'_>> {
        let (open, progress) = (&self.open, self.command.progress);
        (progress != open.command.progress).then_some(Advance { open, progress, barred: None })
    }

    fn words(&self) -> Option<Words> {
        let (Said { status, state, error }, at) = (self.said.as_ref()?, self.said_at?);
        let data = json!({ "status": status, "state": state, "at": at.as_millis() });
        Some((self.command.id.0, data.to_string(), error.clone()))
    }
}

/// A command, what was said of it, and why it failed.
type Words = (Uuid, String, Option<String>);

/// Writes the devices' own words, and who has heard, be it that they said so and that they are done at once.
pub(super) async fn note_words(
    connection: &mut AsyncPgConnection,
    asked: impl Iterator<Item = &Asked>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut ids, mut words, mut errors, mut heard_at) = (vec![], vec![], vec![], vec![]);
    for asked in asked {
        let Some((id, said, error)) = asked.words() else { continue };
        ids.push(id);
        words.push(said);
        errors.push(error);
        heard_at.push(asked.has_heard.then_some(now));
    }
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "WITH said AS (
            SELECT unnest(?) AS id, unnest(?) AS words, unnest(?) AS error, unnest(?) AS heard_at)
        UPDATE device_commands c SET response_data = s.words::jsonb, error_message = s.error,
            sent_at = CASE WHEN s.heard_at IS NULL THEN c.sent_at ELSE coalesce(c.sent_at, s.heard_at) END,
            executing_at = coalesce(s.heard_at, c.executing_at)
        FROM said s WHERE c.id = s.id";
    let columns = (Column(&ids), Column(&words), Column(&errors), Column(&heard_at));
    Statement::<()>::new(sql, &[&columns.0, &columns.1, &columns.2, &columns.3])
        .run(connection)
        .await?;
    Ok(())
}
