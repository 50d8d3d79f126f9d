//! One controller's page: whether it is heard, what hangs on it, and how it is. Whoever has just claimed it waits
//! here for its first message.
use super::{Found, tell, view::OneNode};
use crate::{
    access::Farm,
    board::{Followed, Follower, Seen},
    document::{Page, respond},
    error::AppError,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{NodeId, permissions::Permission};
use leptos::prelude::*;
use std::time::Duration;
use store::FarmScope;

/// Who waits for a first message looks this often: heartbeats are announced by nobody.
const WAITING: Duration = Duration::from_secs(2);

/// `GET /farms/{farm}/nodes/{node}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let now = found.known.now;
    visitor.visits(scope.farm(), now).await?;
    let reader = visitor.reader;
    let may_edit = scope.role().may(Permission::EditDevices);
    let board = tell::board(&found, reader, may_edit);
    let page = Page {
        title: reader.say_with("controller", &[("node", found.node.name.as_str())]),
        farm: Some((scope.farm(), found.known.facts.farm.name.clone())),
        live: Some(board.source(format!("{}/live", found.address()), now)),
        ..Page::default()
    };
    Ok(respond(&state, &visitor, page, || view! { <OneNode reader found board may_edit/> }))
}

/// The page as it is followed.
struct NodePage {
    node: NodeId,
    may_edit: bool,
}

impl Followed for NodePage {
    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let wanted = (self.node, state.clock.now());
        let read = async |conn: &mut _| Found::read(conn, scope, wanted).await;
        let found = scope.read(&state.database, read).await?;
        let board = tell::board(&found, reader, self.may_edit);
        let rest = match found.node.last_seen_at {
            None => WAITING,
            Some(_) => found.known.rest(),
        };
        Ok(Some(Seen { board, nodes: vec![found.node.name], rest }))
    }
}

/// `GET /farms/{farm}/nodes/{node}/live`.
pub(crate) async fn stream(
    Path((_, id)): Path<(String, String)>,
    follower: Follower,
) -> Result<Response, AppError> {
    let node: NodeId = id.parse().map_err(|_| AppError::NotFound)?;
    let may_edit = follower.scope.role().may(Permission::EditDevices);
    follower.follow(NodePage { node, may_edit }).await
}
