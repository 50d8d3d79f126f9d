//! What time brings: commands that nobody answers, stops that were not heard, overrides that end, devices
//! that have run as long as they may.
use super::{
    advance::advance,
    change::Change,
    open::{self, is_open},
    overrun::overrun,
};
use crate::{
    StoreError,
    fence::{NotWritten, unfence, while_held},
    lease::Lease,
    overrides,
    pg::PgTime,
    readings::Fenced,
    statement::Statement,
    stops,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, Timestamp,
    commands::{Happening, Progress},
};
use uuid::Uuid;

/// No more devices at once.
const MOST: i64 = 500;

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Commands that have ended or wait to be sent again.
    pub changes: Vec<Change>,
    /// Devices that were told to go off, by a stop again or by an interlock: there is something to send.
    pub told: usize,
    /// Devices that went back to automation.
    pub freed: Vec<(FarmId, DeviceId)>,
}

/// Does what is due, one thing after the other, each in a transaction of its own: what one of them holds is not
/// held while the next one looks. To be asked every second; `hears` says whether nodes have been listened to for
/// long enough that their silence means something. What they were told waits until it does.
pub async fn sweep(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    hears: bool,
    now: Timestamp,
) -> Result<Result<Swept, Fenced>, StoreError> {
    let swept = async {
        let given_up = while_held(connection, lease, async |conn| give_up(conn, hears, now).await);
        let changes = given_up.await??;
        let again = while_held(connection, lease, async |conn| stops::retry(conn, now).await);
        let told = again.await??;
        let ended = while_held(connection, lease, async |conn| overrun(conn, now).await);
        let told = told + ended.await??;
        let freed = while_held(connection, lease, async |conn| overrides::expire(conn, now).await);
        Ok(Swept { changes, told, freed: freed.await?? })
    };
    let swept: Result<Swept, NotWritten> = swept.await;
    unfence(swept)
}

/// Ends what was not heard or not sent in time.
async fn give_up(
    connection: &mut AsyncPgConnection,
    hears: bool,
    now: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    let sql = concat!(
        "SELECT d.id FROM devices d WHERE d.id IN (SELECT c.device_id FROM device_commands c WHERE ",
        is_open!("c"),
        "       AND coalesce(c.due_at, c.expires_at) <= ? AND (? OR c.attempted_at IS NULL))
        ORDER BY d.id LIMIT ? FOR NO KEY UPDATE OF d SKIP LOCKED"
    );
    let devices: Vec<Uuid> =
        Statement::<SqlUuid>::new(sql, &[&PgTime(now), &hears, &MOST]).load(connection).await?;
    if devices.is_empty() {
        return Ok(Vec::new());
    }
    let mut opens = open::of_devices(connection, &devices).await?;
    opens.retain(|open| hears || open.command.progress == Progress::Queued);
    advance(connection, &opens, |_| Happening::Tick, now).await
}
