//! Sessions of tower-sessions, kept in `user_sessions`. PostgreSQL decides every request; Redis has a
//! copy for others to read.
use super::Web;
use app::visitor::{ACCOUNT, BORROWED, CAME, Came, FARM, RENEWED, USER, token};
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
use tokio::time::timeout;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// A session that is not used for so long is over.
const INACTIVITY: Duration = Duration::from_secs(90 * 24 * 3600);
/// A session on somebody else's phone is over then, however much it is used.
const BORROWED_FOR: Duration = Duration::from_secs(30 * 60);
/// A visit that takes longer to be noted is not noted.
const NOTING: Duration = Duration::from_secs(1);
/// The constraint that says a token is taken.
const TOKEN_KEY: &str = "user_sessions_jwt_token_hash_key";

/// The session layer. Cookies are bound to this host and to HTTPS wherever people use HTTPS; over
/// plain HTTP browsers would refuse such a cookie, and nobody could sign in.
pub(super) fn layer(web: &Web) -> SessionManagerLayer<Sessions> {
    let is_secure = web.is_secure();
    let store = Sessions {
        database: web.app.database.clone(),
        clock: web.app.clock.clone(),
        cache: web.app.cache.clone(),
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
    /// Only sign-in begins a session: without a person there is nothing to keep. Its id is always a new
    /// one, whatever the record says. One that goes on under a new token has it already.
    async fn create(&self, record: &mut Record) -> Result<()> {
        if let Some(id) = record.data.remove(RENEWED) {
            let id = id.as_str().and_then(|id| id.parse().ok());
            record.id = id.ok_or_else(|| Error::Decode(RENEWED.to_owned()))?;
            self.mirror(&token(&record.id)).await;
            return Ok(());
        }
        let user: UserId = entry(record, USER)?;
        let came: Came = entry(record, CAME)?;
        let is_borrowed = record.data.contains_key(BORROWED);
        let now = self.clock.now();
        loop {
            record.id = Id::default();
            let new = NewSession {
                user,
                token: token(&record.id),
                address: came.address,
                user_agent: came.user_agent.clone(),
                now,
                expires_at: now.plus(if is_borrowed { BORROWED_FOR } else { INACTIVITY }),
            };
            let created = if is_borrowed {
                sessions::create_borrowed(&self.database, &new).await
            } else {
                sessions::create(&self.database, &new).await
            };
            match created {
                Ok(()) => break,
                Err(StoreError::Conflict { constraint, .. }) if constraint == TOKEN_KEY => {}
                Err(error) => return Err(refused(&error)),
            }
        }
        self.mirror(&token(&record.id)).await;
        Ok(())
    }

    /// Notes that it was used. One that was ended meanwhile is not brought back. The page is made by
    /// now, and is not thrown away because this fails or takes long.
    async fn save(&self, record: &Record) -> Result<()> {
        // what sign-in has just created is as new as can be
        if !record.data.contains_key(USER) {
            match timeout(NOTING, self.note(record)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(error = %error, "A visit could not be noted"),
                Err(_) => tracing::warn!("A visit could not be noted in time"),
            }
        }
        Ok(())
    }

    /// Only for what is to be noted in a session: `Visitor::arrive` has looked whose it is.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut conn = self.database.get().await.map_err(|error| refused(&error))?;
        let found = sessions::find(&mut conn, &token(id), self.clock.now()).await;
        let Some(account) = found.map_err(|error| refused(&error))? else { return Ok(None) };
        let expiry_date = date(account.expires_at);
        let account =
            serde_json::to_value(account).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(Some(Record { id: *id, data: [(ACCOUNT.to_owned(), account)].into(), expiry_date }))
    }

    /// Pages end a session by `Visitor::leave`, which knows where the wish came from, and renew one by
    /// `Visitor::renew`; here nothing is left to do.
    async fn delete(&self, _: &Id) -> Result<()> {
        Ok(())
    }
}

impl Sessions {
    async fn note(&self, record: &Record) -> Result<()> {
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
        sessions::visit(&self.database, &visit).await.map_err(|error| refused(&error))?;
        self.mirror(&visit.token).await;
        Ok(())
    }

    /// What fails here fails nobody: the copy is for others to read.
    async fn mirror(&self, token: &TokenHash) {
        let now = self.clock.now();
        if let Err(error) = sessions::mirror(&self.database, &self.cache, token, now).await {
            tracing::warn!(error = %error, "A session could not be copied to Redis");
        }
    }
}

fn entry<T: DeserializeOwned>(record: &Record, name: &str) -> Result<T> {
    let value = record.data.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| Error::Decode(format!("{name}: {error}")))
}

fn date(at: Timestamp) -> OffsetDateTime {
    let nanos = i128::from(at.as_micros()).saturating_mul(1000);
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `Backend` stands for a database that is away, and nothing else does: pages tell the two apart.
fn refused(error: &StoreError) -> Error {
    match error {
        StoreError::Unavailable(_) | StoreError::Timeout(_) => Error::Backend(error.to_string()),
        StoreError::Conflict { .. } | StoreError::Refused(_) | StoreError::Failed(_) => {
            Error::Encode(error.to_string())
        }
    }
}
