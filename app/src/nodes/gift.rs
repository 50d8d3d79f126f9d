//! What a form that gives a controller away makes: the same, however often it is sent.
use crate::{
    error::AppError,
    once::{self, Once},
    state::AppState,
    visitor::Visitor,
};
use domain::{NodeId, Timestamp, codes::Code, credentials};
use std::time::Duration;
use store::{
    FarmScope, StoreError,
    nodes::{self, Gift, Given},
};

/// How long the code is good.
const LASTS: Duration = Duration::from_hours(365 * 24);

/// Until when the code of what was given away at a time is good.
pub(super) fn until(at: Timestamp) -> Timestamp {
    at.plus(LASTS)
}

/// What a form makes.
pub(super) struct Made {
    /// What the next farm types.
    pub(super) code: Code,
    /// By which the audit trail knows it again. It tells nothing of the code, which is short.
    mark: String,
}

impl Made {
    /// By the identity of a form.
    pub(super) async fn by(
        state: &AppState,
        visitor: &Visitor,
        (node, once): (NodeId, Once),
    ) -> Result<Self, AppError> {
        let ours = once::servers_part(state, visitor, node.0.as_bytes()).await?;
        let mark = Once::mark_of(&once.password("give-mark", &ours)).text();
        Ok(Self { code: once.code("give", &ours, 0), mark })
    }

    /// Gives the controller away.
    pub(super) async fn give(
        &self,
        state: &AppState,
        visitor: &Visitor,
        scope: &FarmScope,
        node: NodeId,
    ) -> Result<Given, StoreError> {
        let now = state.clock.now();
        // nobody is ever told the password
        let hash = credentials::hash(&credentials::password(rand::random()), rand::random());
        let gift =
            Gift { code: &self.code, until: until(now), password_hash: &hash, mark: &self.mark };
        let origin = visitor.origin(now);
        let given = nodes::give_away(&state.database, scope, (node, gift), &origin).await?;
        Ok(given.tell(&state.bus))
    }

    /// The controller that was given away with it and when, while that is shown.
    pub(super) async fn given(
        &self,
        state: &AppState,
        scope: &FarmScope,
    ) -> Result<Option<(String, Timestamp)>, AppError> {
        let look = async |conn: &mut _| nodes::given_away(conn, scope.farm(), &self.mark).await;
        let given: Option<(String, Timestamp)> = scope.read(&state.database, look).await?;
        Ok(given.filter(|(_, at)| once::is_shown(*at, state.clock.now())))
    }
}
