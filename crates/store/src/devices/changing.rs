//! Accepting a new device, and changing what is said of one: both are the same form.
use crate::{Database, FarmScope, Origin, StoreError, pg::PgTime, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{Bool, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, HouseId,
    devices::{DeviceIcon, DeviceKind},
    events::EventKind,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// What people say of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFacts {
    /// What it is called, cleaned.
    pub name: String,
    /// What it is for.
    pub kind: DeviceKind,
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
}

/// Says what a device is and where it hangs, and accepts it if it is new. A new one comes behind the others.
pub async fn save(
    database: &Database,
    scope: &FarmScope,
    (device, facts): (DeviceId, &DeviceFacts),
    origin: &Origin<'_>,
) -> Result<Saved, StoreError> {
    scope
        .run(database, async |conn| {
            let Some((before, is_new)) = lock(conn, scope, device).await? else {
                return Ok(Saved::NoDevice);
            };
            if !is_new && before == *facts {
                return Ok(Saved::Same);
            }
            if let Some(house) = facts.house
                && !is_house(conn, scope, house).await?
            {
                return Ok(Saved::NoHouse);
            }
            write(conn, scope, (device, facts), origin).await?;
            let (kind, saved) = match is_new {
                true => (EventKind::DeviceApproved, Saved::Accepted),
                false => (EventKind::DeviceChanged, Saved::Changed),
            };
            let (from, to) = (Told::of(&before), Told::of(facts));
            let data = json!({ "device": facts.name, "from": from, "to": to });
            origin.record_of(conn, kind, (scope, Some(device)), data).await?;
            Ok(saved)
        })
        .await
}

/// What is known of a device, and whether it is still to be accepted; nobody changes it meanwhile.
async fn lock(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    device: DeviceId,
) -> Result<Option<(DeviceFacts, bool)>, StoreError> {
    type Columns = (Text, Text, Nullable<Text>, Nullable<SqlUuid>, Nullable<Text>, Bool);
    type Row = (String, String, Option<String>, Option<Uuid>, Option<String>, bool);
    let sql = "SELECT name, kind::text, icon, house_id, location, approved_at IS NULL FROM devices
        WHERE id = ? AND farm_id = ? AND deleted_at IS NULL FOR NO KEY UPDATE";
    let row: Option<Row> = Statement::<Columns>::new(sql, &[&device.0, &scope.farm().0])
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.map(|(name, kind, icon, house, location, is_new)| {
        let icon = icon.and_then(|icon| DeviceIcon::parse(&icon));
        let (kind, house) = (DeviceKind::parse(&kind), house.map(HouseId));
        (DeviceFacts { name, kind, icon, house, location }, is_new)
    }))
}

/// Whether it is one of the farm's houses; it stays there until the transaction's end.
async fn is_house(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    house: HouseId,
) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM houses WHERE id = ? AND farm_id = ? AND deleted_at IS NULL
        FOR KEY SHARE";
    let found: Option<Uuid> = Statement::<SqlUuid>::new(sql, &[&house.0, &scope.farm().0])
        .get_result(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}

async fn write(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    (device, facts): (DeviceId, &DeviceFacts),
    origin: &Origin<'_>,
) -> Result<(), StoreError> {
    let sql = "UPDATE devices d SET name = ?, kind = ?::device_kind, icon = ?, house_id = ?,
            location = ?, approved_at = coalesce(d.approved_at, ?),
            position = CASE WHEN d.approved_at IS NULL THEN (
                SELECT coalesce(max(o.position) + 1, 0) FROM devices o WHERE o.farm_id = d.farm_id
                    AND o.id <> d.id AND o.approved_at IS NOT NULL AND o.deleted_at IS NULL)
                ELSE d.position END
        WHERE d.id = ? AND d.farm_id = ?";
    Statement::<()>::new(
        sql,
        &[
            &facts.name.as_str(),
            &facts.kind.name(),
            &facts.icon.map(DeviceIcon::name),
            &facts.house.map(|house| house.0),
            &facts.location.as_deref(),
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
    icon: Option<&'static str>,
    house: Option<HouseId>,
    location: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(facts: &'a DeviceFacts) -> Self {
        Self {
            name: &facts.name,
            kind: facts.kind.name(),
            icon: facts.icon.map(DeviceIcon::name),
            house: facts.house,
            location: facts.location.as_deref(),
        }
    }
}
