//! Controllers: the boxes that carry devices and speak with the server. A page for each, another password, and
//! another box in its place. What hangs on them are devices, which have pages of their own (`devices`).

mod figures;
mod page;
mod replace;
mod rotate;
mod tell;
mod view;

pub(crate) use page::{page, stream};
pub(crate) use replace::{page as ask_replacing, submit as replace};
pub(crate) use rotate::{page as ask_rotating, submit as rotate};
pub(crate) use tell::node_row;

use crate::{devices::Known, error::AppError, state::AppState, visitor::Visitor};
use domain::{NodeId, Timestamp};
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

    /// Its page.
    fn address(&self) -> String {
        format!("/farms/{}/nodes/{}", self.known.facts.farm.id, self.node.id)
    }
}
