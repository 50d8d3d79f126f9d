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
const PAGE_LENGTH: usize = 50;
/// Events in one batch of an export.
const BATCH: i64 = 1000;
/// 4000-01-01: later than any event, and PostgreSQL can hold it.
const LATEST: Timestamp = Timestamp::from_micros(64_060_588_800_000_000);

/// Which events are looked for. The default finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// A text that is in the event's data, in the person's name or in the device's.
    pub text: Option<String>,
    /// Values of the event's data that the reader sees as words with the text in them: found as well.
    pub values: Vec<String>,
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

/// A place among the events: the first or the last one that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Its place among the events.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.event.at, id: self.event.id }
    }
}

/// Some events, newest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventPage {
    /// The events.
    pub traces: Vec<Trace>,
    /// Whether there are more in the direction that was asked for.
    pub goes_on: bool,
}

/// One page of a farm's events, newest first, 50 at most: the newest, or those after (older than) a place.
pub async fn page(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &EventFilter,
    after: Option<Cursor>,
) -> Result<EventPage, StoreError> {
    let mut span = Span::of(filter);
    if let Some(after) = after {
        span.older_than(after);
    }
    let mut traces = find(connection, farm, filter, (span, Nearest::Newest, PAGE + 1)).await?;
    let goes_on = traces.len() > PAGE_LENGTH;
    traces.truncate(PAGE_LENGTH);
    Ok(EventPage { traces, goes_on })
}

/// The page before a place: the 50 nearest that are newer, newest first.
pub async fn page_before(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &EventFilter,
    before: Cursor,
) -> Result<EventPage, StoreError> {
    let mut span = Span::of(filter);
    span.newer_than(before);
    let mut traces = find(connection, farm, filter, (span, Nearest::Oldest, PAGE + 1)).await?;
    let goes_on = traces.len() > PAGE_LENGTH;
    if goes_on {
        traces.remove(0);
    }
    Ok(EventPage { traces, goes_on })
}

/// One batch of a farm's events for a file, newest first; the last one is empty.
pub async fn export(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    filter: &EventFilter,
    after: Option<Cursor>,
) -> Result<Vec<Trace>, StoreError> {
    let mut span = Span::of(filter);
    if let Some(after) = after {
        span.older_than(after);
    }
    find(connection, farm, filter, (span, Nearest::Newest, BATCH)).await
}

/// Between two places, both of them left out.
struct Span {
    oldest: Cursor,
    newest: Cursor,
}

impl Span {
    /// One microsecond is the resolution, and no event has the number 0: from `from` on, and before `to`.
    fn of(filter: &EventFilter) -> Self {
        let from = filter.from.unwrap_or(Timestamp::from_micros(0));
        let to = filter.to.unwrap_or(LATEST);
        Self { oldest: Cursor { at: from, id: 0 }, newest: Cursor { at: to, id: 0 } }
    }

    fn older_than(&mut self, place: Cursor) {
        self.newest = self.newest.min(place);
    }

    fn newer_than(&mut self, place: Cursor) {
        self.oldest = self.oldest.max(place);
    }
}

/// Which end of a span is read where it is longer than a page.
#[derive(Clone, Copy)]
enum Nearest {
    Newest,
    Oldest,
}

/// The events are chosen first, so that they come in the order of an index; names are looked up for those
/// alone.
fn sql(nearest: Nearest) -> String {
    let order = match nearest {
        Nearest::Newest => "DESC",
        Nearest::Oldest => "ASC",
    };
    format!(
        "SELECT e.id, e.event_type::text, e.severity::text, e.created_at, e.device_id, e.user_id, e.event_data,
    host(e.ip_address) AS address, e.user_agent, p.name AS person, d.name AS device
FROM (
    SELECT * FROM event_logs e
    WHERE e.farm_id = $1 AND e.created_at >= $2 AND e.created_at <= $3
        AND (e.created_at, e.id) > ($2, $12) AND (e.created_at, e.id) < ($3, $4)
        AND ($5::text IS NULL OR e.event_category = $5)
        AND ($6::text[] IS NULL OR e.severity::text = ANY ($6))
        AND ($7::uuid IS NULL OR e.user_id = $7)
        AND ($8::uuid IS NULL OR e.device_id = $8)
        AND ($9::text IS NULL OR e.event_type = ANY ($10) OR e.event_data::text ILIKE $9
            OR e.event_data::text LIKE ANY ($13)
            OR e.user_id IN (SELECT user_id FROM people_of($1) WHERE name ILIKE $9)
            OR e.device_id IN (SELECT id FROM devices WHERE farm_id = $1 AND name ILIKE $9))
    ORDER BY e.created_at {order}, e.id {order} LIMIT $11) e
LEFT JOIN people_of($1) p ON p.user_id = e.user_id
LEFT JOIN devices d ON d.id = e.device_id AND d.farm_id = $1
ORDER BY e.created_at DESC, e.id DESC"
    )
}

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
    (span, nearest, limit): (Span, Nearest, i64),
) -> Result<Vec<Trace>, StoreError> {
    let severities = filter.severity.map(|least| {
        Severity::ALL.into_iter().filter(|s| *s >= least).map(Severity::name).collect::<Vec<_>>()
    });
    let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.name()).collect();
    let values: Vec<String> = filter.values.iter().map(|value| quoted(value)).collect();
    let rows: Vec<Row> = sql_query(sql(nearest))
        .bind::<SqlUuid, _>(farm.0)
        .bind::<Timestamptz, _>(PgTime(span.oldest.at))
        .bind::<Timestamptz, _>(PgTime(span.newest.at))
        .bind::<BigInt, _>(span.newest.id)
        .bind::<Nullable<Text>, _>(filter.category.map(EventCategory::name))
        .bind::<Nullable<Array<Text>>, _>(severities)
        .bind::<Nullable<SqlUuid>, _>(filter.person.map(|person| person.0))
        .bind::<Nullable<SqlUuid>, _>(filter.device.map(|device| device.0))
        .bind::<Nullable<Text>, _>(filter.text.as_deref().map(pattern))
        .bind::<Array<Text>, _>(kinds)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(span.oldest.id)
        .bind::<Array<Text>, _>(values)
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

/// A pattern that finds a whole text of JSON.
fn quoted(value: &str) -> String {
    pattern(&Value::from(value).to_string())
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
