//! The rows of a planted farm's people and houses, one statement a table.
use super::Farm;
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::poultry::BirdKind;
use uuid::Uuid;

/// Adds people, the farm, its members and its houses.
pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    farm: &Farm,
) -> Result<(), StoreError> {
    people(connection, farm).await?;
    self::farm(connection, farm).await?;
    members(connection, farm).await?;
    houses(connection, farm).await
}

async fn people(connection: &mut AsyncPgConnection, farm: &Farm) -> Result<(), StoreError> {
    let people = &farm.people;
    let ids: Vec<Uuid> = people.iter().map(|person| person.id.0).collect();
    let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    let usernames: Vec<&str> = people.iter().map(|person| person.username.as_str()).collect();
    let phones: Vec<&str> = people.iter().map(|person| person.phone.as_str()).collect();
    let hashes: Vec<&str> = people.iter().map(|person| person.password_hash.as_str()).collect();
    let sql = "INSERT INTO users (created_at, updated_at, id, name, username, phone, password_hash)
        SELECT ?, ?, unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)";
    let at = PgTime(farm.created_at);
    Statement::<()>::new(
        sql,
        &[
            &at,
            &at,
            &Column(&ids),
            &Column(&names),
            &Column(&usernames),
            &Column(&phones),
            &Column(&hashes),
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn farm(connection: &mut AsyncPgConnection, farm: &Farm) -> Result<(), StoreError> {
    let at = PgTime(farm.created_at);
    let owner = farm.people.as_slice().first().map_or(Uuid::nil(), |person| person.id.0);
    let (latitude, longitude) = farm.coordinates;
    let sql = "INSERT INTO farms (id, owner_id, name, location, latitude, longitude, created_at,
            updated_at) VALUES (?, ?, ?, ?, ?::float8::numeric, ?::float8::numeric, ?, ?)";
    Statement::<()>::new(
        sql,
        &[
            &farm.id.0,
            &owner,
            &farm.name.as_str(),
            &farm.location.as_str(),
            &latitude,
            &longitude,
            &at,
            &at,
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn members(connection: &mut AsyncPgConnection, farm: &Farm) -> Result<(), StoreError> {
    let at = PgTime(farm.created_at);
    let owner = farm.people.as_slice().first().map_or(Uuid::nil(), |person| person.id.0);
    let ids: Vec<Uuid> = farm.people.iter().map(|person| person.id.0).collect();
    let roles: Vec<&str> = farm.people.iter().map(|person| person.role.name()).collect();
    let sql = "INSERT INTO farm_users (farm_id, invited_by, created_at, updated_at, user_id, role)
        SELECT ?, ?, ?, ?, unnest(?), unnest(?)::user_role";
    Statement::<()>::new(sql, &[&farm.id.0, &owner, &at, &at, &Column(&ids), &Column(&roles)])
        .execute(connection)
        .await?;
    Ok(())
}

async fn houses(connection: &mut AsyncPgConnection, farm: &Farm) -> Result<(), StoreError> {
    let at = PgTime(farm.created_at);
    let houses = &farm.houses;
    let ids: Vec<Uuid> = houses.iter().map(|house| house.id.0).collect();
    let names: Vec<&str> = houses.iter().map(|house| house.name.as_str()).collect();
    let kinds: Vec<&str> = houses.iter().map(|house| bird_kind(house.birds)).collect();
    let counts: Vec<i32> = houses.iter().map(|house| house.bird_count).collect();
    let placed: Vec<String> = houses.iter().map(|house| house.placed_on.to_string()).collect();
    let places: Vec<i32> = (1..).take(houses.len()).collect();
    let sql =
        "INSERT INTO houses (farm_id, created_at, updated_at, id, name, bird_kind, bird_count,
            placed_on, position)
        SELECT ?, ?, ?, unnest(?), unnest(?), unnest(?)::bird_kind, unnest(?), unnest(?)::date,
            unnest(?)";
    Statement::<()>::new(
        sql,
        &[
            &farm.id.0,
            &at,
            &at,
            &Column(&ids),
            &Column(&names),
            &Column(&kinds),
            &Column(&counts),
            &Column(&placed),
            &Column(&places),
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The database's name of a kind of bird.
fn bird_kind(birds: BirdKind) -> &'static str {
    match birds {
        BirdKind::Broiler => "broiler",
        BirdKind::Layer => "layer",
        BirdKind::Local => "local",
        BirdKind::Other => "other",
    }
}
