//! One server ingests: waits for the lease, works while it is held, and gives it back at the end.
use crate::{
    Worker, claimed,
    commands::Commands,
    configs::Configs,
    ingest::{self, Suspects},
    live::Live,
    mqtt,
    outbox::Outbox as _,
    posts::Posts,
    presence::{self, Presence},
    tidings,
};
use anyhow::{Context as _, Result, bail};
use std::time::Duration;
use store::{
    StoreError,
    lease::{Holder, Lease},
    readings::Fenced,
};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

/// How often a standby looks whether the duty is free.
const WAIT: Duration = Duration::from_secs(1);
/// How long a part may take to end after its neighbour has.
const NEIGHBOUR: Duration = Duration::from_millis(500);
/// How long the outboxes may take, once the link has ended, to write what it never sent.
const SETTLE: Duration = Duration::from_secs(1);
/// How long a server to whom another was preferred leaves that one alone.
const RESPECT: Duration = Duration::from_secs(4);

/// Holds the duty as often as it can until `stop`.
pub(crate) async fn run(worker: Worker, suspects: Suspects, stop: CancellationToken) -> Result<()> {
    worker.status.set_duty(false);
    let mut told = false;
    while !stop.is_cancelled() {
        match wait_for_lease(&worker, &stop).await {
            Ok(Some((holder, lease))) => {
                told = false;
                let done = hold(&worker, &suspects, holder, lease, &stop).await;
                worker.status.set_duty(false);
                done?;
            }
            Ok(None) => break,
            Err(error) => {
                if !std::mem::replace(&mut told, true) {
                    tracing::warn!(error = %error, "The lease of ingest can not be asked for");
                }
                pause(WAIT, &stop).await;
            }
        }
    }
    Ok(())
}

/// The lease and its holder; `None` when it is time to stop.
async fn wait_for_lease(
    worker: &Worker,
    stop: &CancellationToken,
) -> Result<Option<(Holder, Lease)>, StoreError> {
    let Worker { settings, clock, .. } = worker;
    let holder = Holder::new(&settings.database, "ingest", settings.instance.clone());
    let mut holder = in_time(WAIT * 5, holder).await?;
    let mut told = false;
    while !stop.is_cancelled() {
        let taken = holder.acquire(clock.now(), settings.lease_span);
        if let Some(lease) = in_time(WAIT * 5, taken).await? {
            tracing::info!(lease.epoch, "This server ingests now");
            return Ok(Some((holder, lease)));
        }
        if !std::mem::replace(&mut told, true) {
            tracing::info!("Another server ingests; this one stands by");
        }
        pause(WAIT, stop).await;
    }
    Ok(None)
}

async fn hold(
    worker: &Worker,
    suspects: &Suspects,
    mut holder: Holder,
    lease: Lease,
    stop: &CancellationToken,
) -> Result<()> {
    worker.status.set_duty(true);
    let ended = tokio::select! {
        ended = work(worker, suspects, lease, stop) => ended,
        lost = keep(worker, &mut holder, lease) => Err(lost),
    };
    match ended {
        Err(error) if error.is::<Fenced>() => {
            drop(holder);
            tracing::warn!("Another server took over ingest");
            worker.status.set_duty(false);
            pause(RESPECT, stop).await;
            Ok(())
        }
        Err(error) if error.is::<StoreError>() => {
            // the lease's lock goes with the connection: whoever waits takes over at once
            tracing::warn!(error = %error, "The lease of ingest was not renewed");
            Ok(())
        }
        ended => {
            // where this fails, the end of the holder's connection frees the lease a little later
            if let Err(error) = in_time(WAIT, holder.release(lease, worker.clock.now())).await {
                tracing::warn!(error = %error, "The lease of ingest was not given back");
            }
            ended
        }
    }
}

/// Renews the lease; returns why it is lost, or may be because nobody answers.
async fn keep(worker: &Worker, holder: &mut Holder, lease: Lease) -> anyhow::Error {
    let span = worker.settings.lease_span;
    let mut held_until = Instant::now() + span;
    loop {
        tokio::time::sleep(span / 4).await;
        let began = Instant::now();
        let renewed = holder.renew(lease, worker.clock.now(), span);
        match in_time(held_until.saturating_duration_since(began), renewed).await {
            Ok(true) => held_until = began + span,
            Ok(false) => return Fenced.into(),
            Err(error) => return error.into(),
        }
    }
}

/// The parts of ingest, together until the first of them ends.
async fn work(
    worker: &Worker,
    suspects: &Suspects,
    lease: Lease,
    stop: &CancellationToken,
) -> Result<()> {
    let (presence, live, posts) = (Presence::default(), Live::default(), Posts::default());
    let (batches_in, batches_out) = mpsc::channel(1);
    let (done_in, done_out) = mpsc::channel(1);
    let (changes_in, changes_out) = mpsc::channel(ingest::MOST_CHANGES);
    let (ways, inbox) = mqtt::ways();
    let told = (presence.clone(), posts.clone());
    let link = mqtt::Link::new(worker, told, (batches_in, done_out), inbox, stop.clone());
    let told = (presence.clone(), live.clone(), posts.clone());
    let pipeline = ingest::Pipeline::new(worker, lease, suspects.clone(), told);
    let Posts { commands, configs } = posts;
    let told = (commands.clone(), presence.clone());
    let sends_commands = Commands::new(worker, lease, told, ways.clone(), stop.clone());
    let sends_configs = Configs::new(worker, lease, configs.clone(), ways.plain, stop.clone());
    let (mut parts, mut outboxes, closing) =
        (JoinSet::new(), JoinSet::new(), CancellationToken::new());
    let (database, status) = (worker.settings.database.clone(), worker.status.clone());
    parts.spawn(tidings::hear(database.clone(), store::commands::CHANNEL, commands));
    parts.spawn(tidings::hear(database.clone(), store::configs::CHANNEL, configs));
    parts.spawn(ingest::hear_changes(database, changes_in, status));
    parts.spawn(live.run(worker.bus.clone(), worker.clock.clone()));
    parts.spawn(presence::run(worker.clone(), lease, presence));
    parts.spawn(claimed::run(worker.clone()));
    parts.spawn(pipeline.run(batches_out, done_in, changes_out));
    outboxes.spawn(sends_commands.run(closing.clone()));
    outboxes.spawn(sends_configs.run(closing.clone()));
    parts.spawn(link.run());
    tokio::select! {
        ended = first_end(&mut parts, stop) => ended?,
        ended = first_end(&mut outboxes, stop) => return ended,
    }
    // it is time to stop, and the link has told them what never went out
    closing.cancel();
    let settled = async { while outboxes.join_next().await.is_some() {} };
    if tokio::time::timeout(SETTLE, settled).await.is_err() {
        tracing::warn!("What was not sent is not written; it counts as lost on its way");
    }
    Ok(())
}

/// How the first of these parts ended that matters. Only a stop lets one of them end well.
async fn first_end(parts: &mut JoinSet<Result<()>>, stop: &CancellationToken) -> Result<()> {
    let mut first = parts.join_next().await.context("ingest has no parts")?;
    if matches!(first, Ok(Ok(()))) && !stop.is_cancelled() {
        // a part whose neighbour panics may end well before that is known
        let next = tokio::time::timeout(NEIGHBOUR, parts.join_next()).await;
        first = next.ok().flatten().unwrap_or(first);
    }
    match first {
        // the link ends only after all that it handed over is done
        Ok(Ok(())) if !stop.is_cancelled() => bail!("ingest ended without being told to"),
        Ok(ended) => ended,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(error.into()),
    }
}

async fn in_time<T>(
    most: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let late = |_| StoreError::Unavailable("no answer in time".to_owned());
    tokio::time::timeout(most, work).await.map_err(late)?
}

async fn pause(span: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(span) => {}
        () = stop.cancelled() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part that ends well as soon as its neighbour goes, which then panics, or not.
    fn neighbours(panics: bool) -> JoinSet<Result<()>> {
        let (sender, mut receiver) = mpsc::channel::<()>(1);
        let mut parts = JoinSet::new();
        parts.spawn(async move {
            receiver.recv().await;
            Ok(())
        });
        parts.spawn(async move {
            drop(sender);
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(!panics, "as it should");
            std::future::pending().await
        });
        parts
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_found_behind_a_neighbour_that_ended_well() {
        let ended = tokio::spawn(async {
            first_end(&mut neighbours(true), &CancellationToken::new()).await
        });
        assert!(ended.await.unwrap_err().is_panic());
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_stop_lets_a_part_end_well() {
        let stop = CancellationToken::new();
        assert!(first_end(&mut neighbours(false), &stop).await.is_err());
        stop.cancel();
        assert!(first_end(&mut neighbours(false), &stop).await.is_ok());
    }
}
