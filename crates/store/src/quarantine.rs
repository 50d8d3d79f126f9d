//! Messages that could not be taken, and why: kept for whoever mends the device.
use crate::{StoreError, column::Column, pg::PgTime, schema::quarantine, statement::Statement};
use diesel::ExpressionMethods as _;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::Timestamp;
use sha2::{Digest as _, Sha256};

/// How much of a message is kept.
const KEPT_BYTES: usize = 4096;

/// A message to put away.
#[derive(Debug, Clone, Copy)]
pub struct Quarantined<'a> {
    /// When it came.
    pub received_at: Timestamp,
    /// The topic it came on.
    pub topic: &'a [u8],
    /// The node's name, if the topic has one.
    pub node: Option<&'a str>,
    /// A short code in kebab case.
    pub reason: &'a str,
    /// What exactly was wrong.
    pub detail: &'a str,
    /// The whole message; its first 4 KiB are kept.
    pub payload: &'a [u8],
}

/// Puts messages away.
pub async fn add(
    conn: &mut AsyncPgConnection,
    messages: &[Quarantined<'_>],
) -> Result<(), StoreError> {
    let received: Vec<Timestamp> = messages.iter().map(|m| m.received_at).collect();
    let topics: Vec<String> = messages.iter().map(|m| storable(m.topic)).collect();
    let nodes: Vec<Option<&str>> = messages.iter().map(|m| m.node).collect();
    let reasons: Vec<&str> = messages.iter().map(|m| m.reason).collect();
    let details: Vec<String> = messages.iter().map(|m| storable(m.detail.as_bytes())).collect();
    let payloads: Vec<&[u8]> =
        messages.iter().map(|m| m.payload.get(..KEPT_BYTES).unwrap_or(m.payload)).collect();
    let sizes: Vec<i32> =
        messages.iter().map(|m| i32::try_from(m.payload.len()).unwrap_or(i32::MAX)).collect();
    let hashes: Vec<Vec<u8>> =
        messages.iter().map(|m| Sha256::digest(m.payload).to_vec()).collect();
    let columns = (
        Column(&received),
        Column(&topics),
        Column(&nodes),
        Column(&reasons),
        Column(&details),
        Column(&payloads),
        Column(&sizes),
        Column(&hashes),
    );
    let sql = "INSERT INTO quarantine
            (received_at, topic, node, reason, detail, payload, size, sha256)
        SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)";
    Statement::<()>::new(
        sql,
        &[
            &columns.0, &columns.1, &columns.2, &columns.3, &columns.4, &columns.5, &columns.6,
            &columns.7,
        ],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets messages that came before `day`; tells how many.
pub async fn purge(conn: &mut AsyncPgConnection, day: Timestamp) -> Result<usize, StoreError> {
    let before = diesel::delete(quarantine::table).filter(quarantine::received_at.lt(PgTime(day)));
    Ok(before.execute(conn).await?)
}

/// What PostgreSQL can hold as text: no NUL, and UTF-8.
fn storable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}
