//! What runs, or was told to, and stands in the way of other devices.
use super::{
    facts::{Facts, InterlocksColumns, InterlocksRow, interlocks},
    open::is_open,
};
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::{
    prelude::Queryable,
    sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, Timestamp,
    commands::{Neighbour, Place, counterpart},
    devices::DeviceKind,
};
use uuid::Uuid;

/// A device that runs or was told to.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(super) farm: FarmId,
    pub(super) device: DeviceId,
    kind: DeviceKind,
    house: Option<HouseId>,
    group: Option<String>,
    excludes_heat_and_cooling: bool,
    pub(super) ends_at: Option<Timestamp>,
    /// It does not run, and what it was told is not on its way.
    pub(super) is_only_wanted: bool,
}

impl Running {
    /// A device that was told just now to run.
    pub(super) fn begun(facts: &Facts) -> Self {
        Self {
            farm: facts.farm,
            device: facts.device,
            kind: facts.kind,
            house: facts.house,
            group: facts.interlocks.exclusive_group.clone(),
            excludes_heat_and_cooling: facts.interlocks.excludes_heat_and_cooling,
            ends_at: None,
            is_only_wanted: false,
        }
    }

    /// As the rules want it.
    pub(super) fn neighbour(&self) -> Neighbour<'_> {
        Neighbour {
            device: self.device,
            place: Place {
                house: self.house,
                kind: self.kind,
                group: self.group.as_deref(),
                excludes_heat_and_cooling: self.excludes_heat_and_cooling,
            },
            ends_at: self.ends_at,
        }
    }
}

type RunningColumns =
    (SqlUuid, SqlUuid, Text, Nullable<SqlUuid>, Nullable<Timestamptz>, Bool, InterlocksColumns);

#[derive(Queryable)]
struct RunningRow {
    device: Uuid,
    farm: Uuid,
    kind: String,
    house: Option<Uuid>,
    ends_at: Option<PgTime>,
    is_only_wanted: bool,
    interlocks: InterlocksRow,
}

/// What runs of these devices and of those that they exclude: the same group of the farm, the counterpart in
/// the house. On a farm of a thousand fans that run, nothing else is read.
pub(super) async fn beside(
    connection: &mut AsyncPgConnection,
    devices: &[Facts],
    now: Timestamp,
) -> Result<Vec<Running>, StoreError> {
    let ids: Vec<Uuid> = devices.iter().map(|facts| facts.device.0).collect();
    let (houses, kinds): (Vec<Uuid>, Vec<&str>) = counterparts(devices).into_iter().unzip();
    let (farms, groups): (Vec<Uuid>, Vec<&str>) = groups(devices).into_iter().unzip();
    let sql = concat!(
        "WITH beside AS MATERIALIZED (
            SELECT unnest(?) AS id
            UNION
            SELECT d.id FROM unnest(?, ?) AS other (house_id, kind)
            JOIN devices d ON d.house_id = other.house_id AND d.kind::text = other.kind
            UNION
            SELECT i.device_id FROM unnest(?, ?) AS other (farm_id, name)
            JOIN interlocks i ON i.farm_id = other.farm_id AND i.exclusive_group = other.name)
        SELECT d.id, d.farm_id, d.kind::text, d.house_id,
            (SELECT done.ends_at FROM (
                SELECT c.completed_at
                    + (c.command_params ->> 'duration_ms')::float8 * interval '1 millisecond' AS ends_at
                FROM device_commands c WHERE c.device_id = d.id AND c.status = 'completed'
                ORDER BY c.place DESC LIMIT 1) done WHERE done.ends_at > ?),
            d.reported_state IS DISTINCT FROM 'on' AND NOT told.is_sent,
            i.max_on_s, i.min_on_s, i.min_off_s, i.max_starts_per_hour, i.exclusive_group,
            i.excludes_heat_and_cooling, i.on_link_loss::text
        FROM beside
        JOIN devices d ON d.id = beside.id AND d.deleted_at IS NULL
        LEFT JOIN interlocks i ON i.device_id = d.id
        CROSS JOIN LATERAL (
            SELECT count(*) > 0 AS is_on, count(o.attempted_at) > 0 AS is_sent
            FROM device_commands o
            WHERE o.device_id = d.id AND ",
        is_open!("o"),
        "       AND o.command_type <> 'off'
                AND (o.command_params ->> 'value')::float8 IS DISTINCT FROM 0) told
        WHERE d.reported_state = 'on' OR told.is_on"
    );
    let (ids, houses, kinds) = (Column(&ids[..]), Column(&houses[..]), Column(&kinds[..]));
    let (farms, groups) = (Column(&farms[..]), Column(&groups[..]));
    let rows: Vec<RunningRow> = Statement::<RunningColumns>::new(
        sql,
        &[&ids, &houses, &kinds, &farms, &groups, &PgTime(now)],
    )
    .load(connection)
    .await?;
    let running = |row: RunningRow| {
        let kind = DeviceKind::parse(&row.kind);
        let interlocks = interlocks(kind, row.interlocks);
        Running {
            farm: FarmId(row.farm),
            device: DeviceId(row.device),
            kind,
            house: row.house.map(HouseId),
            group: interlocks.exclusive_group,
            excludes_heat_and_cooling: interlocks.excludes_heat_and_cooling,
            ends_at: row.ends_at.map(Timestamp::from),
            is_only_wanted: row.is_only_wanted,
        }
    };
    Ok(rows.into_iter().map(running).collect())
}

/// The houses and the kinds that work there against one of these devices.
fn counterparts(devices: &[Facts]) -> Vec<(Uuid, &'static str)> {
    let excluding = devices.iter().filter(|facts| facts.interlocks.excludes_heat_and_cooling);
    let mut others: Vec<_> = excluding
        .filter_map(|facts| Some((facts.house?.0, counterpart(facts.kind)?.name())))
        .collect();
    others.sort_unstable();
    others.dedup();
    others
}

/// The farms and the groups to which one of these devices belongs.
fn groups(devices: &[Facts]) -> Vec<(Uuid, &str)> {
    let mut groups: Vec<_> = devices
        .iter()
        .filter_map(|facts| Some((facts.farm.0, facts.interlocks.exclusive_group.as_deref()?)))
        .collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}
