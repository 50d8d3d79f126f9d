//! What concerns people of all farms: the names of those who were there, whose rights have changed, and
//! forgetting who is gone.
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    FarmId, Timestamp, UserId,
    live::{LiveEvent, News},
};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// PostgreSQL's channel that tells whose rights have changed; payloads are read by [`RightsChange::parse`].
pub const CHANNEL: &str = "tokkatot_people";

/// Somebody's rights on a farm have changed: a session of theirs ended, or their role, membership or
/// account changed, or the farm itself was deleted, suspended or brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct RightsChange {
    /// The farm.
    pub farm: FarmId,
    /// Whose.
    pub user: UserId,
    /// When, by the database's clock.
    pub at: Timestamp,
}

impl RightsChange {
    /// What a notification says; nothing if another release sent it.
    pub fn parse(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }

    /// The same, as open pages hear it.
    pub(crate) const fn news(self) -> LiveEvent {
        let Self { farm, user, at } = self;
        LiveEvent { farm, at, news: News::PeopleChanged { user } }
    }
}

/// The names of all who ever belonged to a farm of the request's, for the audit trail.
pub async fn names(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<HashMap<UserId, String>, StoreError> {
    let sql = "SELECT user_id, name FROM people_of(?)";
    let rows: Vec<(Uuid, String)> =
        Statement::<(SqlUuid, Text)>::new(sql, &[&farm.0]).load(connection).await?;
    Ok(rows.into_iter().map(|(user, name)| (UserId(user), name)).collect())
}

/// Takes the names off farms and accounts that were deleted more than 30 days ago, and drops reset codes
/// and invitations that ended more than 90 days ago; tells how many of all. Sessions that ended more than 30
/// days ago, and sign-ins that were not finished, go uncounted. For the worker.
pub async fn forget(connection: &mut AsyncPgConnection, now: Timestamp) -> Result<i64, StoreError> {
    let sql = "SELECT forget_people(?)";
    Ok(Statement::<BigInt>::new(sql, &[&PgTime(now)]).get_result(connection).await?)
}
