//! What a batch came to, counted for the metrics once per batch.
use domain::protocol::Kind;
use std::time::Duration;

/// The counts of one commit.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    messages: [u64; Kind::ALL.len()],
    /// Readings that were stored.
    pub(crate) readings: u64,
    /// Readings that had come before.
    pub(crate) duplicates: u64,
    /// Messages a node dropped before they could be delivered.
    pub(crate) given_up: u64,
    /// Results of commands that had ended.
    pub(crate) late_results: u64,
    /// Messages that were put away, by reason.
    quarantined: Vec<(&'static str, u64)>,
    /// Messages that nothing was done with, by reason.
    refused: Vec<(&'static str, u64)>,
}

impl Counts {
    pub(crate) fn message(&mut self, kind: Kind) {
        let place = Kind::ALL.iter().position(|other| *other == kind).unwrap_or_default();
        if let Some(count) = self.messages.get_mut(place) {
            *count += 1;
        }
    }

    pub(crate) fn quarantined(&mut self, reason: &'static str) {
        add(&mut self.quarantined, reason);
    }

    pub(crate) fn refused(&mut self, reason: &'static str) {
        add(&mut self.refused, reason);
    }

    /// Adds it all to the metrics.
    pub(crate) fn publish(&self, took: Duration, lag: Duration) {
        let total: u64 = self.messages.iter().sum();
        for (kind, count) in Kind::ALL.iter().zip(self.messages).filter(|(_, count)| *count > 0) {
            metrics::counter!("tokkatot_ingest_messages_total", "kind" => kind.name())
                .increment(count);
        }
        metrics::counter!("tokkatot_ingest_readings_total").increment(self.readings);
        metrics::counter!("tokkatot_ingest_duplicates_total").increment(self.duplicates);
        metrics::counter!("tokkatot_ingest_given_up_total").increment(self.given_up);
        metrics::counter!("tokkatot_command_results_late_total").increment(self.late_results);
        for (reason, count) in &self.quarantined {
            metrics::counter!("tokkatot_ingest_quarantined_total", "reason" => *reason)
                .increment(*count);
        }
        for (reason, count) in &self.refused {
            metrics::counter!("tokkatot_ingest_refused_total", "reason" => *reason)
                .increment(*count);
        }
        let total = u32::try_from(total).map_or(f64::MAX, f64::from);
        metrics::histogram!("tokkatot_ingest_batch_messages").record(total);
        metrics::histogram!("tokkatot_ingest_commit_seconds").record(took.as_secs_f64());
        metrics::histogram!("tokkatot_ingest_lag_seconds").record(lag.as_secs_f64());
    }
}

fn add(counts: &mut Vec<(&'static str, u64)>, reason: &'static str) {
    match counts.iter_mut().find(|(other, _)| *other == reason) {
        Some((_, count)) => *count += 1,
        None => counts.push((reason, 1)),
    }
}
