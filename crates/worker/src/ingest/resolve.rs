//! What must be known before a batch can be planned: nodes, runs, devices and series that memory does
//! not have yet are asked for or made, a wrong clock gets its correction. Mostly there is nothing to do.
//! What is made is made with its events, or not at all, and only while the lease is ours.
use super::{
    commit::Failure,
    directory::{Directory, Node, Place},
    message::{Body, Message},
    unknown::Unknown,
};
use domain::{BootId, FarmId, NodeId, Timestamp, clock, events::EventKind, protocol::Reading};
use std::collections::BTreeSet;
use store::{
    AsyncPgConnection,
    boots::{self, Boot},
    events::{self, NewEvent},
    lease::Lease,
    readings, routes, series, transaction,
};

/// Where a reading has no series.
pub(super) const NO_SERIES: usize = usize::MAX;

/// What resolving came to.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// For each reading of the batch, where its series stands in its node.
    pub(super) series: Vec<usize>,
    /// Nodes that began a new run.
    pub(super) restarted: Vec<usize>,
    /// Messages of nodes that restart so often that their runs are not told apart any more.
    pub(super) flooded: u64,
}

/// What resolving works with.
pub(super) struct Resolver<'r> {
    pub(super) connection: &'r mut AsyncPgConnection,
    pub(super) directory: &'r mut Directory,
    pub(super) lease: Lease,
    pub(super) now: Timestamp,
}

impl Resolver<'_> {
    /// Makes the directory know all that these messages speak of.
    pub(super) async fn resolve(
        &mut self,
        messages: &mut [Message<'_>],
        readings: &[Reading<'_>],
    ) -> Result<Resolved, Failure> {
        self.load_nodes(messages).await?;
        let (restarted, flooded) = self.open_runs(messages).await?;
        self.fix_clocks(messages, readings).await?;
        let mut series = self.find_series(messages, readings);
        if self.add_unknown(messages, readings, &series).await? {
            self.load_nodes(messages).await?;
            series = self.find_series(messages, readings);
        }
        Ok(Resolved { series, restarted, flooded })
    }

    async fn load_nodes(&mut self, messages: &mut [Message<'_>]) -> Result<(), Failure> {
        let mut missing = BTreeSet::new();
        for message in messages.iter_mut() {
            match self.directory.place(message.node_name) {
                Some(place) => message.node = place,
                None => {
                    missing.insert(message.node_name);
                }
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = missing.into_iter().collect();
        for route in routes::load(self.connection, &names).await? {
            self.directory.put(route);
        }
        for name in names {
            if self.directory.place(name).is_none() {
                self.directory.put_unknown(name);
            }
        }
        for message in messages {
            message.node = self.directory.place(message.node_name).unwrap_or(usize::MAX);
        }
        Ok(())
    }

    /// The node of a message for which something may have to be made, if it works for a farm.
    fn member(&self, message: &Message<'_>) -> Option<(&Node, FarmId)> {
        if message.is_guilty {
            return None;
        }
        let node = self.directory.node(message.node)?;
        node.farm().map(|farm| (node, farm))
    }

    /// Gets the runs that memory does not have. Returns the nodes that began a new one, and how many
    /// messages are of runs that a node begins too many of.
    async fn open_runs(&mut self, messages: &[Message<'_>]) -> Result<(Vec<usize>, u64), Failure> {
        let mut unknown: Vec<(NodeId, &str)> = Vec::new();
        let mut flooded = 0;
        for message in messages {
            let Some((boot, (node, _))) = message.boot().zip(self.member(message)) else {
                continue;
            };
            if node.find_run(boot).is_some() || unknown.contains(&(node.id, boot)) {
                continue;
            }
            let of_node = unknown.iter().filter(|(other, _)| *other == node.id).count();
            let room = usize::try_from(node.boots.room(self.now)).unwrap_or(usize::MAX);
            if of_node < room {
                unknown.push((node.id, boot));
            } else {
                flooded += 1;
            }
        }
        if unknown.is_empty() {
            return Ok((Vec::new(), flooded));
        }
        transaction::begin(self.connection).await?;
        let opened = self.open(&unknown).await;
        let opened = transaction::end(self.connection, opened).await?;
        let mut restarted = Vec::new();
        for boot in opened {
            let Some(place) = self.directory.find(boot.node) else { continue };
            let Some(node) = self.directory.node_mut(place) else { continue };
            if boot.is_new {
                node.boots.spend(self.now, 1);
                restarted.push(place);
            }
            node.add_run(boot);
        }
        Ok((restarted, flooded))
    }

    async fn open(&mut self, runs: &[(NodeId, &str)]) -> Result<Vec<Boot>, Failure> {
        let opened = boots::open(self.connection, runs, self.now).await?;
        for boot in opened.iter().filter(|boot| boot.is_new && !boot.is_first) {
            let place = self.directory.find(boot.node);
            let Some(node) = place.and_then(|place| self.directory.node(place)) else { continue };
            let mut event = NewEvent::new(EventKind::NodeRestarted, self.now);
            event.farm = node.farm();
            event.data = serde_json::json!({ "node": node.name, "boot": boot.boot });
            events::record(self.connection, &event).await?;
        }
        readings::hold(self.connection, self.lease).await??;
        Ok(opened)
    }

    async fn fix_clocks(
        &mut self,
        messages: &[Message<'_>],
        readings: &[Reading<'_>],
    ) -> Result<(), Failure> {
        let mut wrong: Vec<(Place, i64)> = Vec::new();
        for message in messages {
            let received = message.incoming.received_at;
            let Some(said) = wrong_time(message, readings, received) else { continue };
            let Some((node, _)) = self.member(message) else { continue };
            let run = message.boot().and_then(|boot| node.find_run(boot));
            let Some(place) = run.map(|run| (message.node, run)) else { continue };
            let is_fixed = self.directory.run(place).is_none_or(|run| run.is_corrected());
            if !is_fixed && wrong.iter().all(|(other, _)| *other != place) {
                wrong.push((place, clock::correction_ms(said, received)));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        transaction::begin(self.connection).await?;
        let fixed = self.fix(wrong).await;
        for (place, correction) in transaction::end(self.connection, fixed).await? {
            if let Some(run) = self.directory.run_mut(place) {
                run.correct(correction);
            }
        }
        Ok(())
    }

    async fn fix(&mut self, wrong: Vec<(Place, i64)>) -> Result<Vec<(Place, i64)>, Failure> {
        let mut fixed = Vec::new();
        for (place, wanted) in wrong {
            let run = self.directory.run(place).map(|run| BootId(run.id));
            let Some((id, node)) = run.zip(self.directory.node(place.0)) else { continue };
            let correction = boots::fix_clock(self.connection, id, wanted).await?;
            fixed.push((place, correction));
            let mut event = NewEvent::new(EventKind::NodeClockWrong, self.now);
            event.farm = node.farm();
            event.data = serde_json::json!({ "node": node.name, "correction_ms": correction });
            events::record(self.connection, &event).await?;
        }
        readings::hold(self.connection, self.lease).await??;
        Ok(fixed)
    }

    fn find_series(&mut self, messages: &[Message<'_>], readings: &[Reading<'_>]) -> Vec<usize> {
        let mut series = vec![NO_SERIES; readings.len()];
        for message in messages {
            let Body::Readings { span, .. } = &message.body else { continue };
            let Some(node) = self.directory.node_mut(message.node) else { continue };
            let of_message = series.get_mut(span.clone()).unwrap_or_default();
            let readings = readings.get(span.clone()).unwrap_or_default();
            for (place, reading) in of_message.iter_mut().zip(readings) {
                *place = node.find_series(&reading.device, &reading.sensor).unwrap_or(NO_SERIES);
            }
        }
        series
    }

    /// Adds devices and series that nobody knows; whether there were any.
    async fn add_unknown(
        &mut self,
        messages: &[Message<'_>],
        readings: &[Reading<'_>],
        places: &[usize],
    ) -> Result<bool, Failure> {
        let mut unknown = Unknown::default();
        for message in messages {
            if let Some((node, _)) = self.member(message) {
                unknown.message(node, message, readings, places);
            }
        }
        if unknown.is_empty() {
            return Ok(false);
        }
        transaction::begin(self.connection).await?;
        let added = self.add(&unknown).await;
        transaction::end(self.connection, added).await?;
        for node in unknown.nodes() {
            let place = self.directory.find(node);
            if let Some(node) = place.and_then(|place| self.directory.node_mut(place)) {
                node.is_stale = true;
            }
        }
        Ok(true)
    }

    async fn add(&mut self, unknown: &Unknown<'_>) -> Result<(), Failure> {
        let (channels, new) = (unknown.channels(), unknown.series());
        if !channels.is_empty() {
            series::add_devices(self.connection, &channels, self.now).await?;
        }
        if !new.is_empty() {
            series::add(self.connection, &new, self.now).await?;
        }
        Ok(readings::hold(self.connection, self.lease).await??)
    }
}

/// A time in the message that can not be right, the message's own before its readings'.
fn wrong_time(
    message: &Message<'_>,
    readings: &[Reading<'_>],
    received: Timestamp,
) -> Option<Timestamp> {
    let is_wrong = |said: &i64| !clock::is_credible(Timestamp::from_millis(*said), received);
    let wrong = match &message.body {
        Body::Heartbeat(heartbeat) => heartbeat.ts.filter(is_wrong),
        Body::States(states) => states.head.ts.filter(is_wrong),
        Body::Readings { head, span } => head.ts.filter(is_wrong).or_else(|| {
            let readings = readings.get(span.clone()).unwrap_or_default();
            readings.iter().filter_map(|reading| reading.ts).find(is_wrong)
        }),
        _ => None,
    };
    wrong.map(Timestamp::from_millis)
}
