//! Coops: where the birds live and the devices hang.
use crate::{Database, FarmScope, Origin, StoreError, pg::PgTime, statement::Statement};
use chrono::NaiveDate;
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Date, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, HouseId, Timestamp, events::EventKind, names::same_key, poultry::BirdKind};
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

/// Why a house was not added, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// Another house of the farm is called so.
    #[error("another house has that name")]
    SameName,
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

/// An identity that no house has.
pub fn new_id() -> HouseId {
    HouseId(Uuid::new_v4())
}

/// Adds a house behind the others. Its identity is made before the form is filled in: who sends that twice
/// adds one house. Who fills it in once more with something else adds another.
///
/// # Errors
/// A house of the farm is called so; a conflict of `houses_pkey` if the identity is that of a house which was
/// removed, or of another farm's.
pub async fn create(
    database: &Database,
    scope: &FarmScope,
    (id, facts): (HouseId, &HouseFacts),
    origin: &Origin<'_>,
) -> Result<HouseId, HouseError> {
    scope
        .run(database, async |conn| {
            let others = list_alone(conn, scope.farm()).await?;
            let there = others.iter().find(|house| house.id == id);
            if there.is_some_and(|house| house.facts == *facts) {
                return Ok(id);
            }
            let id = if there.is_some() { new_id() } else { id };
            refuse_same_name(&others, id, &facts.name)?;
            insert(conn, scope.farm(), (id, facts), origin.at).await?;
            let data = json!({ "house": id, "name": facts.name });
            record(conn, scope, (EventKind::HouseAdded, data), origin).await?;
            Ok(id)
        })
        .await
}

/// The houses of a farm, and nobody else's change of them before this transaction ends: of two who give one
/// name at once, the second sees the first one's.
async fn list_alone(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<House>, StoreError> {
    let sql = "SELECT id FROM farms WHERE id = ? FOR NO KEY UPDATE";
    Statement::<()>::new(sql, &[&farm.0]).run(connection).await?;
    list(connection, farm).await
}

fn refuse_same_name(others: &[House], house: HouseId, name: &str) -> Result<(), HouseError> {
    let key = same_key(name);
    let mut others = others.iter().filter(|other| other.id != house);
    let has_same = others.any(|other| same_key(&other.facts.name) == key);
    if has_same { Err(HouseError::SameName) } else { Ok(()) }
}

/// Adds the row.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    (id, facts): (HouseId, &HouseFacts),
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO houses (id, farm_id, name, bird_kind, bird_count, placed_on, created_at, position)
        SELECT ?, ?, ?, ?::bird_kind, ?, ?::date, ?, coalesce(max(position) + 1, 0) FROM houses
        WHERE farm_id = ? AND deleted_at IS NULL";
    let placed_on = facts.placed_on.map(|date| date.to_string());
    Statement::<()>::new(
        sql,
        &[
            &id.0,
            &farm.0,
            &facts.name.as_str(),
            &facts.birds.name(),
            &facts.bird_count,
            &placed_on.as_deref(),
            &PgTime(at),
            &farm.0,
        ],
    )
    .run(connection)
    .await?;
    Ok(())
}

/// Says something else of a house. False if there is no such house.
///
/// # Errors
/// Another house of the farm is called so.
pub async fn update(
    database: &Database,
    scope: &FarmScope,
    (house, facts): (HouseId, &HouseFacts),
    origin: &Origin<'_>,
) -> Result<bool, HouseError> {
    scope
        .run(database, async |conn| {
            let others = list_alone(conn, scope.farm()).await?;
            refuse_same_name(&others, house, &facts.name)?;
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

/// Whether it is one of the farm's houses; it stays there until the transaction's end.
pub(crate) async fn is_house(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    house: HouseId,
) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM houses WHERE id = ? AND farm_id = ? AND deleted_at IS NULL
        FOR KEY SHARE";
    let found: Option<Uuid> = Statement::<SqlUuid>::new(sql, &[&house.0, &farm.0])
        .get_result(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}
