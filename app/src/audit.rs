//! What people were refused, in the audit trail: events without a farm, since the web may not even know
//! whether there is such a farm. Who goes on and on fills the log and not the database.
use crate::{limits::Subject, state::AppState, visitor::Visitor};
use domain::{UserId, events::EventKind};
use serde_json::{Value, json};
use store::events::{self, NewEvent};

/// A refusal.
pub(crate) struct Refusal {
    /// What was refused.
    pub(crate) kind: EventKind,
    /// Whose account it is about, if there is one.
    pub(crate) user: Option<UserId>,
    /// What goes with it. Never what was typed: people type passwords into the wrong field.
    pub(crate) data: Value,
}

/// Records a refusal. That it can not be recorded changes nothing for the visitor.
pub(crate) async fn record(state: &AppState, visitor: &Visitor, refusal: Refusal) {
    visitor.settle().await;
    let now = state.clock.now();
    let who = match &visitor.account {
        Some(account) => Subject::account(account.user),
        None => Subject::address(visitor.came.address),
    };
    if state.limits.audited.take(&[who], now).await.is_err() {
        tracing::info!(event.kind = refusal.kind.name(), "A refusal among too many to record");
        return;
    }
    let event = NewEvent {
        user: refusal.user,
        data: refusal.data,
        address: Some(visitor.came.address),
        user_agent: Some(&visitor.came.user_agent),
        ..NewEvent::new(refusal.kind, now)
    };
    if let Err(error) = events::record_alone(&state.database, &event).await {
        tracing::warn!(error = %error, "A refusal could not be recorded");
    }
}

/// Records why somebody who wanted into an account was not let in: at the door, or asked once more.
pub(crate) async fn refuse_sign_in(
    state: &AppState,
    visitor: &Visitor,
    (user, reason): (Option<UserId>, &'static str),
) {
    let (kind, data) = (EventKind::SignInRefused, json!({ "reason": reason }));
    record(state, visitor, Refusal { kind, user, data }).await;
}
