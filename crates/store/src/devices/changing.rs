//! Accepting a new device, and changing what is said of one: both are the same form.
use super::{
    places::{Locked, Place, lock},
    retiring::tell_restored,
};
use crate::{
    Database, FarmScope, Origin, StoreError, column::Column, houses::is_house, pg::PgTime,
    statement::Statement,
};
use diesel_async::AsyncPgConnection;
use domain::{
    DeviceId, HouseId,
    devices::{DeviceIcon, DeviceKind, DeviceType},
    events::EventKind,
};
use serde::Serialize;
use serde_json::json;

/// What people say of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFacts {
    /// What it is called, cleaned.
    pub name: String,
    /// What it is for.
    pub kind: DeviceKind,
    /// How its channel is driven; it stays as it is unless both are of [`DeviceType::SWITCHES`].
    pub device_type: DeviceType,
    /// Its picture, where that is not the one of its kind.
    pub icon: Option<DeviceIcon>,
    /// The house it hangs in; `None` if it serves the whole farm.
    pub house: Option<HouseId>,
    /// Where it hangs, in words, cleaned.
    pub location: Option<String>,
}

/// What saving came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It was new, and is accepted now.
    Accepted,
    /// It was in use already, and is another now in what is said of it.
    Changed,
    /// All that was known.
    Same,
    /// The farm has no such device.
    NoDevice,
    /// The farm has no such house.
    NoHouse,
    /// Another device in use hangs there under that name.
    SameName,
}

/// Says what a device is and where it hangs, and accepts it if it is new. A new one comes behind the others. One
/// that was out of use is in use again: what somebody has just said of it is not for a list of old hardware.
pub async fn save(
    database: &Database,
    scope: &FarmScope,
    (device, facts): (DeviceId, &DeviceFacts),
    origin: &Origin<'_>,
) -> Result<Saved, StoreError> {
    scope
        .run(database, async |conn| {
            let Some(found) = lock(conn, scope, device).await? else {
                return Ok(Saved::NoDevice);
            };
            let Locked { facts: before, is_new, is_active, .. } = found;
            if is_active && !is_new && before == *facts {
                return Ok(Saved::Same);
            }
            if let Some(house) = facts.house
                && !is_house(conn, scope.farm(), house).await?
            {
                return Ok(Saved::NoHouse);
            }
            let place = Place { house: facts.house, device };
            if place.has_namesake(conn, scope, &facts.name).await? {
                return Ok(Saved::SameName);
            }
            write(conn, scope, (device, facts), origin).await?;
            let (kind, saved) = match is_new {
                true => (EventKind::DeviceApproved, Saved::Accepted),
                false => (EventKind::DeviceChanged, Saved::Changed),
            };
            let (from, to) = (Told::of(&before), Told::of(facts));
            let data = json!({ "device": facts.name, "from": from, "to": to });
            origin.record_of(conn, kind, (scope, Some(device)), data).await?;
            if !is_active {
                tell_restored(conn, (scope, origin), (device, &facts.name)).await?;
            }
            Ok(saved)
        })
        .await
}

async fn write(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    (device, facts): (DeviceId, &DeviceFacts),
    origin: &Origin<'_>,
) -> Result<(), StoreError> {
    let sql = "UPDATE devices d SET name = ?, kind = ?::device_kind, icon = ?, house_id = ?,
            location = ?, is_active = true, retired_at = NULL,
            type = CASE WHEN d.type::text = ANY (?) AND ? THEN ?::device_type ELSE d.type END, approved_at = coalesce(d.approved_at, ?),
            position = CASE WHEN d.approved_at IS NULL THEN (
                SELECT coalesce(max(o.position) + 1, 0) FROM devices o WHERE o.farm_id = d.farm_id
                    AND o.id <> d.id AND o.approved_at IS NOT NULL AND o.deleted_at IS NULL)
                ELSE d.position END
        WHERE d.id = ? AND d.farm_id = ?";
    let switches = DeviceType::SWITCHES.map(DeviceType::name);
    Statement::<()>::new(
        sql,
        &[
            &facts.name.as_str(),
            &facts.kind.name(),
            &facts.icon.map(DeviceIcon::name),
            &facts.house.map(|house| house.0),
            &facts.location.as_deref(),
            &Column(&switches),
            &switches.contains(&facts.device_type.name()),
            &facts.device_type.name(),
            &PgTime(origin.at),
            &device.0,
            &scope.farm().0,
        ],
    )
    .run(connection)
    .await?;
    Ok(())
}

/// The facts as an event keeps them.
#[derive(Serialize)]
struct Told<'a> {
    name: &'a str,
    kind: &'static str,
    r#type: &'static str,
    icon: Option<&'static str>,
    house: Option<HouseId>,
    location: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(facts: &'a DeviceFacts) -> Self {
        Self {
            name: &facts.name,
            kind: facts.kind.name(),
            r#type: facts.device_type.name(),
            icon: facts.icon.map(DeviceIcon::name),
            house: facts.house,
            location: facts.location.as_deref(),
        }
    }
}
