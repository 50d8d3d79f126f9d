//! What any server may do at any time: partitions made ahead, old raw readings dropped, who is gone
//! forgotten and their controllers let go.
use std::time::Duration;
use store::{Clock, Database, StoreError, nodes, partitions, people, quarantine};
use tokio_util::sync::CancellationToken;

/// How often the jobs are done.
const EVERY: Duration = Duration::from_secs(3600);
/// How soon they are tried again after a failure.
const AGAIN: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Days for which partitions are there ahead.
const DAYS_AHEAD: u16 = 7;
/// Days for which raw readings and quarantined messages are kept, today aside; nodes may replay so far
/// back.
const DAYS_KEPT: u16 = 31;

/// Does the jobs every hour until `stop`.
///
/// # Errors
/// None: what fails is logged and tried again. (For `supervise`.)
pub async fn run(database: Database, clock: Clock, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let next = match keep_house(&database, &clock).await {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(error = %error, "The database was not looked after");
                AGAIN
            }
        };
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(next) => {}
        }
    }
}

async fn keep_house(database: &Database, clock: &Clock) -> Result<(), StoreError> {
    let mut connection = database.get().await?;
    let oldest = clock.now().minus(DAY * u32::from(DAYS_KEPT));
    // room for what comes matters more than what is old
    let days = i32::from(DAYS_KEPT + DAYS_AHEAD) + 1;
    let made = partitions::ensure(&mut connection, oldest, days).await?;
    let dropped = partitions::drop_readings_before(&mut connection, oldest).await?;
    let purged = quarantine::purge(&mut connection, oldest).await?;
    for node in nodes::release_forgotten(&mut connection, clock.now()).await? {
        tracing::info!(
            node.name = node.as_str(),
            "The node of a deleted farm can be claimed again"
        );
    }
    let forgotten = people::forget(&mut connection, clock.now()).await?;
    if forgotten > 0 {
        tracing::info!(
            forgotten,
            "Names of deleted farms and people, and codes that ended, were dropped"
        );
    }
    if made > 0 || dropped > 0 || purged > 0 {
        tracing::info!(made, dropped, purged, "Partitions and quarantine were looked after");
    }
    Ok(())
}
