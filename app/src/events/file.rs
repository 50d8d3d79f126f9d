//! The log as a file for spreadsheets, in batches: neither memory nor a connection is held for long, however
//! much there is and however slowly it is taken.
//!
//! Taking it is no event of its own: whoever takes it may read all of it on the pages, a GET has no effect,
//! and a log that grows by being read says less.
use super::{
    Facts, csv,
    query::{Fields, Wanted},
    read, severity_word,
};
use crate::{
    access::Farm,
    error::AppError,
    reader::{on_farm, zone},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    body::Body,
    extract::{Query, State},
    response::{IntoResponse as _, Response},
};
use chrono::SecondsFormat;
use chrono_tz::Tz;
use domain::Timestamp;
use futures::Stream;
use http::{HeaderValue, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use store::{
    FarmScope, StoreError,
    events::{self, Cursor, Trace},
};
use tracing::{Instrument as _, Span};

/// What the columns are called.
const COLUMNS: [&str; 9] = [
    "events-time",
    "events-who",
    "events-what",
    "events-kind",
    "events-severity",
    "events-device",
    "events-address",
    "events-browser",
    "events-data",
];

/// Why a file broke off; the browser then knows that it has not all of it.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the server stops")]
    Stopping,
    #[error("the reader may not see the farm any more")]
    NoRight,
    #[error(transparent)]
    Store(StoreError),
}

/// `GET /farms/{farm}/events.csv`.
pub(crate) async fn file(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(fields): Query<Fields>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let asked = read(&state, &visitor, fields)?;
    if !asked.faults.is_empty() {
        // the page, where the faults are said, has no way to here
        return Err(AppError::BadRequest);
    }
    let facts = load(&state, (&scope, &visitor, &asked.wanted)).await?;
    let facts = facts.ok_or(AppError::NotFound)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let disposition = disposition(&facts, state.clock.now());
    let body = Body::from_stream(lines(state, scope, visitor, facts));
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}

async fn load(
    state: &AppState,
    asked: (&FarmScope, &Visitor, &Wanted),
) -> Result<Option<Facts>, StoreError> {
    let (scope, visitor, _) = asked;
    visitor.read(state, scope, async |conn| Facts::load(conn, asked).await).await
}

/// The farm's name and the day, also for clients that know plain letters alone.
fn disposition(facts: &Facts, now: Timestamp) -> HeaderValue {
    let date = on_farm(now, zone(&facts.farm.timezone)).date_naive();
    let title = facts.teller.reader.say("events-title");
    let name = format!("{} – {title} – {date}.csv", facts.farm.name);
    let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    let value = format!("attachment; filename=\"events-{date}.csv\"; filename*=UTF-8''{name}");
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

fn lines(
    state: AppState,
    scope: FarmScope,
    visitor: Visitor,
    facts: Facts,
) -> impl Stream<Item = Result<String, Broken>> {
    // the request's, so that what is logged later has its number
    let span = Span::current();
    async_stream::try_stream! {
        let columns = COLUMNS.map(|column| facts.teller.reader.say(column));
        let mut text = csv::BYTE_ORDER_MARK.to_owned();
        csv::push_line(&mut text, columns.iter().map(String::as_str));
        yield text;
        let zone = zone(&facts.farm.timezone);
        let mut after = None;
        loop {
            let batch = batch(&state, (&scope, &visitor), &facts, after);
            let batch = batch.instrument(span.clone()).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.cursor());
            let mut text = String::new();
            batch.iter().for_each(|trace| push(&mut text, &facts, trace, zone));
            yield text;
        }
    }
}

/// The next events, if the reader may still have them.
async fn batch(
    state: &AppState,
    (scope, visitor): (&FarmScope, &Visitor),
    facts: &Facts,
    after: Option<Cursor>,
) -> Result<Vec<Trace>, Broken> {
    if state.closing.is_cancelled() {
        return Err(Broken::Stopping);
    }
    if after.is_some() && !visitor.is_still_on(state, scope).await.unwrap_or(false) {
        return Err(Broken::NoRight);
    }
    let read = scope.read(&state.database, async |conn| {
        events::export(conn, scope.farm(), &facts.filter, after).await
    });
    read.await.map_err(|error| {
        tracing::warn!(error = %error, "The file of a log broke off");
        Broken::Store(error)
    })
}

fn push(text: &mut String, facts: &Facts, trace: &Trace, zone: Tz) {
    let event = &trace.event;
    let at = on_farm(event.at, zone).to_rfc3339_opts(SecondsFormat::Millis, false);
    let severity = severity_word(&facts.teller.reader, event.severity);
    let address = trace.address.map(|address| address.to_string()).unwrap_or_default();
    let data = if event.data.is_null() { String::new() } else { event.data.to_string() };
    let cells = [
        at.as_str(),
        &facts.teller.who(trace),
        &facts.teller.what(trace),
        &event.kind,
        &severity,
        trace.device.as_deref().unwrap_or_default(),
        &address,
        trace.user_agent.as_deref().unwrap_or_default(),
        &data,
    ];
    csv::push_line(text, cells);
}
