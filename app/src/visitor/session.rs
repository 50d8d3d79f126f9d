//! The session of a visitor: how it begins, is noted, and ends.
use super::{Visitor, renewal::confirm};
use crate::{error::AppError, state::AppState};
use domain::{FarmId, Timestamp, UserId};
use std::time::Duration;
use store::{
    Opened,
    sessions::{self, Account, Ending, TokenHash},
};
use tower_sessions::{
    Expiry, Session,
    session::{Error, Id},
    session_store,
};

/// The session's entry that the session store fills with the account.
pub const ACCOUNT: &str = "account";
/// Set by sign-in: whose session it becomes.
pub const USER: &str = "user";
/// Set by sign-in: where it came from.
pub const CAME: &str = "came";
/// Set by sign-in: whether it is on somebody else's phone.
pub const BORROWED: &str = "borrowed";
/// The farm last looked at.
pub const FARM: &str = "farm";
/// When the session was last used, in microseconds.
pub const SEEN: &str = "seen";

/// A session's use is noted once in this span, not at every request.
const NOTED_EVERY: Duration = Duration::from_secs(3600);

/// A sign-in that has succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignIn {
    /// Whose.
    pub(crate) user: UserId,
    /// On somebody else's phone: ends with the browser, and after half an hour at the latest.
    pub(crate) is_borrowed: bool,
}

impl From<UserId> for SignIn {
    fn from(user: UserId) -> Self {
        Self { user, is_borrowed: false }
    }
}

/// Whose session it is, and the transaction of a page of theirs if one is to begin. In one query, whatever
/// Redis says: PostgreSQL decides.
pub(super) async fn look(
    state: &AppState,
    (session, token): (&Session, &TokenHash),
    page_of: Option<FarmId>,
) -> Result<(Option<Account>, Opened), AppError> {
    let now = state.clock.now();
    let (account, opened) = match page_of {
        Some(farm) => sessions::open(&state.database, token, now, farm).await?,
        None => {
            let mut connection = state.database.get().await?;
            (sessions::find(&mut connection, token, now).await?, Opened::default())
        }
    };
    match &account {
        // the session layer takes the cookie back
        None => session.flush().await.map_err(session_error)?,
        Some(account) if account.is_current && account.is_unconfirmed => {
            opened.settle().await;
            confirm(state, account.user, token).await;
        }
        Some(_) => {}
    }
    Ok((account, opened))
}

impl Visitor {
    /// Notes that the session is in use, and on which farm if on any. Most visits change nothing, and what is only
    /// fetched ahead is no visit; nor is what comes while the token changes, since its answer would bring
    /// the browser the old one again.
    ///
    /// # Errors
    /// The session can not be reached.
    pub async fn visits(
        &self,
        farm: impl Into<Option<FarmId>>,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let (Some(account), Some(session)) = (&self.account, &self.session) else { return Ok(()) };
        if self.is_prefetch || account.must_rotate || !account.is_current {
            return Ok(());
        }
        let farm = farm.into();
        let is_new_farm = farm.is_some() && account.last_farm != farm;
        if is_new_farm || now.since(account.last_activity) > NOTED_EVERY {
            self.settle().await;
            if let Some(farm) = farm {
                session.insert(FARM, farm).await.map_err(session_error)?;
            }
            session.insert(SEEN, now).await.map_err(session_error)?;
            if account.is_borrowed {
                session.set_expiry(Some(Expiry::OnSessionEnd));
            }
        }
        Ok(())
    }

    /// Begins a session, under an id that nobody has known before.
    ///
    /// # Errors
    /// The old session can not be ended, or the new one not be kept.
    pub(crate) async fn enter(
        &self,
        state: &AppState,
        new: impl Into<SignIn>,
    ) -> Result<(), AppError> {
        self.leave(state).await?;
        let SignIn { user, is_borrowed } = new.into();
        let session = self.session()?;
        if is_borrowed {
            session.set_expiry(Some(Expiry::OnSessionEnd));
            session.insert(BORROWED, true).await.map_err(session_error)?;
        }
        session.insert(USER, user).await.map_err(session_error)?;
        session.insert(CAME, &self.came).await.map_err(session_error)?;
        // Here, where a failure can be told: the session layer would only answer a bare 500.
        session.save().await.map_err(session_error)
    }

    /// Ends the session that the browser named, also that of somebody who is locked out by now.
    ///
    /// # Errors
    /// The session can not be ended.
    pub(crate) async fn leave(&self, state: &AppState) -> Result<(), AppError> {
        let Some(token) = &self.token else { return Ok(()) };
        let ending = Ending {
            token,
            address: Some(self.came.address),
            user_agent: Some(&self.came.user_agent),
            now: state.clock.now(),
        };
        sessions::end(&state.database, &state.cache, &ending).await?;
        let session = self.session()?;
        if session.id().is_some() {
            session.flush().await.map_err(session_error)?;
        }
        Ok(())
    }

    /// The session itself.
    ///
    /// # Errors
    /// The request came without the session layer.
    pub(crate) fn session(&self) -> Result<&Session, AppError> {
        self.session.as_ref().ok_or(AppError::Unknown)
    }
}

/// How the store knows a session.
pub fn token(id: &Id) -> TokenHash {
    TokenHash::of(&id.to_string())
}

pub(super) fn session_error(error: Error) -> AppError {
    match error {
        Error::Store(session_store::Error::Backend(error)) => {
            tracing::warn!(error, "The database did not answer in time for a session");
            AppError::Unavailable
        }
        error => {
            tracing::error!(error = %error, "A session could not be read or written");
            AppError::Unknown
        }
    }
}
