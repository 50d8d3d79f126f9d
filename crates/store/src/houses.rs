//! Coops: where the birds live and the devices hang.
use crate::{Database, FarmScope, Origin, StoreError, pg::PgTime, statement::Statement};
use chrono::NaiveDate;
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Date, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, HouseId, Timestamp, events::EventKind, poultry::BirdKind};
use serde_json::{Value, json};
use uuid::Uuid;

/// What is said of a house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseFacts {
    /// What it is called, cleaned.
    pub name: String,
    /// What kind of chicken it holds.
    pub birds: BirdKind,
    /// How many birds were placed.
    pub bird_count: Option<i32>,
    /// Day 0 of the birds, in the farm's zone; `None` while it is empty.
    pub placed_on: Option<NaiveDate>,
}

/// A house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// Identity.
    pub id: HouseId,
    /// What is said of it.
    pub facts: HouseFacts,
    /// How many devices in use hang in it.
    pub devices: i64,
}

/// Why a house was not removed.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// Devices in use hang in it.
    #[error("devices hang in the house")]
    HasDevices,
    /// The database's reason.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The houses of a farm, in the order of pages.
pub async fn list(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<House>, StoreError> {
    type Columns = (SqlUuid, Text, Text, Nullable<Integer>, Nullable<Date>, BigInt);
    type Row = (Uuid, String, String, Option<i32>, Option<NaiveDate>, i64);
    let sql = "SELECT h.id, h.name, h.bird_kind::text, h.bird_count, h.placed_on,
            (SELECT count(*) FROM devices d
                WHERE d.house_id = h.id AND d.is_active AND d.deleted_at IS NULL)
        FROM houses h WHERE h.farm_id = ? AND h.deleted_at IS NULL
        ORDER BY h.position, h.name, h.id";
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&farm.0]).load(connection).await?;
    let house = |(id, name, kind, bird_count, placed_on, devices): Row| {
        let facts = HouseFacts { name, birds: BirdKind::parse(&kind), bird_count, placed_on };
        House { id: HouseId(id), facts, devices }
    };
    Ok(rows.into_iter().map(house).collect())
}

/// Adds a house behind the others.
pub async fn create(
    database: &Database,
    scope: &FarmScope,
    facts: &HouseFacts,
    origin: &Origin<'_>,
) -> Result<HouseId, StoreError> {
    scope
        .run(database, async |conn| {
            let house = insert(conn, scope.farm(), facts, origin.at).await?;
            record(
                conn,
                scope,
                (EventKind::HouseAdded, json!({ "house": house, "name": facts.name })),
                origin,
            )
            .await?;
            Ok(house)
        })
        .await
}

/// Adds the row.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    facts: &HouseFacts,
    at: Timestamp,
) -> Result<HouseId, StoreError> {
    let sql =
        "INSERT INTO houses (farm_id, name, bird_kind, bird_count, placed_on, created_at, position)
        SELECT ?, ?, ?::bird_kind, ?, ?::date, ?, coalesce(max(position) + 1, 0) FROM houses
        WHERE farm_id = ? AND deleted_at IS NULL RETURNING id";
    let placed_on = facts.placed_on.map(|date| date.to_string());
    let id: Uuid = Statement::<SqlUuid>::new(
        sql,
        &[
            &farm.0,
            &facts.name.as_str(),
            &facts.birds.name(),
            &facts.bird_count,
            &placed_on.as_deref(),
            &PgTime(at),
            &farm.0,
        ],
    )
    .get_result(connection)
    .await?;
    Ok(HouseId(id))
}

/// Says something else of a house. False if there is no such house.
pub async fn update(
    database: &Database,
    scope: &FarmScope,
    (house, facts): (HouseId, &HouseFacts),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "UPDATE houses SET name = ?, bird_kind = ?::bird_kind, bird_count = ?,
                placed_on = ?::date WHERE id = ? AND farm_id = ? AND deleted_at IS NULL";
            let placed_on = facts.placed_on.map(|date| date.to_string());
            let changed = Statement::<()>::new(
                sql,
                &[
                    &facts.name.as_str(),
                    &facts.birds.name(),
                    &facts.bird_count,
                    &placed_on.as_deref(),
                    &house.0,
                    &scope.farm().0,
                ],
            )
            .run(conn)
            .await?;
            if changed > 0 {
                let data = json!({ "house": house, "name": facts.name });
                record(conn, scope, (EventKind::HouseChanged, data), origin).await?;
            }
            Ok(changed > 0)
        })
        .await
}

/// Takes a house off the list. False if there is no such house.
pub async fn remove(
    database: &Database,
    scope: &FarmScope,
    house: HouseId,
    origin: &Origin<'_>,
) -> Result<bool, HouseError> {
    scope
        .run(database, async |conn| {
            // whoever hangs a device there meanwhile needs the row, and waits
            let sql = "SELECT name FROM houses
                WHERE id = ? AND farm_id = ? AND deleted_at IS NULL FOR UPDATE";
            let name: Option<String> = Statement::<Text>::new(sql, &[&house.0, &scope.farm().0])
                .get_result(conn)
                .await
                .optional()
                .map_err(StoreError::from)?;
            let Some(name) = name else { return Ok(false) };
            let sql = "UPDATE houses h SET deleted_at = ? WHERE h.id = ? AND NOT EXISTS (
                SELECT FROM devices d
                WHERE d.house_id = h.id AND d.is_active AND d.deleted_at IS NULL)";
            let at = PgTime(origin.at);
            if Statement::<()>::new(sql, &[&at, &house.0]).run(conn).await? == 0 {
                return Err(HouseError::HasDevices);
            }
            let data = json!({ "house": house, "name": name });
            record(conn, scope, (EventKind::HouseRemoved, data), origin).await?;
            Ok(true)
        })
        .await
}

async fn record(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    (kind, data): (EventKind, Value),
    origin: &Origin<'_>,
) -> Result<(), StoreError> {
    origin.record(connection, kind, (Some(scope.user()), Some(scope.farm())), data).await
}
