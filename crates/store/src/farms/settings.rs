//! What is said of a farm, and saying something else.
use crate::{Database, FarmScope, Origin, StoreError, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{Double, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, events::EventKind};
use serde_json::json;

/// What is said of a farm.
#[derive(Debug, Clone, PartialEq)]
pub struct FarmFacts {
    /// What it is called, cleaned.
    pub name: String,
    /// Where it is, in words.
    pub location: Option<String>,
    /// Its IANA time zone.
    pub timezone: String,
    /// Degrees north and east.
    pub coordinates: Option<(f64, f64)>,
}

/// What is said of a farm of the request's; nothing if it is deleted.
pub async fn find(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Option<FarmFacts>, StoreError> {
    type Columns = (Text, Nullable<Text>, Text, Nullable<Double>, Nullable<Double>);
    type Row = (String, Option<String>, String, Option<f64>, Option<f64>);
    let sql = "SELECT name, location, timezone::text, latitude::float8, longitude::float8
        FROM farms WHERE id = ? AND deleted_at IS NULL";
    let row: Option<Row> =
        Statement::<Columns>::new(sql, &[&farm.0]).get_result(connection).await.optional()?;
    Ok(row.map(|(name, location, timezone, latitude, longitude)| FarmFacts {
        name,
        location,
        timezone,
        coordinates: latitude.zip(longitude),
    }))
}

/// Says something else of a farm. Its event tells what changed, old and new. False if nothing did.
///
/// # Errors
/// A conflict of `farms_timezone_check` if there is no such time zone.
pub async fn update(
    database: &Database,
    scope: &FarmScope,
    facts: &FarmFacts,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let Some(before) = find(conn, scope.farm()).await?.filter(|before| before != facts)
            else {
                return Ok(false);
            };
            let (latitude, longitude) = facts.coordinates.unzip();
            let sql =
                "UPDATE farms SET name = ?, location = ?, timezone = ?, latitude = ?::numeric,
                longitude = ?::numeric WHERE id = ? AND deleted_at IS NULL";
            Statement::<()>::new(
                sql,
                &[
                    &facts.name.as_str(),
                    &facts.location.as_deref(),
                    &facts.timezone.as_str(),
                    &latitude,
                    &longitude,
                    &scope.farm().0,
                ],
            )
            .run(conn)
            .await?;
            let mut data = serde_json::Map::new();
            let mut note = |what: &str, old: Option<&str>, new: Option<&str>| {
                if old != new {
                    data.insert(what.to_owned(), json!({ "from": old, "to": new }));
                }
            };
            note("name", Some(&before.name), Some(&facts.name));
            note("location", before.location.as_deref(), facts.location.as_deref());
            note("timezone", Some(&before.timezone), Some(&facts.timezone));
            let who = (Some(scope.user()), Some(scope.farm()));
            origin.record(conn, EventKind::FarmChanged, who, data.into()).await?;
            Ok(true)
        })
        .await
}
