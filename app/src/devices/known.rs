//! What is known of a farm's hardware: its devices with what they say, and its controllers.
use crate::{
    error::AppError,
    home::{Facts, Teller},
    reader::Reader,
    state::AppState,
};
use domain::{DeviceId, HouseId, NodeId, NodeName, Timestamp, names::same_key};
use std::time::Duration;
use store::{
    AsyncPgConnection, FarmScope,
    home::{Device, House},
    nodes::{self, FarmNode},
};

/// A page looks again after this at the latest: signs of life are announced by nobody.
const LONGEST_REST: Duration = Duration::from_secs(15);

/// A farm's hardware.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) facts: Facts,
    /// The controllers that may sign in.
    pub(crate) nodes: Vec<FarmNode>,
    /// When that was.
    pub(crate) now: Timestamp,
}

impl Known {
    /// Everything, for streams; the 404 of a missing one for a farm that is gone.
    ///
    /// # Errors
    /// The database did not answer, or there is no such farm any more.
    pub(crate) async fn load(state: &AppState, scope: &FarmScope) -> Result<Self, AppError> {
        let now = state.clock.now();
        scope.read(&state.database, async |conn| Self::read(conn, scope, now).await).await
    }

    /// The same within a transaction.
    ///
    /// # Errors
    /// The database did not answer, or there is no such farm any more.
    pub(crate) async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let facts = Facts::read(conn, scope, now).await?.ok_or(AppError::NotFound)?;
        let nodes = nodes::of_farm(conn, scope.farm()).await?;
        Ok(Self { facts, nodes, now })
    }

    /// For one reader.
    pub(crate) fn teller(&self, reader: Reader) -> Teller<'_> {
        Teller { facts: &self.facts, reader, now: self.now }
    }

    /// A device in use, or a new one.
    pub(crate) fn device(&self, id: DeviceId) -> Option<&Device> {
        self.facts.farm.devices.iter().find(|device| device.id == id)
    }

    /// A controller.
    pub(crate) fn node(&self, id: NodeId) -> Option<&FarmNode> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// A house by what a form or an address says; nothing if the farm has none of that name.
    pub(crate) fn house(&self, id: &str) -> Option<&House> {
        let id: HouseId = id.parse().ok()?;
        self.facts.house(id)
    }

    /// Devices that wait to be accepted.
    pub(crate) fn new_devices(&self) -> impl Iterator<Item = &Device> {
        self.facts.farm.devices.iter().filter(|device| !device.is_approved)
    }

    /// Devices in use that hang in a house, or serve the whole farm.
    pub(crate) fn in_house(&self, house: Option<HouseId>) -> impl Iterator<Item = &Device> {
        let all = self.facts.farm.devices.iter();
        all.filter(move |device| device.is_approved && device.house == house)
    }

    /// Whether another device in use at that place is called so.
    pub(crate) fn has_namesake(
        &self,
        name: &str,
        house: Option<HouseId>,
        device: DeviceId,
    ) -> bool {
        let key = same_key(name);
        self.in_house(house).any(|other| other.id != device && same_key(&other.name) == key)
    }

    /// The names of all controllers.
    pub(crate) fn node_names(&self) -> Vec<NodeName> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }

    /// How long a page may wait for news: until the next value grows old.
    pub(crate) fn rest(&self) -> Duration {
        let borders = self.facts.age_borders().filter(|at| *at >= self.now);
        let next = borders.map(|at| at.since(self.now)).min();
        // a moment past the border, so that it is behind us when we look
        next.unwrap_or(LONGEST_REST).min(LONGEST_REST) + Duration::from_millis(20)
    }
}
