//! Who is asking, and how they like their pages.
use crate::{
    error::AppError,
    reader::{ClockStyle, Digits, Lang, Reader},
    state::AppState,
};
use axum::extract::{ConnectInfo, FromRequestParts};
use domain::{FarmId, Timestamp};
use http::{header, request::Parts};
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
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
    /// Whether the browser only fetches what somebody may want to see.
    is_prefetch: bool,
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
            is_prefetch: is_prefetch(parts),
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

    /// The way to a farm's data. A farm of others and one that does not exist look the same.
    ///
    /// # Errors
    /// Nobody is signed in, or it is not their farm.
    pub fn farm(&self, farm: &str) -> Result<FarmScope, AppError> {
        let account = self.account()?;
        let farm: FarmId = farm.parse().map_err(|_| AppError::NotFound)?;
        account.scope(farm).ok_or(AppError::NotFound)
    }

    /// Notes that the session is in use, and on which farm. Most visits change nothing, and what is only
    /// fetched ahead is no visit.
    ///
    /// # Errors
    /// The session can not be reached.
    pub async fn visits(&self, farm: FarmId, now: Timestamp) -> Result<(), AppError> {
        let (Some(account), Some(session)) = (&self.account, &self.session) else { return Ok(()) };
        if self.is_prefetch {
            return Ok(());
        }
        let is_new_farm = account.last_farm != Some(farm);
        if is_new_farm || now.since(account.last_activity) > NOTED_EVERY {
            session.insert(FARM, farm).await.map_err(session_error)?;
            session.insert(SEEN, now).await.map_err(session_error)?;
        }
        Ok(())
    }

    /// Whether the session is still theirs, and they still have the place on a farm they had when they
    /// came; and whether pages would be in the same language and hand as then.
    ///
    /// # Errors
    /// The session can not be reached.
    pub async fn is_still_on(&self, scope: &FarmScope) -> Result<bool, AppError> {
        let (Some(before), Some(session)) = (&self.account, &self.session) else {
            return Ok(false);
        };
        session.load().await.map_err(session_error)?;
        let now = session.get::<Account>(ACCOUNT).await.map_err(session_error)?;
        let habits = |account: &Account| {
            (account.language.clone(), account.digits.clone(), account.clock.clone())
        };
        Ok(now.is_some_and(|now| {
            now.scope(scope.farm()) == Some(*scope) && habits(&now) == habits(before)
        }))
    }

    /// The session itself, for signing in and out.
    ///
    /// # Errors
    /// The request came without the session layer.
    pub fn session(&self) -> Result<&Session, AppError> {
        self.session.as_ref().ok_or(AppError::Unknown)
    }
}

/// `Sec-Purpose: prefetch`, or `prefetch;prerender`.
fn is_prefetch(parts: &Parts) -> bool {
    let purpose = parts.headers.get("sec-purpose").and_then(|purpose| purpose.to_str().ok());
    purpose.is_some_and(|purpose| purpose.split(';').any(|part| part.trim() == "prefetch"))
}

fn came(parts: &Parts) -> Came {
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let user_agent = parts.headers.get(header::USER_AGENT);
    Came {
        address: connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip()),
        user_agent: user_agent.and_then(|name| name.to_str().ok()).unwrap_or_default().to_owned(),
    }
}

/// The only thing sessions fail of is their store.
pub fn session_error(error: tower_sessions::session::Error) -> AppError {
    tracing::warn!(error = %error, "The session could not be read or written");
    AppError::Unavailable
}
