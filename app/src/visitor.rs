//! Who is asking, and how they like their pages.

mod renewal;

pub use renewal::RENEWED;

use crate::{
    audit::{self, Refusal},
    error::AppError,
    forms::Done,
    reader::{ClockStyle, Digits, Lang, Reader},
    state::AppState,
};
use axum::extract::FromRequestParts;
use chrono_tz::Tz;
use domain::{FarmId, Timestamp, UserId, events::EventKind};
use http::{Method, header, request::Parts};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock},
    time::Duration,
};
use store::{
    FarmScope, Origin,
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

/// Characters of a browser's name that are kept; it may say anything.
const LONGEST_USER_AGENT: usize = 512;

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// The client's address.
    pub address: IpAddr,
    /// The browser, as it names itself.
    pub user_agent: String,
}

/// The script nonce of this request, set by the guard around all pages.
#[derive(Debug, Clone)]
pub struct Nonce(pub String);

/// The address a request came from, set by the guard around all pages.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub IpAddr);

/// Whether people reach this server by HTTPS, set by the guard around all pages: decides how cookies are made.
#[derive(Debug, Clone, Copy)]
pub struct Encrypted(pub bool);

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

/// Where a request's visitor is left, once known, for a page that may have to tell of a failure.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<OnceLock<Visitor>>);

impl Seen {
    /// The visitor, if the request came so far.
    pub fn visitor(&self) -> Option<Visitor> {
        self.0.get().cloned()
    }
}

/// Somebody who asks for a page.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// How they read.
    pub reader: Reader,
    /// Who they are, once signed in.
    pub account: Option<Account>,
    /// The page they asked for, to come back to.
    pub address: String,
    /// The script nonce of this request.
    pub nonce: String,
    /// Where the request came from.
    pub came: Came,
    /// Whether people reach this server by HTTPS.
    pub(crate) is_encrypted: bool,
    /// What the form before this page has done.
    pub(crate) done: Option<Done>,
    /// Whether the browser only fetches what somebody may want to see.
    is_prefetch: bool,
    session: Option<Session>,
    /// What the browser's cookie said, whether or not there is such a session.
    token: Option<TokenHash>,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, AppError> {
        if let Some(visitor) = parts.extensions.get::<Self>() {
            return Ok(visitor.clone());
        }
        let session = parts.extensions.get::<Session>().cloned();
        // the session forgets its id when it finds nothing under it
        let token = session.as_ref().and_then(Session::id).as_ref().map(token);
        let account = match &session {
            Some(session) => session.get::<Account>(ACCOUNT).await.map_err(session_error)?,
            None => None,
        };
        let visitor =
            Self { session, token, account: account.clone(), ..Self::new(parts, account.as_ref()) };
        if let Some(seen) = parts.extensions.get::<Seen>() {
            // the first look is as good as the second
            _ = seen.0.set(visitor.clone());
        }
        Ok(visitor)
    }
}

impl Visitor {
    /// Somebody whose session can not be looked at: for pages that tell of a failure.
    pub fn stranger(parts: &Parts) -> Self {
        Self::new(parts, None)
    }

    fn new(parts: &Parts, account: Option<&Account>) -> Self {
        let lang = Lang::choose(account.and_then(|a| Lang::parse(&a.language)), &parts.headers);
        let reader = match account {
            Some(account) => Reader {
                lang,
                digits: if account.digits == "khmer" { Digits::Khmer } else { Digits::Latin },
                clock: if account.clock == "24h" {
                    ClockStyle::Hours24
                } else {
                    ClockStyle::Hours12
                },
            },
            None => Reader::new(lang),
        };
        let nonce = parts.extensions.get::<Nonce>().map(|nonce| nonce.0.clone());
        Self {
            reader,
            account: None,
            address: address(parts).to_owned(),
            nonce: nonce.unwrap_or_default(),
            came: came(parts),
            is_encrypted: parts.extensions.get::<Encrypted>().is_some_and(|encrypted| encrypted.0),
            done: Done::read(&parts.headers),
            is_prefetch: is_prefetch(parts),
            session: None,
            token: None,
        }
    }

    /// The account of somebody who is signed in.
    ///
    /// # Errors
    /// Nobody is.
    pub fn account(&self) -> Result<&Account, AppError> {
        self.account.as_ref().ok_or(AppError::SignInFirst)
    }

    /// The time zone of pages that belong to no farm.
    pub(crate) fn zone(&self) -> Tz {
        let own = self.account.as_ref().and_then(|account| account.timezone.parse().ok());
        own.unwrap_or(chrono_tz::Asia::Phnom_Penh)
    }

    /// The token of the session that asks.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn token(&self) -> Result<&TokenHash, AppError> {
        self.token.as_ref().ok_or(AppError::SignInFirst)
    }

    /// Where a change that they ask for comes from.
    pub(crate) fn origin(&self, now: Timestamp) -> Origin<'_> {
        let (address, user_agent) = (Some(self.came.address), Some(self.came.user_agent.as_str()));
        Origin { at: now, address, user_agent }
    }

    /// The way to a farm's data. A farm of others and one that does not exist look the same, and are
    /// recorded the same.
    ///
    /// # Errors
    /// Nobody is signed in, or it is not their farm.
    pub async fn farm(&self, state: &AppState, farm: &str) -> Result<FarmScope, AppError> {
        let account = self.account()?;
        let farm: FarmId = farm.parse().map_err(|_| AppError::NotFound)?;
        if let Some(scope) = account.scope(farm) {
            return Ok(scope);
        }
        let (user, data) = (Some(account.user), json!({ "farm": farm }));
        audit::record(state, self, Refusal { kind: EventKind::AccessRefused, user, data }).await;
        Err(AppError::NotFound)
    }

    /// Notes that the session is in use, and on which farm. Most visits change nothing, and what is only
    /// fetched ahead is no visit; nor is what comes while the token changes, since its answer would bring
    /// the browser the old one again.
    ///
    /// # Errors
    /// The session can not be reached.
    pub async fn visits(&self, farm: FarmId, now: Timestamp) -> Result<(), AppError> {
        let (Some(account), Some(session)) = (&self.account, &self.session) else { return Ok(()) };
        if self.is_prefetch || account.must_rotate || !account.is_current {
            return Ok(());
        }
        let is_new_farm = account.last_farm != Some(farm);
        if is_new_farm || now.since(account.last_activity) > NOTED_EVERY {
            session.insert(FARM, farm).await.map_err(session_error)?;
            session.insert(SEEN, now).await.map_err(session_error)?;
            if account.is_borrowed {
                session.set_expiry(Some(Expiry::OnSessionEnd));
            }
        }
        Ok(())
    }

    /// Whether the session is still theirs, and they still have the place on a farm they had when they
    /// came; and whether pages would be in the same language and hand as then.
    ///
    /// # Errors
    /// The database can not be reached.
    pub(crate) async fn is_still_on(
        &self,
        state: &AppState,
        scope: &FarmScope,
    ) -> Result<bool, AppError> {
        let Some(before) = &self.account else { return Ok(false) };
        let now = sessions::find_again(&state.database, before, state.clock.now()).await?;
        let habits = |account: &Account| {
            (account.language.clone(), account.digits.clone(), account.clock.clone())
        };
        Ok(now.is_some_and(|now| {
            now.scope(scope.farm()) == Some(*scope) && habits(&now) == habits(before)
        }))
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

/// Set by the gate: the address written to is that of a page as well.
#[derive(Debug, Clone, Copy)]
pub struct IsPage;

/// What was written to can not be asked for, unless it is where its page is.
fn address(parts: &Parts) -> &str {
    let is_page = matches!(parts.method, Method::GET | Method::HEAD)
        || parts.extensions.get::<IsPage>().is_some();
    match parts.uri.path_and_query() {
        Some(address) if is_page => address.as_str(),
        _ => "/",
    }
}

/// What can be asked for and is shown: neither a form nor a stream.
fn is_document(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    parts.method == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// `Sec-Purpose: prefetch`, or `prefetch;prerender`.
fn is_prefetch(parts: &Parts) -> bool {
    let purpose = parts.headers.get("sec-purpose").and_then(|purpose| purpose.to_str().ok());
    purpose.is_some_and(|purpose| purpose.split(';').any(|part| part.trim() == "prefetch"))
}

fn came(parts: &Parts) -> Came {
    let client = parts.extensions.get::<Client>();
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok());
    Came {
        address: client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0),
        user_agent: user_agent.unwrap_or_default().chars().take(LONGEST_USER_AGENT).collect(),
    }
}

fn session_error(error: Error) -> AppError {
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
