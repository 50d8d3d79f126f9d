//! Who is asking, and how they like their pages.

mod left;
mod renewal;
mod request;
mod session;

pub use renewal::RENEWED;
pub use request::{Came, Client, Encrypted, IsPage, Nonce};
pub(crate) use session::SignIn;
pub use session::{ACCOUNT, BORROWED, CAME, FARM, SEEN, USER, token};

use crate::{
    audit::{self, Refusal},
    error::AppError,
    forms::Done,
    once::Once,
    reader::{ClockStyle, Digits, Lang, Reader, zone},
    state::AppState,
};
use axum::extract::FromRequestParts;
use chrono_tz::Tz;
use domain::{FarmId, Timestamp, events::EventKind, permissions::Permission};
use http::request::Parts;
use request::{address, came, is_prefetch};
use serde_json::json;
use std::sync::{Arc, OnceLock};
use store::{
    AsyncPgConnection, FarmScope, Opened, Origin, StoreError,
    sessions::{self, Account, TokenHash},
    stops::Notice,
};
use tower_sessions::Session;

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
    /// By what they may see again what is shown once. A page that shows it takes this; any other page makes
    /// the browser forget it.
    pub(crate) once: Option<Once>,
    /// Whether the browser only fetches what somebody may want to see.
    is_prefetch: bool,
    session: Option<Session>,
    /// What the browser's cookie said, whether or not there is such a session.
    token: Option<TokenHash>,
    /// The transaction of the page that they ask for.
    opened: Opened,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        match parts.extensions.get::<Self>() {
            Some(visitor) => Ok(visitor.clone()),
            None => Self::arrive(parts, state, None).await,
        }
    }
}

impl Visitor {
    /// Looks who comes. A page of a farm gets its transaction on the way, for [`Visitor::read`]; who lets
    /// it be opened settles it.
    ///
    /// # Errors
    /// The database can not be reached.
    pub(crate) async fn arrive(
        parts: &Parts,
        state: &AppState,
        page_of: Option<FarmId>,
    ) -> Result<Self, AppError> {
        let session = parts.extensions.get::<Session>().cloned();
        // the session forgets its id when there is nothing under it
        let token = session.as_ref().and_then(Session::id).as_ref().map(token);
        let (account, opened) = match session.as_ref().zip(token.as_ref()) {
            Some(known) => session::look(state, known, page_of).await?,
            None => (None, Opened::default()),
        };
        let new = Self::new(parts, account.as_ref());
        let visitor = Self { session, token, account, opened, ..new };
        if let Some(seen) = parts.extensions.get::<Seen>() {
            // the first look is as good as the second
            _ = seen.0.set(visitor.clone());
        }
        Ok(visitor)
    }

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
        let is_encrypted = parts.extensions.get::<Encrypted>().is_some_and(|encrypted| encrypted.0);
        Self {
            reader,
            account: None,
            address: address(parts).to_owned(),
            nonce: nonce.unwrap_or_default(),
            came: came(parts),
            is_encrypted,
            done: Done::read(&parts.headers),
            once: Once::read(&parts.headers, is_encrypted),
            is_prefetch: is_prefetch(parts),
            session: None,
            token: None,
            opened: Opened::default(),
        }
    }

    /// Whether what was shown once has been left. What the browser only fetches ahead is no leaving.
    pub(crate) const fn has_left(&self) -> bool {
        self.once.is_some() && !self.is_prefetch
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
        zone(self.account.as_ref().map_or("", |account| account.timezone.as_str()))
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

    /// Reads of a farm: a page in the transaction that came with its visitor, whoever comes second or with a
    /// form in one of their own. Nothing can be written there.
    pub(crate) async fn read<T, E: From<StoreError>>(
        &self,
        state: &AppState,
        scope: &FarmScope,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.opened.read(&state.database, scope, work).await
    }

    /// Waits until the page's transaction has ended. Whatever else is asked of the database on behalf of a
    /// page comes after that: each request has one connection at a time.
    pub(crate) async fn settle(&self) {
        self.opened.settle().await;
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
        Ok(self.look_again(state, scope).await?.is_some())
    }

    /// The same, with the emergency stops that stand on the farm by now; nothing if they have not.
    ///
    /// # Errors
    /// The database can not be reached.
    pub(crate) async fn look_again(
        &self,
        state: &AppState,
        scope: &FarmScope,
    ) -> Result<Option<Vec<Notice>>, AppError> {
        let Some(before) = &self.account else { return Ok(None) };
        let now = sessions::find_again(&state.database, before, state.clock.now()).await?;
        let habits = |account: &Account| {
            (account.language.clone(), account.digits.clone(), account.clock.clone())
        };
        let is_same = |now: &Account| {
            now.scope(scope.farm()) == Some(*scope) && habits(now) == habits(before)
        };
        Ok(now.filter(is_same).map(|now| stops_of(&now, scope.farm())))
    }

    /// The emergency stops that stood on a farm when they came, first pressed first.
    pub(crate) fn stops(&self, farm: FarmId) -> Vec<Notice> {
        self.account.as_ref().map(|account| stops_of(account, farm)).unwrap_or_default()
    }

    /// Whether they may do something on a farm.
    pub(crate) fn may(&self, farm: FarmId, permission: Permission) -> bool {
        let scope = self.account.as_ref().and_then(|account| account.scope(farm));
        scope.is_some_and(|scope| scope.role().may(permission))
    }
}

fn stops_of(account: &Account, farm: FarmId) -> Vec<Notice> {
    account.stops.iter().filter(|notice| notice.farm == farm).cloned().collect()
}
