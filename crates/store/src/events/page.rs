//! Looking through a farm's audit trail: filtered, newest first, by a cursor that stays right while new
//! events come in.
use super::Event;
use crate::{StoreError, pg::PgTime};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, Timestamp, UserId,
    events::{EventCategory, EventKind, Severity},
};
use serde_json::Value;
use std::net::IpAddr;
use uuid::Uuid;

/// Events on one page.
const PAGE: i64 = 50;
/// Events in one batch of an export.
const BATCH: i64 = 1000;
/// 4000-01-01: later than any event, and PostgreSQL can hold it.
const LATEST: Timestamp = Timestamp::from_micros(64_060_588_800_000_000);

/// Which events are looked for. The default finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// A text that is in the event's data, in the person's name or in the device's.
    pub text: Option<String>,
    /// Kinds whose words in the reader's language have the text in them: found as well.
    pub kinds: Vec<EventKind>,
    /// Whose doing it is.
    pub category: Option<EventCategory>,
    /// How grave it is at least.
    pub severity: Option<Severity>,
    /// Who did it.
    pub person: Option<UserId>,
    /// The device it is about.
    pub device: Option<DeviceId>,
    /// From when on.
    pub from: Option<Timestamp>,
    /// Before when.
    pub to: Option<Timestamp>,
}

/// The last event that was seen: the next ones are older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When it happened.
    pub at: Timestamp,
    /// Its number.
    pub id: i64,
}

/// An event with what is shown beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The event.
    pub event: Event,
    /// The name of who did it, also of somebody who has left.
    pub person: Option<String>,
    /// What the farmer calls the device.
    pub device: Option<String>,
    /// The address it came from.
    pub address: Option<IpAddr>,
    /// The browser it came from, as it names itself.
    pub user_agent: Option<String>,
}

impl Trace {
    /// Where the events after this one begin.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.event.at, id: self.event.id }
    }
}

/// One page of a farm's events, newest first, 50 at most.
pub async fn page(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &EventFilter,
    after: Option<Cursor>,
) -> Result<Vec<Trace>, StoreError> {
    find(connection, farm, filter, after, PAGE).await
}

/// One batch of a farm's events for a file, newest first; the last one is empty.
pub async fn export(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &EventFilter,
    after: Option<Cursor>,
) -> Result<Vec<Trace>, StoreError> {
    find(connection, farm, filter, after, BATCH).await
}

/// The events are chosen first, so that they come in the order of an index; names are looked up for those
/// alone.
const SQL: &str = "
SELECT e.id, e.event_type::text, e.severity::text, e.created_at, e.device_id, e.user_id, e.event_data,
    host(e.ip_address) AS address, e.user_agent, p.name AS person, d.name AS device
FROM (
    SELECT * FROM event_logs e
    WHERE e.farm_id = $1 AND e.created_at >= $2 AND e.created_at <= $3
        AND (e.created_at, e.id) < ($3, $4)
        AND ($5::text IS NULL OR e.event_category = $5)
        AND ($6::text[] IS NULL OR e.severity::text = ANY ($6))
        AND ($7::uuid IS NULL OR e.user_id = $7)
        AND ($8::uuid IS NULL OR e.device_id = $8)
        AND ($9::text IS NULL OR e.event_type = ANY ($10) OR e.event_data::text ILIKE $9
            OR e.user_id IN (SELECT user_id FROM people_of($1) WHERE name ILIKE $9)
            OR e.device_id IN (SELECT id FROM devices WHERE farm_id = $1 AND name ILIKE $9))
    ORDER BY e.created_at DESC, e.id DESC LIMIT $11) e
LEFT JOIN people_of($1) p ON p.user_id = e.user_id
LEFT JOIN devices d ON d.id = e.device_id AND d.farm_id = $1
ORDER BY e.created_at DESC, e.id DESC";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = Text)]
    severity: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: PgTime,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    device_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    event_data: Option<Value>,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    user_agent: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    person: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    device: Option<String>,
}

async fn find(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &EventFilter,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Trace>, StoreError> {
    // one microsecond is the resolution, and no event has the number 0: before `to`, and none at it
    let to = Cursor { at: filter.to.unwrap_or(LATEST), id: 0 };
    let before = match after {
        Some(cursor) if cursor.at < to.at => cursor,
        _ => to,
    };
    let severities = filter.severity.map(|least| {
        Severity::ALL.into_iter().filter(|s| *s >= least).map(Severity::name).collect::<Vec<_>>()
    });
    let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.name()).collect();
    let rows: Vec<Row> = sql_query(SQL)
        .bind::<SqlUuid, _>(farm.0)
        .bind::<Timestamptz, _>(PgTime(filter.from.unwrap_or(Timestamp::from_micros(0))))
        .bind::<Timestamptz, _>(PgTime(before.at))
        .bind::<BigInt, _>(before.id)
        .bind::<Nullable<Text>, _>(filter.category.map(EventCategory::name))
        .bind::<Nullable<Array<Text>>, _>(severities)
        .bind::<Nullable<SqlUuid>, _>(filter.person.map(|person| person.0))
        .bind::<Nullable<SqlUuid>, _>(filter.device.map(|device| device.0))
        .bind::<Nullable<Text>, _>(filter.text.as_deref().map(pattern))
        .bind::<Array<Text>, _>(kinds)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|row| row.trace(farm)).collect())
}

/// A pattern that finds the text anywhere, whatever is in it.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars().filter(|c| *c != '\0') {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Row {
    fn trace(self, farm: FarmId) -> Option<Trace> {
        let event = Event {
            id: self.id,
            kind: self.event_type,
            severity: Severity::parse(&self.severity)?,
            at: self.created_at.into(),
            farm: Some(farm),
            device: self.device_id.map(DeviceId),
            user: self.user_id.map(UserId),
            data: self.event_data.unwrap_or(Value::Null),
        };
        Some(Trace {
            event,
            person: self.person,
            device: self.device,
            address: self.address.and_then(|address| address.parse().ok()),
            user_agent: self.user_agent,
        })
    }
}
