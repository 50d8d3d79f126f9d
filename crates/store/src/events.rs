//! The audit trail. Events are recorded in the transaction of what they tell; none is ever changed.
mod page;

pub use page::{Cursor, EventFilter, EventPage, Trace, export, page, page_before};

use crate::{
    Database, StoreError,
    column::Column,
    pg::{PgEnum, PgTime},
    schema::event_logs,
    scope::run,
    statement::Statement,
};
use diesel::{dsl::sql, prelude::*, sql_types::Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    DeviceId, FarmId, Timestamp, UserId,
    events::{EventKind, Severity},
};
use ipnet::IpNet;
use serde_json::Value;
use std::net::IpAddr;
use uuid::Uuid;

/// What is to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// What happened; category, severity and the English fallback follow from it.
    pub kind: EventKind,
    /// When, by the clock of decisions.
    pub at: Timestamp,
    /// The farm; `None` for accounts, node registration and the operator's work.
    pub farm: Option<FarmId>,
    /// The device it is about, one of the farm's.
    pub device: Option<DeviceId>,
    /// Who did it, or whose account it is about.
    pub user: Option<UserId>,
    /// What goes with it: names, old and new values. `Null` for nothing.
    pub data: Value,
    /// The address it came from.
    pub address: Option<IpAddr>,
    /// The browser it came from, as it names itself.
    pub user_agent: Option<&'a str>,
}

impl NewEvent<'_> {
    /// An event of the whole installation, without anything that goes with it.
    pub const fn new(kind: EventKind, at: Timestamp) -> Self {
        Self {
            kind,
            at,
            farm: None,
            device: None,
            user: None,
            data: Value::Null,
            address: None,
            user_agent: None,
        }
    }
}

/// One row of the audit trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Counts up.
    pub id: i64,
    /// What happened, by name: an older or newer release may know other kinds.
    pub kind: String,
    /// How grave it is.
    pub severity: Severity,
    /// When it happened.
    pub at: Timestamp,
    /// The farm, if it is of one.
    pub farm: Option<FarmId>,
    /// The device it is about.
    pub device: Option<DeviceId>,
    /// Who did it, or whose account it is about.
    pub user: Option<UserId>,
    /// What goes with it.
    pub data: Value,
}

/// Adds one event.
///
/// The app may name as `user` only who is asking (the setting `tokkatot.user`), and as `farm` only one
/// of the request's.
pub async fn record(
    connection: &mut AsyncPgConnection,
    event: &NewEvent<'_>,
) -> Result<(), StoreError> {
    let data = (!event.data.is_null()).then_some(&event.data);
    diesel::insert_into(event_logs::table)
        .values((
            event_logs::farm_id.eq(event.farm.map(|farm| farm.0)),
            event_logs::device_id.eq(event.device.map(|device| device.0)),
            event_logs::user_id.eq(event.user.map(|user| user.0)),
            event_logs::event_type.eq(event.kind.name()),
            event_logs::event_category.eq(event.kind.category().name()),
            event_logs::severity.eq(PgEnum(event.kind.severity())),
            event_logs::message.eq(event.kind.message()),
            event_logs::event_data.eq(data),
            event_logs::ip_address.eq(event.address.map(IpNet::from)),
            event_logs::user_agent.eq(event.user_agent),
            event_logs::created_at.eq(PgTime(event.at)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds several events in one statement; the same rules hold.
pub(crate) async fn record_all(
    connection: &mut AsyncPgConnection,
    events: &[NewEvent<'_>],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let farms: Vec<Option<Uuid>> =
        events.iter().map(|event| event.farm.map(|farm| farm.0)).collect();
    let devices: Vec<Option<Uuid>> =
        events.iter().map(|event| event.device.map(|device| device.0)).collect();
    let users: Vec<Option<Uuid>> =
        events.iter().map(|event| event.user.map(|user| user.0)).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.name()).collect();
    let categories: Vec<&str> = events.iter().map(|event| event.kind.category().name()).collect();
    let severities: Vec<&str> = events.iter().map(|event| event.kind.severity().name()).collect();
    let messages: Vec<&str> = events.iter().map(|event| event.kind.message()).collect();
    let data = |event: &NewEvent<'_>| (!event.data.is_null()).then(|| event.data.to_string());
    let data: Vec<Option<String>> = events.iter().map(data).collect();
    let addresses: Vec<Option<String>> =
        events.iter().map(|event| event.address.map(|address| address.to_string())).collect();
    let browsers: Vec<Option<&str>> = events.iter().map(|event| event.user_agent).collect();
    let times: Vec<Timestamp> = events.iter().map(|event| event.at).collect();
    let sql =
        "INSERT INTO event_logs (farm_id, device_id, user_id, event_type, event_category, severity,
            message, event_data, ip_address, user_agent, created_at)
        SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)::event_severity,
            unnest(?), unnest(?)::jsonb, unnest(?)::inet, unnest(?), unnest(?)";
    Statement::<()>::new(
        sql,
        &[
            &Column(&farms),
            &Column(&devices),
            &Column(&users),
            &Column(&kinds),
            &Column(&categories),
            &Column(&severities),
            &Column(&messages),
            &Column(&data),
            &Column(&addresses),
            &Column(&browsers),
            &Column(&times),
        ],
    )
    .run(connection)
    .await?;
    Ok(())
}

/// Adds one event without a farm that stands for itself, as the app: it tells of something that changed
/// nothing. The same work, whether it is about somebody's account or about nobody's.
pub async fn record_alone(database: &Database, event: &NewEvent<'_>) -> Result<(), StoreError> {
    let user = event.user.unwrap_or(UserId(Uuid::nil()));
    run(database, user, &[], async |conn| record(conn, event).await).await
}

/// What a person did in the month (UTC) of `now`, newest first: at most `limit` events.
pub async fn by_user_this_month(
    connection: &mut AsyncPgConnection,
    user: UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let month_start = sql::<Timestamptz>("date_trunc('month', ")
        .bind::<Timestamptz, _>(PgTime(now))
        .sql(", 'UTC')");
    let rows: Vec<Row> = event_logs::table
        .filter(event_logs::user_id.eq(user.0))
        .filter(event_logs::created_at.ge(month_start))
        .order((event_logs::created_at.desc(), event_logs::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

/// What happened on a farm since a time, newest first: at most `limit` events.
pub async fn of_farm_since(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<Row> = event_logs::table
        .filter(event_logs::farm_id.eq(farm.0))
        .filter(event_logs::created_at.ge(PgTime(since)))
        .order((event_logs::created_at.desc(), event_logs::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = event_logs, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    event_type: String,
    severity: Severity,
    created_at: PgTime,
    farm_id: Option<Uuid>,
    device_id: Option<Uuid>,
    user_id: Option<Uuid>,
    event_data: Option<Value>,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.event_type,
            severity: row.severity,
            at: row.created_at.into(),
            farm: row.farm_id.map(FarmId),
            device: row.device_id.map(DeviceId),
            user: row.user_id.map(UserId),
            data: row.event_data.unwrap_or(Value::Null),
        }
    }
}
