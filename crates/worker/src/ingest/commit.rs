//! Writes a plan: all of it is durable afterwards, or nothing is.
use super::{
    answer::{self, Learned},
    directory::Directory,
    message::Message,
    plan::{Plan, PutAway},
};
use domain::{DeviceId, NodeId, SeriesId, Timestamp, events::EventKind, protocol::ConfigAck};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use store::{
    AsyncPgConnection, StoreError, boots,
    configs::{self, Acked},
    events::{self, NewEvent},
    lease::Lease,
    nodes,
    quarantine::{self, Quarantined},
    readings::{self, Commit, Fenced},
    reports, series, transaction,
};

/// Why a plan was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Another server ingests now.
    #[error(transparent)]
    Fenced(#[from] Fenced),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What only the database could tell.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Messages that were put away because another value is stored under a reading's time.
    pub(super) conflicts: u64,
    /// Readings that were stored before.
    pub(super) duplicates: u64,
    /// Devices for which their report was news.
    pub(super) reported: Vec<DeviceId>,
    /// What answers to commands came to.
    pub(super) learned: Learned,
    /// What words about configurations came to.
    pub(super) configured: configs::Learned,
}

/// Where a plan goes.
pub(super) struct Target<'t> {
    pub(super) connection: &'t mut AsyncPgConnection,
    pub(super) lease: Lease,
    pub(super) now: Timestamp,
}

impl Target<'_> {
    /// Writes a plan. `carefully` expects some readings to be there already, which costs more.
    pub(super) async fn commit(
        &mut self,
        directory: &Directory,
        messages: &[Message<'_>],
        plan: &Plan<'_>,
        carefully: bool,
    ) -> Result<Written, Failure> {
        if !carefully {
            match self.hopefully(directory, messages, plan).await {
                Err(Failure::Store(error)) if is_duplicate(&error) => {}
                written => return written,
            }
        }
        transaction::begin(self.connection).await?;
        let written = self.carefully(directory, messages, plan).await;
        transaction::end(self.connection, written).await
    }

    /// All readings are new, hopefully: the cheap form.
    async fn hopefully(
        &mut self,
        directory: &Directory,
        messages: &[Message<'_>],
        plan: &Plan<'_>,
    ) -> Result<Written, Failure> {
        if plan.is_plain() {
            readings::add(self.connection, &self.all(plan)).await??;
            return Ok(Written::default());
        }
        transaction::begin(self.connection).await?;
        let written = self.both(directory, messages, plan).await;
        transaction::end(self.connection, written).await
    }

    /// The rest first: whoever waits for rows must not keep the lease, which the readings' statement
    /// holds, from being renewed.
    async fn both(
        &mut self,
        directory: &Directory,
        messages: &[Message<'_>],
        plan: &Plan<'_>,
    ) -> Result<Written, Failure> {
        let written = self.rest(directory, messages, plan).await?;
        readings::add(self.connection, &self.all(plan)).await??;
        Ok(written)
    }

    async fn carefully(
        &mut self,
        directory: &Directory,
        messages: &[Message<'_>],
        plan: &Plan<'_>,
    ) -> Result<Written, Failure> {
        let mut written = self.rest(directory, messages, plan).await?;
        let added = readings::add_missing(self.connection, &self.all(plan)).await??;
        let missing = plan.columns.readings.ts.len().saturating_sub(added);
        if missing > 0 {
            let conflicts = conflicts(self.connection, plan).await?;
            written.duplicates = u64::try_from(missing).unwrap_or(u64::MAX);
            written.conflicts = u64::try_from(conflicts.len()).unwrap_or(u64::MAX);
            put_away(self.connection, messages, &conflicts).await?;
        }
        Ok(written)
    }

    fn all<'p>(&self, plan: &'p Plan<'_>) -> Commit<'p> {
        Commit {
            lease: self.lease,
            readings: &plan.columns.readings,
            latest: &plan.columns.latest,
            acknowledged: &plan.acknowledged,
        }
    }

    /// All that is not readings.
    async fn rest(
        &mut self,
        directory: &Directory,
        messages: &[Message<'_>],
        plan: &Plan<'_>,
    ) -> Result<Written, Failure> {
        let held = self.nodes(directory, plan).await?;
        put_away(self.connection, messages, &plan.quarantine).await?;
        self.runs(directory, plan).await?;
        let mut written = Written::default();
        if !plan.reports.is_empty() {
            written.reported = reports::note_states(self.connection, &plan.reports).await?;
        }
        if !plan.answers.is_empty() {
            let what = (plan, &*held);
            written.learned = answer::take_in(self.connection, directory, what, self.now).await?;
        }
        if !plan.acks.is_empty() {
            let acks: Vec<Acked<'_>> = plan.acks.iter().map(acked).collect();
            written.configured = configs::note_acks(self.connection, &acks, self.now).await?;
        }
        Ok(written)
    }

    /// What nodes say of themselves; which devices are held, if several statements are going to write some.
    async fn nodes(
        &mut self,
        directory: &Directory,
        plan: &Plan<'_>,
    ) -> Result<Vec<DeviceId>, StoreError> {
        let wrong = plan.wrong.iter();
        let wrong: Vec<(NodeId, &str)> = wrong
            .filter_map(|(place, (_, why))| Some((directory.node(*place)?.id, *why)))
            .collect();
        // one statement alone takes its rows in order
        let are_many = !plan.answers.is_empty()
            || !plan.firmware.is_empty()
            || !wrong.is_empty() && !plan.figures.is_empty();
        let held = match are_many {
            true => answer::hold(self.connection, directory, plan, &wrong).await?,
            false => Vec::new(),
        };
        if !wrong.is_empty() {
            nodes::note_wrong(self.connection, &wrong, self.now).await?;
        }
        if !plan.figures.is_empty() {
            reports::note_figures(self.connection, &plan.figures).await?;
        }
        for (place, firmware) in &plan.firmware {
            if let Some(node) = directory.node(*place) {
                reports::note_firmware(self.connection, node.id, firmware, self.now).await?;
            }
        }
        Ok(held)
    }

    /// What turned out of runs and series.
    async fn runs(&mut self, directory: &Directory, plan: &Plan<'_>) -> Result<(), StoreError> {
        if !plan.intervals.is_empty() {
            let known: BTreeMap<SeriesId, Duration> = plan
                .intervals
                .iter()
                .filter_map(|(place, interval)| {
                    Some((directory.series(*place)?.route.id, *interval))
                })
                .collect();
            let intervals: Vec<_> = known.into_iter().collect();
            series::set_intervals(self.connection, &intervals).await?;
        }
        for (boot, seq) in &plan.set_clocks {
            boots::note_set_clock(self.connection, *boot, *seq).await?;
        }
        for ((place, _), number) in &plan.given_up {
            let Some(node) = directory.node(*place) else { continue };
            let mut event = NewEvent::new(EventKind::ReadingsGivenUp, self.now);
            event.farm = node.farm();
            event.data = serde_json::json!({ "node": node.name, "messages": number });
            events::record(self.connection, &event).await?;
        }
        Ok(())
    }
}

fn acked<'a>((node, ack): (&NodeId, &'a ConfigAck<'_>)) -> Acked<'a> {
    let ConfigAck { version, refused, error } = ack;
    Acked { node: *node, version: *version, refused: *refused, error: error.as_deref() }
}

/// Whether a plain insert met a reading that is there already.
fn is_duplicate(error: &StoreError) -> bool {
    let StoreError::Conflict { constraint, .. } = error else { return false };
    constraint.starts_with("readings_") && constraint.ends_with("_pkey")
}

/// Messages with a reading whose time has another value stored.
async fn conflicts(
    connection: &mut AsyncPgConnection,
    plan: &Plan<'_>,
) -> Result<Vec<PutAway>, StoreError> {
    let columns = &plan.columns;
    let stored: HashMap<(i32, Timestamp), f64> = readings::stored(connection, &columns.readings)
        .await?
        .into_iter()
        .map(|stored| ((stored.series, stored.ts), stored.raw))
        .collect();
    let mut conflicts: Vec<PutAway> = Vec::new();
    let readings = &columns.readings;
    let keys = readings.series.iter().copied().zip(readings.ts.iter().copied());
    let values =
        readings.value_raw.iter().zip(&readings.value).map(|(raw, value)| raw.unwrap_or(*value));
    for ((key, value), message) in keys.zip(values).zip(&columns.messages) {
        let Some(first) = stored.get(&key).filter(|first| first.to_bits() != value.to_bits())
        else {
            continue;
        };
        let mut put_away = plan.quarantine.iter().chain(&conflicts);
        if put_away.all(|other| other.message != *message) {
            let detail = format!("{first} is stored for the time of {value}");
            conflicts.push(PutAway { message: *message, reason: "conflict", detail });
        }
    }
    Ok(conflicts)
}

async fn put_away(
    connection: &mut AsyncPgConnection,
    messages: &[Message<'_>],
    which: &[PutAway],
) -> Result<(), StoreError> {
    let rows: Vec<Quarantined<'_>> = which
        .iter()
        .filter_map(|PutAway { message, reason, detail }| {
            let message = messages.get(*message)?;
            Some(Quarantined {
                received_at: message.incoming.received_at,
                topic: &message.incoming.topic,
                node: Some(message.node_name).filter(|name| !name.is_empty()),
                reason,
                detail,
                payload: &message.incoming.payload,
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    quarantine::add(connection, &rows).await
}
