//! The places of a farm's devices, held while one of them is changed: of two who give one name at a place at once,
//! the second sees the first one's.
use super::DeviceFacts;
use crate::{FarmScope, StoreError, statement::Statement};
use diesel::{
    OptionalExtension as _,
    prelude::Queryable,
    sql_types::{Bool, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, HouseId,
    devices::{DeviceIcon, DeviceKind, DeviceType},
    names::same_key,
};
use uuid::Uuid;

/// A device that nobody changes until the transaction ends.
#[derive(Debug, Clone)]
pub(super) struct Locked {
    /// What is said of it.
    pub(super) facts: DeviceFacts,
    /// Whether it is still to be accepted.
    pub(super) is_new: bool,
    pub(super) is_active: bool,
    /// Whether it has something to switch, and a node that can be told.
    pub(super) can_switch: bool,
    /// Whether it last said so.
    pub(super) is_off: bool,
}

type Columns = (
    Text,
    Text,
    Nullable<Text>,
    Nullable<SqlUuid>,
    Nullable<Text>,
    Text,
    Bool,
    Bool,
    Bool,
    Nullable<Text>,
);

#[derive(Queryable)]
struct Row {
    name: String,
    kind: String,
    icon: Option<String>,
    house: Option<Uuid>,
    location: Option<String>,
    device_type: String,
    is_new: bool,
    is_active: bool,
    has_node: bool,
    state: Option<String>,
}

/// Finds one of a farm's devices and holds it, and after the farm: in this order by everybody who gives names.
pub(super) async fn lock(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    device: DeviceId,
) -> Result<Option<Locked>, StoreError> {
    let sql = "SELECT id FROM farms WHERE id = ? FOR NO KEY UPDATE";
    Statement::<()>::new(sql, &[&scope.farm().0]).run(connection).await?;
    let sql = "SELECT name, kind::text, icon, house_id, location, type::text, approved_at IS NULL, is_active,
            node_id IS NOT NULL, reported_state
        FROM devices WHERE id = ? AND farm_id = ? AND deleted_at IS NULL FOR NO KEY UPDATE";
    let row: Option<Row> = Statement::<Columns>::new(sql, &[&device.0, &scope.farm().0])
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.and_then(Row::locked))
}

impl Row {
    /// Nothing of a row of another release, whose words are not known.
    fn locked(self) -> Option<Locked> {
        let device_type = DeviceType::parse(&self.device_type)?;
        let facts = DeviceFacts {
            name: self.name,
            kind: DeviceKind::parse(&self.kind),
            device_type,
            icon: self.icon.and_then(|icon| DeviceIcon::parse(&icon)),
            house: self.house.map(HouseId),
            location: self.location,
        };
        Some(Locked {
            facts,
            is_new: self.is_new,
            is_active: self.is_active,
            can_switch: self.has_node && !device_type.is_input(),
            is_off: self.state.as_deref() == Some("off"),
        })
    }
}

/// Where a device hangs or is to hang.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The house; `None` if it serves the whole farm.
    pub(super) house: Option<HouseId>,
    pub(super) device: DeviceId,
}

impl Place {
    /// Whether another device in use there is called so.
    pub(super) async fn has_namesake(
        self,
        connection: &mut AsyncPgConnection,
        scope: &FarmScope,
        name: &str,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT name FROM devices WHERE farm_id = ? AND house_id IS NOT DISTINCT FROM ? AND id <> ?
            AND is_active AND approved_at IS NOT NULL AND deleted_at IS NULL";
        let house = self.house.map(|house| house.0);
        let names: Vec<String> =
            Statement::<Text>::new(sql, &[&scope.farm().0, &house, &self.device.0])
                .load(connection)
                .await?;
        let key = same_key(name);
        Ok(names.iter().any(|other| same_key(other) == key))
    }
}
