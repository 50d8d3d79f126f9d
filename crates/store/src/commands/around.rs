//! What the rules ask before something is done with devices: they themselves, what runs that may exclude them,
//! which stops stand. It is read after the devices are locked, in statements of its own: what another transaction
//! did meanwhile is seen.
use super::{
    facts::{Facts, facts},
    running::{self, Running},
};
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::sql_types::{Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, StopId, Timestamp,
    commands::{Action, Neighbour, Stop},
};
use uuid::Uuid;

/// Devices, and what runs and stands around them.
#[derive(Debug, Clone)]
pub(crate) struct Around {
    pub(crate) devices: Vec<Facts>,
    pub(crate) running: Vec<Running>,
    pub(crate) stops: Vec<(FarmId, Stop)>,
}

impl Around {
    /// All about these devices.
    pub(crate) async fn load(
        connection: &mut AsyncPgConnection,
        devices: &[Uuid],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let devices = facts(connection, devices, now).await?;
        let mut farms: Vec<Uuid> = devices.iter().map(|facts| facts.farm.0).collect();
        farms.sort_unstable();
        farms.dedup();
        let running = running::beside(connection, &devices, now).await?;
        Ok(Self { devices, running, stops: stops(connection, &farms).await? })
    }

    /// What is known of a device.
    pub(crate) fn find(&self, device: DeviceId) -> Option<&Facts> {
        self.devices.iter().find(|facts| facts.device == device)
    }

    /// The stop that bars a device; of several the one that was pressed first.
    pub(crate) fn stop_of(&self, facts: &Facts) -> Option<Stop> {
        let stops = self.stops.iter().filter(|(farm, _)| *farm == facts.farm).map(|(_, stop)| stop);
        let what = (facts.kind, facts.device_type);
        stops.copied().find(|stop| stop.bars(facts.service, what, facts.house))
    }

    /// When a device ends by itself what it does, if that is known.
    pub(crate) fn ends_at(&self, device: DeviceId) -> Option<Timestamp> {
        self.running.iter().find(|running| running.device == device)?.ends_at
    }

    /// What runs beside a device, with what has yet to be sent if `wanted_too`.
    pub(crate) fn neighbours(&self, facts: &Facts, wanted_too: bool) -> Vec<Neighbour<'_>> {
        let is_other = |other: &&Running| {
            other.farm == facts.farm
                && other.device != facts.device
                && (wanted_too || !other.is_only_wanted)
        };
        self.running.iter().filter(is_other).map(Running::neighbour).collect()
    }

    /// A device was told something: what is asked next must know.
    pub(crate) fn told(&mut self, device: DeviceId, action: Action) {
        let Some(facts) = self.devices.iter_mut().find(|facts| facts.device == device) else {
            return;
        };
        facts.newest = Some(action);
        if !action.is_off() {
            self.running.push(Running::begun(facts));
        }
    }
}

/// The emergency stops that stand on these farms, first pressed first.
async fn stops(
    connection: &mut AsyncPgConnection,
    farms: &[Uuid],
) -> Result<Vec<(FarmId, Stop)>, StoreError> {
    type Row = (Uuid, Uuid, Option<Uuid>, bool, PgTime);
    let sql = "SELECT farm_id, id, house_id, includes_fans, pressed_at FROM emergency_stops
        WHERE farm_id = ANY (?) AND released_at IS NULL ORDER BY pressed_at, id";
    let rows: Vec<Row> =
        Statement::<(SqlUuid, SqlUuid, Nullable<SqlUuid>, Bool, Timestamptz)>::new(
            sql,
            &[&Column(farms)],
        )
        .load(connection)
        .await?;
    let stop = |(farm, id, house, includes_fans, since): Row| {
        let house = house.map(HouseId);
        (FarmId(farm), Stop { id: StopId(id), house, includes_fans, since: since.into() })
    };
    Ok(rows.into_iter().map(stop).collect())
}
