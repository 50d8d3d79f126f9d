//! What any server may do at any time: partitions made ahead, old raw readings dropped, who is gone
//! forgotten and their controllers let go.
use domain::Timestamp;
use std::time::Duration;
use store::{
    AsyncPgConnection, Clock, Database, StoreError, commands, nodes, partitions, people,
    quarantine, switchings,
};
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
/// Days for which commands and what devices switched are kept: five years, as the log of events.
const DAYS_OF_COMMANDS: u16 = 5 * 365 + 2;
/// Rows that are dropped at once, so that nobody waits for long.
const AT_ONCE: i64 = 10_000;

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
    let long_ago = clock.now().minus(DAY * u32::from(DAYS_OF_COMMANDS));
    let mut commands = 0;
    while purge_commands(&mut connection, long_ago, &mut commands).await? {}
    if commands > 0 {
        tracing::info!(commands, "Old commands and what devices switched then were dropped");
    }
    Ok(())
}

/// Drops some of what is too old and counts it; whether there may be more.
async fn purge_commands(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    dropped: &mut usize,
) -> Result<bool, StoreError> {
    let told = commands::purge(connection, before, AT_ONCE).await?;
    let switched = switchings::purge(connection, before, AT_ONCE).await?;
    *dropped = dropped.saturating_add(told).saturating_add(switched);
    Ok(told.max(switched) >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX))
}
