//! A new farm: with its founder as admin and its houses, all or nothing, and once.
use super::FarmFacts;
use crate::{
    Database, FarmScope, Origin, StoreError,
    houses::{self, HouseFacts},
    pg::PgTime,
    scope::run,
    statement::Statement,
};
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, Timestamp, UserId, events::EventKind, roles::Role};
use serde_json::json;
use uuid::Uuid;

/// A farm about to be made.
#[derive(Debug, Clone)]
pub struct NewFarm<'a> {
    /// Its identity, made before the form was filled in: who sends that twice makes one farm.
    pub id: FarmId,
    /// What is said of it.
    pub facts: &'a FarmFacts,
    /// Its houses, in the order of pages.
    pub houses: &'a [HouseFacts],
}

/// Why a farm was not made.
#[derive(Debug, thiserror::Error)]
pub enum FarmError {
    /// Its identity is that of a farm which is not theirs, or not any more: somebody else's, or deleted.
    #[error("the identity is another farm's")]
    Taken,
    /// The database's reason.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An identity that no farm has.
pub fn new_id() -> FarmId {
    FarmId(Uuid::new_v4())
}

/// Makes a farm of `founder`'s, and gives the way to its data. Nothing if they have made it before and it is
/// there: then all stays as it is.
///
/// # Errors
/// A conflict of `farms_timezone_check` if there is no such time zone.
pub async fn create(
    database: &Database,
    founder: UserId,
    new: &NewFarm<'_>,
    origin: &Origin<'_>,
) -> Result<Option<FarmScope>, FarmError> {
    let made = make(database, founder, new, origin).await;
    match made {
        Ok(scope) => Ok(Some(scope)),
        Err(StoreError::Conflict { constraint, .. }) if constraint == "farms_pkey" => {
            let is_theirs = is_theirs(database, founder, new.id).await?;
            if is_theirs { Ok(None) } else { Err(FarmError::Taken) }
        }
        Err(error) => Err(error.into()),
    }
}

async fn make(
    database: &Database,
    founder: UserId,
    new: &NewFarm<'_>,
    origin: &Origin<'_>,
) -> Result<FarmScope, StoreError> {
    let farm = new.id;
    run(database, founder, &[farm], async |conn| {
        insert(conn, founder, new, origin.at).await?;
        let sql = "INSERT INTO farm_users (farm_id, user_id, role, invited_by, created_at)
            VALUES (?, ?, 'admin', ?, ?)";
        let at = PgTime(origin.at);
        Statement::<()>::new(sql, &[&farm.0, &founder.0, &founder.0, &at]).run(conn).await?;
        for house in new.houses {
            houses::insert(conn, farm, (houses::new_id(), house), origin.at).await?;
        }
        let data = json!({ "name": new.facts.name, "houses": new.houses.len() });
        let who = (Some(founder), Some(farm));
        origin.record(conn, EventKind::FarmCreated, who, data).await?;
        Ok(FarmScope::new(farm, founder, Role::Admin))
    })
    .await
}

/// Whether the farm of that identity is one that the person has made, and belongs to.
async fn is_theirs(database: &Database, founder: UserId, farm: FarmId) -> Result<bool, StoreError> {
    run(database, founder, &[farm], async |conn| {
        let sql = "SELECT EXISTS (SELECT FROM farms
            WHERE id = ? AND owner_id = ? AND deleted_at IS NULL)";
        Ok(Statement::<Bool>::new(sql, &[&farm.0, &founder.0]).get_result(conn).await?)
    })
    .await
}

/// Adds the row.
///
/// # Errors
/// A conflict of `farms_pkey` if there is a farm of that identity.
async fn insert(
    connection: &mut AsyncPgConnection,
    founder: UserId,
    new: &NewFarm<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let facts = new.facts;
    let (latitude, longitude) = facts.coordinates.unzip();
    let sql = "INSERT INTO farms
        (id, owner_id, name, location, timezone, latitude, longitude, created_at)
        VALUES (?, ?, ?, ?, ?, ?::numeric, ?::numeric, ?)";
    Statement::<()>::new(
        sql,
        &[
            &new.id.0,
            &founder.0,
            &facts.name.as_str(),
            &facts.location.as_deref(),
            &facts.timezone.as_str(),
            &latitude,
            &longitude,
            &PgTime(at),
        ],
    )
    .run(connection)
    .await?;
    Ok(())
}
