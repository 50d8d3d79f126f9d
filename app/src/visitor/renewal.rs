//! A session gets a new token once its person's rights have changed, so that nobody who knew the old one
//! has the new rights. Requests that are on their way with the old token are answered until half a minute
//! after the new one was first seen; none of their answers brings the browser the old one again. Where the
//! answer with the new one was lost, the old one gets another.
use super::{
    Visitor,
    request::is_document,
    session::{session_error, token},
};
use crate::{error::AppError, state::AppState};
use domain::UserId;
use http::{Method, request::Parts};
use std::time::Duration;
use store::sessions::{self, TokenHash};
use tokio::time::timeout;
use tower_sessions::{Expiry, session::Id};

/// The session's entry that tells the session store under which id it goes on.
pub const RENEWED: &str = "renewed";

/// A confirmation that takes longer is left to the next request.
const CONFIRMING: Duration = Duration::from_secs(1);

/// The browser has its new token. Where that can not be noted, the old one is taken a little longer.
pub(super) async fn confirm(state: &AppState, user: UserId, token: &TokenHash) {
    let confirmed = sessions::confirm(&state.database, user, token, state.clock.now());
    match timeout(CONFIRMING, confirmed).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(error = %error, "A new token could not be confirmed"),
        Err(_) => tracing::warn!("A new token could not be confirmed in time"),
    }
}

impl Visitor {
    /// Whether an answer may bring a new token: the browser is sure to take it from a page that it goes to,
    /// or from a form. What is fetched ahead may be thrown away, and streams last.
    pub(crate) fn may_renew(&self, parts: &Parts) -> bool {
        let mode = parts.headers.get("sec-fetch-mode").and_then(|mode| mode.to_str().ok());
        let is_opened = is_document(parts) && mode.is_none_or(|mode| mode == "navigate");
        let must = self.account.as_ref().is_some_and(|account| account.must_rotate);
        must && !self.is_prefetch && (is_opened || parts.method == Method::POST)
    }

    /// Gives the session a new token, unless it ended with this request or another request was faster.
    ///
    /// # Errors
    /// The database can not be reached.
    pub(crate) async fn renew(&self, state: &AppState) -> Result<(), AppError> {
        let (Some(account), Some(old)) = (&self.account, &self.token) else { return Ok(()) };
        let session = self.session()?;
        if session.id().is_none_or(|id| token(&id) != *old) {
            return Ok(());
        }
        let (id, now) = (Id::default(), state.clock.now());
        let tokens = (old, &token(&id));
        let replaced = sessions::rotate(&state.database, account.user, tokens, now).await?;
        let Some(replaced) = replaced else { return Ok(()) };
        state.cache.forget_session(&replaced).await;
        if account.is_borrowed {
            session.set_expiry(Some(Expiry::OnSessionEnd));
        }
        session.insert(RENEWED, id.to_string()).await.map_err(session_error)?;
        // the session layer keeps it anew at the end of the request, and tells the browser
        session.cycle_id().await.map_err(session_error)
    }
}
