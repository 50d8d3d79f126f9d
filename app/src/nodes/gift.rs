//! What a form that gives a controller away makes: the same, however often it is sent.
use crate::{
    error::AppError,
    once::{self, Once},
    state::AppState,
    visitor::Visitor,
};
use domain::{NodeId, Timestamp, codes::Code, credentials};
use store::{
    FarmScope, StoreError,
    nodes::{self, Away, CLAIM, Gift, Given},
};

/// Until when the code of what was given away at a time is good.
pub(super) fn until(at: Timestamp) -> Timestamp {
    at.plus(CLAIM)
}

/// What a form makes.
pub(super) struct Made {
    once: Once,
    /// What its codes follow from besides.
    ours: Vec<u8>,
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
        Ok(Self { once, ours, mark })
    }

    /// What the next farm types: the first code of the form that was nobody's.
    pub(super) fn code(&self, place: u8) -> Code {
        self.once.code("give", &self.ours, place)
    }

    /// Gives the controller away with the code of a place.
    pub(super) async fn give(
        &self,
        state: &AppState,
        visitor: &Visitor,
        scope: &FarmScope,
        (node, place): (NodeId, u8),
    ) -> Result<Given, StoreError> {
        let now = state.clock.now();
        // nobody is ever told the password
        let hash = credentials::hash(&credentials::password(rand::random()), rand::random());
        let (code, until, mark) = (&self.code(place), until(now), &self.mark);
        let gift = Gift { code, place, until, password_hash: &hash, mark };
        let origin = visitor.origin(now);
        let given = nodes::give_away(&state.database, scope, (node, gift), &origin).await?;
        Ok(given.tell(&state.bus))
    }

    /// The controller that was given away with it, while that is shown.
    pub(super) async fn given(
        &self,
        state: &AppState,
        scope: &FarmScope,
    ) -> Result<Option<Away>, AppError> {
        let look = async |conn: &mut _| nodes::given_away(conn, scope.farm(), &self.mark).await;
        let given: Option<Away> = scope.read(&state.database, look).await?;
        Ok(given.filter(|away| once::is_shown(away.at, state.clock.now())))
    }
}
