//! How a device is set: how often a sensor is read and how it is corrected, what a switch must keep to, what values
//! a device may take; and whether its controller has that in force.

mod calibrate;
mod form;
mod page;
mod points;
mod span;
mod tell;
mod undo;
mod view;

pub(crate) use calibrate::{page as calibration, submit as calibrate};
pub(crate) use page::{page, stream, submit as save};
pub(crate) use undo::{remove as remove_calibration, undo as undo_calibration};

use crate::{devices::Known, error::AppError, state::AppState, visitor::Visitor};
use domain::{
    DeviceId, Timestamp,
    commands::{Bounds, bounds},
    configs::{ConfigProgress, range_of},
};
use store::{
    AsyncPgConnection, FarmScope,
    configs::{self, SensorFacts, Settings},
    devices::{self, Device},
};

/// A device in use with all that is set of it.
#[derive(Debug, Clone)]
struct Found {
    known: Known,
    device: Device,
    settings: Settings,
    sensors: Vec<SensorFacts>,
    /// How far its controller's configuration has come; nothing where it has nothing to be told.
    progress: Option<ConfigProgress>,
}

impl Found {
    /// The 404 of a missing one for whoever is none of the farm's, or is not accepted yet.
    async fn load(
        state: &AppState,
        visitor: &Visitor,
        (scope, id): (&FarmScope, &str),
    ) -> Result<Self, AppError> {
        let id = id.parse().map_err(|_| AppError::NotFound)?;
        let now = state.clock.now();
        visitor.read(state, scope, async |conn| Self::read(conn, scope, (id, now)).await).await
    }

    /// The same within a transaction.
    async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        (id, now): (DeviceId, Timestamp),
    ) -> Result<Self, AppError> {
        let known = Known::read(conn, scope, now).await?;
        let device = devices::find(conn, scope.farm(), id).await?;
        let device = device.filter(|device| device.approved_at.is_some());
        let device = device.ok_or(AppError::NotFound)?;
        let settings = configs::find(conn, scope.farm(), id).await?.ok_or(AppError::NotFound)?;
        let sensors = configs::sensors(conn, scope.farm(), id).await?;
        let progress = match &device.channel {
            Some((node, _)) => configs::progress(conn, scope.farm(), *node).await?,
            None => None,
        };
        Ok(Self { known, device, settings, sensors, progress })
    }

    /// The device's page.
    fn device_address(&self) -> String {
        format!("/farms/{}/devices/{}", self.known.facts.farm.id, self.device.id)
    }

    /// The page of its settings.
    fn address(&self) -> String {
        format!("{}/settings", self.device_address())
    }

    /// The widest of the values that it may take, with their unit; nothing if it takes none.
    fn range(&self) -> Option<(Bounds, &'static str)> {
        let Settings { kind, device_type, .. } = self.settings;
        let (_, widest, unit) = range_of(device_type)?;
        bounds((kind, device_type), None).map(|_| (widest, unit))
    }

    /// Whether it measures anything.
    fn has_sensors(&self) -> bool {
        !self.sensors.is_empty() || self.settings.kind.is_sensor()
    }
}
