//! Who is asking, and how they like their pages.
use crate::{
    audit::{self, Refusal},
    error::AppError,
    reader::{ClockStyle, Digits, Lang, Reader},
    state::AppState,
};
use axum::extract::FromRequestParts;
use domain::{FarmId, Timestamp, events::EventKind};
use http::{header, request::Parts};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock},
    time::Duration,
};
use store::{FarmScope, sessions::Account};
use tower_sessions::Session;

/// The session's entry that the session store fills with the account.
pub const ACCOUNT: &str = "account";
/// Set by sign-in: whose session it becomes.
pub const USER: &str = "user";
/// Set by sign-in: where it came from.
pub const CAME: &str = "came";
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
    /// The address they asked for, to come back to.
    pub address: String,
    /// The script nonce of this request.
    pub nonce: String,
    /// Where the request came from.
    pub came: Came,
    session: Option<Session>,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, AppError> {
        let session = parts.extensions.get::<Session>().cloned();
        let account = match &session {
            Some(session) => session.get::<Account>(ACCOUNT).await.map_err(session_error)?,
            None => None,
        };
        let visitor =
            Self { session, account: account.clone(), ..Self::new(parts, account.as_ref()) };
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
        let address = parts.uri.path_and_query().map_or("/", |address| address.as_str());
        let nonce = parts.extensions.get::<Nonce>().map(|nonce| nonce.0.clone());
        Self {
            reader,
            account: None,
            address: address.to_owned(),
            nonce: nonce.unwrap_or_default(),
            came: came(parts),
            session: None,
        }
    }

    /// The account of somebody who is signed in.
    ///
    /// # Errors
    /// Nobody is.
    pub fn account(&self) -> Result<&Account, AppError> {
        self.account.as_ref().ok_or(AppError::SignInFirst)
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

    /// Notes that the session is in use, and on which farm. Most visits change nothing.
    ///
    /// # Errors
    /// The session can not be reached.
    pub async fn visits(&self, farm: FarmId, now: Timestamp) -> Result<(), AppError> {
        let (Some(account), Some(session)) = (&self.account, &self.session) else { return Ok(()) };
        let is_new_farm = account.last_farm != Some(farm);
        if is_new_farm || now.since(account.last_activity) > NOTED_EVERY {
            session.insert(FARM, farm).await.map_err(session_error)?;
            session.insert(SEEN, now).await.map_err(session_error)?;
        }
        Ok(())
    }

    /// The session itself, for signing in and out.
    ///
    /// # Errors
    /// The request came without the session layer.
    pub fn session(&self) -> Result<&Session, AppError> {
        self.session.as_ref().ok_or(AppError::Unknown)
    }
}

fn came(parts: &Parts) -> Came {
    let client = parts.extensions.get::<Client>();
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok());
    Came {
        address: client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0),
        user_agent: user_agent.unwrap_or_default().chars().take(LONGEST_USER_AGENT).collect(),
    }
}

/// The only thing sessions fail of is their store.
pub fn session_error(error: tower_sessions::session::Error) -> AppError {
    tracing::warn!(error = %error, "The session could not be read or written");
    AppError::Unavailable
}
