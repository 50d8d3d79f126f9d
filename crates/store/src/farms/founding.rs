//! A new farm: with its founder as admin and its houses, all or nothing.
use super::FarmFacts;
use crate::{
    Database, FarmScope, Origin, StoreError,
    houses::{self, HouseFacts},
    pg::PgTime,
    scope::run,
    statement::Statement,
};
use domain::{FarmId, UserId, events::EventKind, roles::Role};
use serde_json::json;
use uuid::Uuid;

/// A farm about to be made.
#[derive(Debug, Clone)]
pub struct NewFarm<'a> {
    /// What is said of it.
    pub facts: &'a FarmFacts,
    /// Its houses, in the order of pages.
    pub houses: &'a [HouseFacts],
}

/// Makes a farm of `founder`'s, and gives the way to its data.
///
/// # Errors
/// A conflict of `farms_timezone_check` if there is no such time zone.
pub async fn create(
    database: &Database,
    founder: UserId,
    new: &NewFarm<'_>,
    origin: &Origin<'_>,
) -> Result<FarmScope, StoreError> {
    let farm = FarmId(Uuid::new_v4());
    run(database, founder, &[farm], async |conn| {
        let at = PgTime(origin.at);
        let facts = new.facts;
        let (latitude, longitude) = facts.coordinates.unzip();
        let sql = "INSERT INTO farms
            (id, owner_id, name, location, timezone, latitude, longitude, created_at)
            VALUES (?, ?, ?, ?, ?, ?::numeric, ?::numeric, ?)";
        Statement::<()>::new(
            sql,
            &[
                &farm.0,
                &founder.0,
                &facts.name.as_str(),
                &facts.location.as_deref(),
                &facts.timezone.as_str(),
                &latitude,
                &longitude,
                &at,
            ],
        )
        .run(conn)
        .await?;
        let sql = "INSERT INTO farm_users (farm_id, user_id, role, invited_by, created_at)
            VALUES (?, ?, 'admin', ?, ?)";
        Statement::<()>::new(sql, &[&farm.0, &founder.0, &founder.0, &at]).run(conn).await?;
        for house in new.houses {
            houses::insert(conn, farm, house, origin.at).await?;
        }
        let data = json!({ "name": facts.name, "houses": new.houses.len() });
        let who = (Some(founder), Some(farm));
        origin.record(conn, EventKind::FarmCreated, who, data).await
    })
    .await?;
    Ok(FarmScope::new(farm, founder, Role::Admin))
}
