//! Who a session belongs to, asked at every request.
use super::TokenHash;
use crate::{
    Database, FarmScope, Opened, Scoped, StoreError,
    pg::PgTime,
    scope::{self, run},
    statement::Statement,
    stops::Notice,
};
use diesel::{
    OptionalExtension as _, Queryable,
    sql_types::{Array, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, SessionId, Timestamp, UserId, roles::Role};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A person's place on one farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The farm.
    pub farm: FarmId,
    /// What the person may do there.
    pub role: Role,
}

/// A live session: who it is, how they like their pages, and where they belong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Who is signed in.
    pub user: UserId,
    /// What the person is called.
    pub name: String,
    /// `km` or `en`: chosen for this session, else the account's.
    pub language: String,
    /// `latin` or `khmer`.
    pub digits: String,
    /// `12h` or `24h`.
    pub clock: String,
    /// `normal`, `large` or `largest`.
    pub text_size: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// The farms, oldest first.
    pub memberships: Vec<Membership>,
    /// The farm last looked at.
    pub last_farm: Option<FarmId>,
    /// When the session was last used, to the hour.
    pub last_activity: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// The session.
    pub session: SessionId,
    /// On somebody else's phone: using it does not put its end off.
    pub is_borrowed: bool,
    /// The session is to get a new token: the person's rights have changed, or the answer with the last one
    /// seems to be lost.
    pub must_rotate: bool,
    /// Whether it was found by its token, not by the one before.
    pub is_current: bool,
    /// Whether nobody has come yet with the token of its last rotation.
    pub is_unconfirmed: bool,
    /// The IANA time zone of account pages.
    pub timezone: String,
    /// Whether the person operates the installation.
    pub is_operator: bool,
    /// The emergency stops that stand on the farms, first pressed first.
    #[serde(default)]
    pub stops: Vec<Notice>,
}

impl Account {
    /// The way to a farm's data, for its members.
    pub fn scope(&self, farm: FarmId) -> Option<FarmScope> {
        let membership = self.memberships.iter().find(|membership| membership.farm == farm)?;
        Some(FarmScope::new(farm, self.user, membership.role))
    }

    /// Begins a transaction that sees the account and all farms it belongs to.
    pub async fn begin<'d>(&self, database: &'d Database) -> Result<Scoped<'d>, StoreError> {
        let farms: Vec<FarmId> = self.memberships.iter().map(|m| m.farm).collect();
        scope::begin(database, self.user, &farms).await
    }
}

/// What the columns of [`AccountRow`] are read from.
macro_rules! account_sql {
    ($more:literal) => {
        concat!(
            "SELECT last_activity, expires_at, last_farm_id, user_id, name,
                coalesce(session_language, language), digits, clock, text_size, theme, farm_ids, roles,
                session_id, is_borrowed, must_rotate, is_current, is_unconfirmed, timezone,
                platform_role, stops",
            $more,
            " FROM session_account(?, ?)"
        )
    };
}

/// The columns of [`AccountRow`], in its order.
type AccountColumns = (
    (Timestamptz, Timestamptz, Nullable<SqlUuid>),
    (SqlUuid, Text, Text, Text, Text, Text, Text),
    (Array<SqlUuid>, Array<Text>),
    (SqlUuid, Bool, Bool, (Bool, Bool), Text, Text),
    Nullable<Jsonb>,
);

#[derive(Queryable)]
struct AccountRow {
    session: (PgTime, PgTime, Option<Uuid>),
    person: (Uuid, String, String, String, String, String, String),
    memberships: (Vec<Uuid>, Vec<String>),
    standing: (Uuid, bool, bool, (bool, bool), String, String),
    stops: Option<Value>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let (last_activity, expires_at, last_farm) = row.session;
        let (user, name, language, digits, clock, text_size, theme) = row.person;
        let (farms, roles) = row.memberships;
        let (session, is_borrowed, must_rotate, tokens, timezone, platform_role) = row.standing;
        let (is_current, is_unconfirmed) = tokens;
        let memberships = farms.into_iter().zip(roles).filter_map(|(farm, role)| {
            Some(Membership { farm: FarmId(farm), role: Role::parse(&role)? })
        });
        Self {
            user: UserId(user),
            name,
            language,
            digits,
            clock,
            text_size,
            theme,
            memberships: memberships.collect(),
            last_farm: last_farm.map(FarmId),
            last_activity: last_activity.into(),
            expires_at: expires_at.into(),
            session: SessionId(session),
            is_borrowed,
            must_rotate,
            is_current,
            is_unconfirmed,
            timezone,
            is_operator: platform_role == Role::Admin.name(),
            stops: row.stops.map(Notice::all).unwrap_or_default(),
        }
    }
}

/// Session, account and memberships of a token in one query; nothing if it has ended.
pub async fn find(
    conn: &mut AsyncPgConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let row = Statement::<AccountColumns>::new(account_sql!(""), &[&token.as_str(), &PgTime(now)])
        .get_result::<AccountRow>(conn)
        .await
        .optional()?;
    Ok(row.map(Account::from))
}

/// The same in the one round trip that also begins a page's transaction and sets its scope: account and
/// farm, as the page's address names it. Who is no member of that farm has no transaction.
pub async fn open(
    database: &Database,
    token: &TokenHash,
    now: Timestamp,
    farm: FarmId,
) -> Result<(Option<Account>, Opened), StoreError> {
    let named = farm.to_string();
    let (scoped, row) = scope::open(database, async |mut conn| {
        // the parameters of a select list come before those of what it selects from
        let row = Statement::<(AccountColumns, Text)>::new(
            account_sql!(
                ", set_config('tokkatot.user', user_id::text, true)
                    || set_config('tokkatot.farms', ?, true)"
            ),
            &[&named.as_str(), &token.as_str(), &PgTime(now)],
        )
        .get_result::<(AccountRow, String)>(&mut conn)
        .await;
        Ok(row.optional()?)
    })
    .await?;
    let account = row.map(|(row, _)| Account::from(row));
    let opened = match account.as_ref().and_then(|account| account.scope(farm)) {
        Some(scope) => Opened::new(scope, scoped),
        None => {
            scoped.rollback().await?;
            Opened::default()
        }
    };
    Ok((account, opened))
}

/// The same session as it stands now, whatever its token is by now; nothing if it has ended.
pub async fn find_again(
    database: &Database,
    account: &Account,
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let token = run(database, account.user, &[], async |conn| {
        let sql = "SELECT jwt_token_hash FROM user_sessions WHERE id = ?";
        let token = Statement::<Text>::new(sql, &[&account.session.0]).get_result::<String>(conn);
        Ok::<_, StoreError>(token.await.optional()?)
    })
    .await?;
    let Some(token) = token else { return Ok(None) };
    find(&mut *database.get().await?, &TokenHash(token), now).await
}
