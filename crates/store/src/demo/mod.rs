//! Plants a whole farm at once: people, houses, nodes, devices, and what they would have told in the
//! past. For the demo farm; a real farm comes to be step by step.
mod hardware;
mod history;
mod people;

use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    partitions,
    statement::Statement,
};
use chrono::NaiveDate;
use diesel::{OptionalExtension as _, sql_types::Bool};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};
use domain::{
    Channel, DeviceId, FarmId, HouseId, NodeId, NodeName, Timestamp, UserId, devices::DeviceKind,
    poultry::BirdKind, readings::SensorKind, roles::Role,
};
use uuid::Uuid;

/// A farm to be planted.
#[derive(Debug, Clone)]
pub struct Farm {
    /// Identity.
    pub id: FarmId,
    /// What it is called.
    pub name: String,
    /// Where it is, in words.
    pub location: String,
    /// Degrees north and east.
    pub coordinates: (f64, f64),
    /// When it was made.
    pub created_at: Timestamp,
    /// Its members; the first one owns it and brought in the others.
    pub people: Vec<Person>,
    /// Its coops, in the order of pages.
    pub houses: Vec<House>,
    /// Its controllers.
    pub nodes: Vec<Node>,
    /// Its devices, in the order of pages.
    pub devices: Vec<Device>,
    /// What happened there.
    pub events: Vec<NewEvent<'static>>,
}

/// A member with an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// Identity.
    pub id: UserId,
    /// Full name.
    pub name: String,
    /// To sign in with.
    pub username: String,
    /// To sign in with, too: `+855…`.
    pub phone: String,
    /// argon2id string.
    pub password_hash: String,
    /// On this farm.
    pub role: Role,
}

/// A coop.
#[derive(Debug, Clone)]
pub struct House {
    /// Identity.
    pub id: HouseId,
    /// What it is called.
    pub name: String,
    /// What lives in it.
    pub birds: BirdKind,
    /// How many.
    pub bird_count: i32,
    /// Day 0, on the farm's calendar.
    pub placed_on: NaiveDate,
}

/// A controller.
#[derive(Debug, Clone)]
pub struct Node {
    /// Identity.
    pub id: NodeId,
    /// Its MQTT user name.
    pub name: NodeName,
    /// Of its hardware.
    pub serial: String,
    /// Mosquitto's `$7$` string.
    pub password_hash: String,
    /// As its heartbeat says.
    pub firmware: String,
}

/// A device, accepted by the farm's owner.
#[derive(Debug, Clone)]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// Its node, one of the farm's.
    pub node: NodeId,
    /// Its house, one of the farm's.
    pub house: HouseId,
    /// Its name on the node.
    pub channel: Channel,
    /// What the farmer calls it.
    pub name: String,
    /// What it is for.
    pub kind: DeviceKind,
    /// What it is electrically: a name of the database's `device_type`.
    pub electrical: &'static str,
    /// What is written on it.
    pub model: &'static str,
    /// Whether it runs, and since when; `None` for a sensor.
    pub reported: Option<(bool, Timestamp)>,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// What it measures.
    pub series: Vec<Series>,
}

/// One parameter of a device.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Such as `temp_threshold_high`.
    pub name: &'static str,
    /// In its unit.
    pub value: f64,
    /// Such as `°C`.
    pub unit: &'static str,
}

/// One quantity with its past.
#[derive(Debug, Clone)]
pub struct Series {
    /// What is measured.
    pub sensor: SensorKind,
    /// Seconds between two live readings.
    pub interval_s: i32,
    /// What was measured, oldest first, no two at one instant.
    pub readings: Vec<(Timestamp, f64)>,
}

/// Whether a farm is planted already.
pub async fn is_planted(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<bool, StoreError> {
    let sql = "SELECT true FROM farms WHERE id = ?";
    let found = Statement::<Bool>::new(sql, &[&farm.0]).get_result::<bool>(connection).await;
    Ok(found.optional()?.is_some())
}

/// Plants farms that are not there yet, all or none, and tells how many readings their past has. To be
/// done as the owner of the schema.
///
/// # Errors
/// `Conflict` if a name, phone number or node of theirs is taken.
pub async fn plant(
    connection: &mut AsyncPgConnection,
    farms: &[Farm],
    now: Timestamp,
) -> Result<usize, StoreError> {
    connection
        .transaction(async |connection| {
            let mut count = 0;
            for farm in farms {
                partitions::ensure(connection, farm.created_at, days_until(farm, now)).await?;
                people::insert(connection, farm).await?;
                hardware::insert(connection, farm, now).await?;
                count += history::insert(connection, farm).await?;
                for event in &farm.events {
                    events::record(connection, event).await?;
                }
            }
            Ok(count)
        })
        .await
}

/// Gives accounts and nodes of a planted farm new passwords, for files that were lost.
pub async fn replace_passwords(
    connection: &mut AsyncPgConnection,
    farms: &[Farm],
) -> Result<(), StoreError> {
    let people: Vec<&Person> = farms.iter().flat_map(|farm| &farm.people).collect();
    let nodes: Vec<&Node> = farms.iter().flat_map(|farm| &farm.nodes).collect();
    let people_ids: Vec<Uuid> = people.iter().map(|person| person.id.0).collect();
    let people_hashes: Vec<&str> = people.iter().map(|p| p.password_hash.as_str()).collect();
    let node_ids: Vec<Uuid> = nodes.iter().map(|node| node.id.0).collect();
    let node_hashes: Vec<&str> = nodes.iter().map(|node| node.password_hash.as_str()).collect();
    connection
        .transaction(async |connection| {
            let sql = "UPDATE users SET password_hash = u.hash
                FROM (SELECT unnest(?) AS id, unnest(?) AS hash) u WHERE users.id = u.id";
            Statement::<()>::new(sql, &[&Column(&people_ids), &Column(&people_hashes)])
                .execute(connection)
                .await?;
            let sql = "UPDATE nodes SET password_hash = u.hash
                FROM (SELECT unnest(?) AS id, unnest(?) AS hash) u WHERE nodes.id = u.id";
            Statement::<()>::new(sql, &[&Column(&node_ids), &Column(&node_hashes)])
                .execute(connection)
                .await?;
            Ok(())
        })
        .await
}

/// From the farm's first day until the day after tomorrow.
fn days_until(farm: &Farm, now: Timestamp) -> i32 {
    i32::try_from(now.since(farm.created_at).as_secs() / 86_400).map_or(0, |days| days + 3)
}
