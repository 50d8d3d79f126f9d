//! Sessions of tower-sessions, kept in `user_sessions`. PostgreSQL decides every request; Redis has a
//! copy for others to read.
use super::Web;
use app::visitor::{ACCOUNT, CAME, Came, FARM, USER};
use async_trait::async_trait;
use domain::{FarmId, Timestamp, UserId};
use serde::de::DeserializeOwned;
use std::time::Duration;
use store::{
    Clock, Database, StoreError,
    cache::Cache,
    sessions::{self, Account, NewSession, TokenHash, Visit},
};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// A session that is not used for so long is over.
const INACTIVITY: Duration = Duration::from_secs(90 * 24 * 3600);
/// The constraint that says a token is taken.
const TOKEN_KEY: &str = "user_sessions_jwt_token_hash_key";

/// The session layer. Cookies are bound to this host and to HTTPS wherever people use HTTPS; over
/// plain HTTP browsers would refuse such a cookie, and nobody could sign in.
pub(super) fn layer(web: &Web) -> SessionManagerLayer<Sessions> {
    let is_secure = web.is_secure();
    let store = Sessions {
        database: web.app.database.clone(),
        clock: web.app.clock.clone(),
        cache: web.cache.clone(),
    };
    let inactivity = time::Duration::try_from(INACTIVITY).unwrap_or(time::Duration::DAY);
    SessionManagerLayer::new(store)
        .with_name(if is_secure { "__Host-session" } else { "session" })
        .with_secure(is_secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(inactivity))
}

/// The store behind the layer.
#[derive(Debug, Clone)]
pub(super) struct Sessions {
    database: Database,
    clock: Clock,
    cache: Cache,
}

#[async_trait]
impl SessionStore for Sessions {
    /// Only sign-in begins a session: without a person there is nothing to keep.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let user: UserId = entry(record, USER)?;
        let came: Came = entry(record, CAME)?;
        let now = self.clock.now();
        loop {
            let new = NewSession {
                user,
                token: token(&record.id),
                address: came.address,
                user_agent: came.user_agent.clone(),
                now,
                expires_at: now.plus(INACTIVITY),
            };
            match sessions::create(&self.database, &new).await {
                Ok(()) => break,
                Err(StoreError::Conflict { constraint, .. }) if constraint == TOKEN_KEY => {
                    record.id = Id::default();
                }
                Err(error) => return Err(refused(&error)),
            }
        }
        self.mirror(&token(&record.id)).await;
        Ok(())
    }

    /// Notes that it was used. One that was ended meanwhile is not brought back.
    async fn save(&self, record: &Record) -> Result<()> {
        let account: Account = entry(record, ACCOUNT)?;
        let last_farm = entry::<FarmId>(record, FARM).ok().or(account.last_farm);
        let now = self.clock.now();
        let visit = Visit {
            user: account.user,
            token: token(&record.id),
            last_farm,
            now,
            expires_at: now.plus(INACTIVITY),
        };
        let hash = visit.token.clone();
        sessions::visit(&self.database, visit).await.map_err(|error| refused(&error))?;
        self.mirror(&hash).await;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(account) = self.find(&token(id)).await? else { return Ok(None) };
        let expiry_date = date(account.expires_at);
        let account =
            serde_json::to_value(account).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(Some(Record { id: *id, data: [(ACCOUNT.to_owned(), account)].into(), expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let token = token(id);
        self.cache.forget_session(&token).await;
        let ended = sessions::end(&self.database, &token, self.clock.now()).await;
        ended.map_err(|error| refused(&error))
    }
}

impl Sessions {
    async fn find(&self, token: &TokenHash) -> Result<Option<Account>> {
        let mut conn = self.database.get().await.map_err(|error| refused(&error))?;
        let found = sessions::find(&mut conn, token, self.clock.now()).await;
        found.map_err(|error| refused(&error))
    }

    /// Copies the session to Redis, as it stands in PostgreSQL. What fails here fails nobody.
    async fn mirror(&self, token: &TokenHash) {
        if self.cache.is_there()
            && let Ok(Some(account)) = self.find(token).await
        {
            self.cache.keep_session(token, &account).await;
        }
    }
}

fn token(id: &Id) -> TokenHash {
    TokenHash::of(&id.to_string())
}

fn entry<T: DeserializeOwned>(record: &Record, name: &str) -> Result<T> {
    let value = record.data.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| Error::Decode(format!("{name}: {error}")))
}

fn date(at: Timestamp) -> OffsetDateTime {
    let nanos = i128::from(at.as_micros()).saturating_mul(1000);
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn refused(error: &StoreError) -> Error {
    Error::Backend(error.to_string())
}
