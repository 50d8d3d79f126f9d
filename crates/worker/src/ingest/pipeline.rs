//! The task between link and database: takes batches one by one, makes each durable however long that
//! takes, and tells the link what may be acknowledged.
use super::{
    Suspects,
    changes::Change,
    commit::{Failure, Target, Written},
    directory::{Directory, Place},
    follow::Follow,
    message::Message,
    plan::{Guilty, Parsed, Plan},
    resolve::{Resolved, Resolver},
};
use crate::{
    Place as Failing, Worker,
    live::Live,
    mqtt::{Done, Incoming},
    posts::Posts,
    presence::Presence,
};
use anyhow::Result;
use domain::{Timestamp, protocol::Reading};
use std::{ops::Range, time::Duration};
use store::{
    AsyncPgConnection, StoreError,
    lease::Lease,
    readings::{self, Fenced},
};
use tokio::{
    sync::mpsc::{Receiver, Sender},
    time::{Instant, MissedTickBehavior},
};

/// Pauses between attempts while the database is away.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A failure whose cause is not plain may pass; after so many of them in a row it is looked for in the
/// data.
const DOUBTS: u32 = 4;
/// After a reading that came again, or a new connection, more of them are expected for so many
/// batches.
const CAREFUL_BATCHES: u32 = 20;
/// How often runs are looked at whose beginning is not settled.
const SETTLE: Duration = Duration::from_millis(100);

/// What the pipeline works with.
pub(crate) struct Pipeline {
    worker: Worker,
    lease: Lease,
    suspects: Suspects,
    presence: Presence,
    live: Live,
    posts: Posts,
    directory: Directory,
    /// Its own, so that statements are prepared once.
    connection: Option<AsyncPgConnection>,
    /// Counts attempts.
    attempt: u64,
    /// The connection of the last message.
    generation: u64,
    careful_batches: u32,
    /// Readings of the last batch, a hint for the next.
    usual_readings: usize,
    /// Places of nodes and runs that wait for earlier messages.
    unsettled: Vec<Place>,
}

/// A batch on its way, parsed once however often it is tried.
struct Batch<'a> {
    messages: Vec<Message<'a>>,
    readings: Vec<Reading<'a>>,
    guilty: Vec<Guilty>,
    /// Nodes to be told the time.
    restarted: Vec<usize>,
}

impl Pipeline {
    pub(crate) fn new(
        worker: &Worker,
        lease: Lease,
        suspects: Suspects,
        (presence, live, posts): (Presence, Live, Posts),
    ) -> Self {
        Self {
            worker: worker.clone(),
            lease,
            suspects,
            presence,
            live,
            posts,
            directory: Directory::default(),
            connection: None,
            attempt: 0,
            generation: 0,
            careful_batches: 0,
            usual_readings: 0,
            unsettled: Vec::new(),
        }
    }

    /// Works until the link ends.
    ///
    /// # Errors
    /// `Fenced`: the lease is another's.
    pub(crate) async fn run(
        mut self,
        mut batches: Receiver<Vec<Incoming>>,
        done: Sender<Done>,
        mut changes: Receiver<Change>,
    ) -> Result<()> {
        let mut settling = tokio::time::interval(SETTLE);
        settling.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done_with = tokio::select! {
                batch = batches.recv() => match batch {
                    Some(batch) => {
                        while let Ok(change) = changes.try_recv() {
                            self.directory.apply(&change);
                        }
                        self.batch(&batch).await?
                    }
                    None => return Ok(()),
                },
                Some(change) = changes.recv() => {
                    self.directory.apply(&change);
                    continue;
                }
                _ = settling.tick(), if !self.unsettled.is_empty() => self.settle().await?,
            };
            if done.send(done_with).await.is_err() {
                return Ok(());
            }
        }
    }

    /// Makes a batch durable. A message the database refuses is found by halving and put away.
    async fn batch(&mut self, incoming: &[Incoming]) -> Result<Done, Fenced> {
        self.presence.begin_work(self.worker.clock.now());
        let mut batch = self.parse(incoming);
        let mut done = Done { ends_batch: true, ..Done::default() };
        let mut spans: Vec<Range<usize>> = std::iter::once(0..incoming.len()).collect();
        let mut trouble = Trouble::default();
        while let Some(span) = spans.pop() {
            match self.attempt(&mut batch, span.clone()).await {
                Ok(follow) => {
                    trouble = Trouble::default();
                    follow.outgoing(&self.directory, self.worker.clock.now(), &mut done.messages);
                }
                Err(Failure::Fenced(fenced)) => return Err(fenced),
                Err(Failure::Store(error)) => match trouble.is_in_the_data(&error) {
                    // what was put away already and still is refused is not to blame
                    Some(is_sure) if !batch.is_convicted(&span) => {
                        tracing::warn!(error = %error, messages = span.len(), "The database refuses data");
                        // it may be what we remember that is wrong
                        self.directory.apply(&Change::Everything);
                        batch.split(span, is_sure, &mut spans);
                    }
                    _ => {
                        spans.push(span);
                        trouble.pause(&error).await;
                    }
                },
            }
        }
        self.presence.end_work(self.worker.clock.now());
        done.receipts.extend(incoming.iter().map(|message| message.receipt));
        Ok(done)
    }

    fn parse<'a>(&mut self, incoming: &'a [Incoming]) -> Batch<'a> {
        let mut readings = Vec::with_capacity(self.usual_readings * 5 / 4 + 16);
        let messages = incoming
            .iter()
            .map(|message| Message::parse(message, &mut readings, &self.suspects))
            .collect();
        self.usual_readings = readings.len();
        let generation = incoming.last().map_or(0, |message| message.receipt.generation);
        if generation != self.generation || incoming.iter().any(|message| message.is_again) {
            self.careful_batches = CAREFUL_BATCHES;
            self.generation = generation;
        }
        Batch { messages, readings, guilty: Vec::new(), restarted: Vec::new() }
    }

    async fn attempt(
        &mut self,
        batch: &mut Batch<'_>,
        span: Range<usize>,
    ) -> Result<Follow, Failure> {
        let mut connection = self.connection().await?;
        let follow = self.attempt_on(&mut connection, batch, span).await;
        // one that has failed is not used again, but a rule of the database is no failure
        let is_sound = match &follow {
            Ok(_) => true,
            Err(Failure::Store(error)) => matches!(error, StoreError::Conflict { .. }),
            Err(Failure::Fenced(_)) => false,
        };
        self.connection = Some(connection).filter(|_| is_sound);
        follow
    }

    async fn connection(&mut self) -> Result<AsyncPgConnection, StoreError> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => readings::connect(&self.worker.settings.database).await,
        }
    }

    async fn attempt_on(
        &mut self,
        connection: &mut AsyncPgConnection,
        batch: &mut Batch<'_>,
        span: Range<usize>,
    ) -> Result<Follow, Failure> {
        let began = Instant::now();
        let now = self.worker.clock.now();
        self.attempt += 1;
        let messages = batch.messages.get_mut(span.clone()).unwrap_or_default();
        let directory = &mut self.directory;
        let mut resolver = Resolver { connection, directory, lease: self.lease, now };
        let resolved = resolver.resolve(messages, &batch.readings).await?;
        let Resolved { series, restarted, flooded } = resolved;
        // told even if this attempt fails: the next one does not find the run new
        batch.restarted.extend(restarted);
        let parsed = Parsed {
            messages: &batch.messages,
            readings: &batch.readings,
            series: &series,
            guilty: &batch.guilty,
            suspects: &self.suspects,
            attempt: self.attempt,
        };
        let mut plan = Plan::new(&mut self.directory, &parsed, span);
        let carefully = self.careful_batches > 0;
        let has_answers = !plan.answers.is_empty();
        if has_answers {
            self.worker.failpoint.pass(Failing::Answered).await;
        }
        let mut target = Target { connection, lease: self.lease, now };
        let written = target.commit(&self.directory, &batch.messages, &plan, carefully).await;
        let written = written.inspect_err(|_| plan.undo(&mut self.directory))?;
        if has_answers {
            self.worker.failpoint.pass(Failing::Written).await;
        }
        self.careful_batches = match written.duplicates {
            0 => self.careful_batches.saturating_sub(1),
            _ => CAREFUL_BATCHES,
        };
        plan.greeted.append(&mut batch.restarted);
        (0..flooded).for_each(|_| plan.counts.refused("boot-flood"));
        Ok(self.follow(plan, written, began, now))
    }

    /// What follows now that the plan is durable.
    fn follow(
        &mut self,
        plan: Plan<'_>,
        written: Written,
        began: Instant,
        now: Timestamp,
    ) -> Follow {
        let Worker { bus, clock, .. } = &self.worker;
        let follow = Follow::new(plan, written, &mut self.directory, now);
        self.unsettled.extend(&follow.unsettled);
        self.unsettled.sort_unstable();
        self.unsettled.dedup();
        self.presence.heard(&follow.signs, now);
        follow.tell(&self.directory, bus, clock, &self.live);
        self.posts.back(&follow.back(&self.directory));
        if follow.has_freed() {
            self.posts.commands.stir();
        }
        if follow.is_any_ahead() {
            self.posts.configs.stir();
        }
        let lag = follow.received_at.map_or(Duration::ZERO, |received| clock.now().since(received));
        follow.counts.publish(began.elapsed(), lag);
        follow
    }

    /// Acknowledges runs whose beginning was not heard, once nothing earlier came for long enough.
    async fn settle(&mut self) -> Result<Done, Fenced> {
        let now = self.worker.clock.now();
        let mut runs = Vec::new();
        for place in std::mem::take(&mut self.unsettled) {
            if self.directory.node(place.0).is_some_and(|node| node.is_awaited(now)) {
                self.unsettled.push(place);
                continue;
            }
            let Some(run) = self.directory.run_mut(place) else { continue };
            let mut progress = run.durable.clone();
            if progress.sequence.settle(now) {
                run.pending = Some(progress);
                runs.push(place);
            } else if progress.sequence.settles_at().is_some() {
                self.unsettled.push(place);
            }
        }
        let mut done = Done::default();
        if runs.is_empty() {
            return Ok(done);
        }
        self.presence.begin_work(now);
        let plan = Plan::for_runs(&self.directory, runs.clone());
        let mut trouble = Trouble::default();
        loop {
            match self.write(&plan, now).await {
                Ok(written) => {
                    let follow = self.follow(plan, written, Instant::now(), now);
                    follow.outgoing(&self.directory, now, &mut done.messages);
                    self.presence.end_work(self.worker.clock.now());
                    return Ok(done);
                }
                Err(Failure::Fenced(fenced)) => return Err(fenced),
                Err(Failure::Store(error)) => trouble.pause(&error).await,
            }
        }
    }

    async fn write(&mut self, plan: &Plan<'_>, now: Timestamp) -> Result<Written, Failure> {
        let mut connection = self.connection().await?;
        let mut target = Target { connection: &mut connection, lease: self.lease, now };
        let written = target.commit(&self.directory, &[], plan, false).await?;
        self.connection = Some(connection);
        Ok(written)
    }
}

impl Batch<'_> {
    /// Whether the one message of a span is guilty already.
    fn is_convicted(&self, span: &Range<usize>) -> bool {
        span.len() == 1 && self.guilty.iter().any(|guilty| guilty.message == span.start)
    }

    /// Halves a span, the first half to be tried first; a single message is guilty.
    fn split(&mut self, span: Range<usize>, is_sure: bool, spans: &mut Vec<Range<usize>>) {
        if span.len() == 1
            && let Some(message) = self.messages.get_mut(span.start)
        {
            message.is_guilty = true;
        }
        split(span, is_sure, spans, &mut self.guilty);
    }
}

fn split(
    span: Range<usize>,
    is_sure: bool,
    spans: &mut Vec<Range<usize>>,
    guilty: &mut Vec<Guilty>,
) {
    let middle = span.start + span.len() / 2;
    if middle > span.start {
        spans.push(middle..span.end);
        spans.push(span.start..middle);
    } else {
        guilty.push(Guilty { message: span.start, is_sure });
        spans.push(span);
    }
}

/// What went wrong in one stretch of attempts.
#[derive(Default)]
struct Trouble {
    pause: Option<Duration>,
    doubts: u32,
}

impl Trouble {
    /// Whether the data is to blame rather than the database's condition, and if so, whether that is
    /// sure.
    fn is_in_the_data(&mut self, error: &StoreError) -> Option<bool> {
        match error {
            StoreError::Conflict { .. } => Some(true),
            StoreError::Failed(_) | StoreError::Refused(_) => {
                self.doubts += 1;
                (self.doubts > DOUBTS).then_some(false)
            }
            _ => {
                self.doubts = 0;
                None
            }
        }
    }

    async fn pause(&mut self, error: &StoreError) {
        let pause = self.pause.unwrap_or(FIRST_PAUSE);
        self.pause = Some(pause.saturating_mul(2).min(LONGEST_PAUSE));
        metrics::counter!("tokkatot_ingest_commit_failures_total").increment(1);
        tracing::warn!(error = %error, "A batch waits for the database");
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_leads_to_the_guilty_message() {
        let five = Guilty { message: 5, is_sure: true };
        let is_bad =
            |span: &Range<usize>, guilty: &[Guilty]| span.contains(&5) && !guilty.contains(&five);
        let mut spans: Vec<Range<usize>> = std::iter::once(0..9).collect();
        let (mut guilty, mut done) = (Vec::new(), Vec::new());
        while let Some(span) = spans.pop() {
            if is_bad(&span, &guilty) {
                split(span, true, &mut spans, &mut guilty);
            } else {
                done.extend(span);
            }
        }
        assert_eq!(guilty, [five]);
        assert_eq!(done, (0..9).collect::<Vec<_>>(), "in order, each once");
    }
}
