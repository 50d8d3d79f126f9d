//! Farms, and who belongs to them.

mod ending;
mod founding;
mod pausing;
mod settings;

pub use ending::{DeletedFarm, delete, deleted, restore};
pub use founding::{FarmError, NewFarm, create, new_id};
pub use pausing::{PausedFarm, pause, paused, resume};
pub use settings::{FarmFacts, find, update};

use crate::{
    StoreError,
    schema::{farm_users, farms},
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{FarmId, UserId, roles::Role};
use uuid::Uuid;

/// A farm as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyFarm {
    /// Identity.
    pub id: FarmId,
    /// What it is called.
    pub name: String,
    /// Where it is, in words.
    pub location: Option<String>,
    /// Its IANA time zone.
    pub timezone: String,
    /// What the member may do there.
    pub role: Role,
}

/// The farms a person belongs to, by name. The app sees those of its request's scope only.
pub async fn of_user(
    connection: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<MyFarm>, StoreError> {
    let rows: Vec<(Uuid, String, Option<String>, String, Role)> = farms::table
        .inner_join(farm_users::table.on(farm_users::farm_id.eq(farms::id)))
        .filter(farm_users::user_id.eq(user.0))
        .filter(farm_users::is_active)
        .filter(farm_users::deleted_at.is_null())
        .filter(farms::is_active)
        .filter(farms::deleted_at.is_null())
        .order((farms::name, farms::id))
        .select((farms::id, farms::name, farms::location, farms::timezone, farm_users::role))
        .load(connection)
        .await?;
    let farm = |(id, name, location, timezone, role)| MyFarm {
        id: FarmId(id),
        name,
        location,
        timezone,
        role,
    };
    Ok(rows.into_iter().map(farm).collect())
}
