//! Controllers: the boxes that carry devices and speak with the server. A page for each, another password, another
//! box in its place, and the way to another farm. What hangs on them are devices, which have pages of their own (`devices`).

mod figures;
mod gift;
mod give;
mod page;
mod replace;
mod rotate;
mod tell;
mod view;

pub(crate) use give::{page as ask_giving, submit as give};
pub(crate) use page::{page, stream};
pub(crate) use replace::{page as ask_replacing, submit as replace};
pub(crate) use rotate::{page as ask_rotating, submit as rotate};
pub(crate) use tell::node_row;

use crate::{devices::Known, error::AppError, state::AppState, visitor::Visitor};
use domain::{DeviceId, NodeId, Timestamp, devices::DeviceState};
use store::{
    AsyncPgConnection, FarmScope,
    nodes::{self, FarmNode, Runs},
};

/// A controller with all that is known of its farm.
#[derive(Debug, Clone)]
struct Found {
    known: Known,
    node: FarmNode,
    runs: Runs,
}

impl Found {
    /// The 404 of a missing one for whoever is none of the farm's.
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
        (id, now): (NodeId, Timestamp),
    ) -> Result<Self, AppError> {
        let known = Known::read(conn, scope, now).await?;
        let node = nodes::find(conn, scope.farm(), id).await?.ok_or(AppError::NotFound)?;
        let runs = nodes::runs(conn, id).await?;
        Ok(Self { known, node, runs })
    }

    /// Its devices that run as far as anyone knows, while they can be switched.
    fn running(&self) -> Vec<(DeviceId, String)> {
        let all = self.known.facts.farm.devices.iter();
        let own =
            all.filter(|device| device.place.as_ref().is_some_and(|at| at.id == self.node.id));
        let running = own.filter(|device| {
            let state = DeviceState::of(device.reported_state.as_deref(), self.node.is_online);
            state == DeviceState::On
        });
        running.map(|device| (device.id, device.name.clone())).collect()
    }

    /// Its page.
    fn address(&self) -> String {
        format!("/farms/{}/nodes/{}", self.known.facts.farm.id, self.node.id)
    }
}
