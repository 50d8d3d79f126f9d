//! What has happened on a farm: the audit trail, which nothing here can change. A page of it, newest first,
//! and all of it as a file.

mod csv;
mod file;
mod filters;
mod query;
mod tell;
mod view;

pub(crate) use file::file;
pub(crate) use tell::Teller;
pub(crate) use view::icon as icon_of_event;

use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::refused,
    reader::{Reader, on_farm, zone},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::events::Severity;
use leptos::prelude::*;
use query::{Asked, Fields, Place, Wanted};
use store::{
    AsyncPgConnection, FarmScope, StoreError,
    events::{self, EventFilter, EventPage, Trace},
    farms::{self, FarmFacts},
    people,
};
use view::{Log, Told};

/// What a page or a file is made with.
struct Facts {
    farm: FarmFacts,
    teller: Teller,
    filter: EventFilter,
}

impl Facts {
    async fn load(
        connection: &mut AsyncPgConnection,
        (scope, visitor, wanted): (&FarmScope, &Visitor, &Wanted),
    ) -> Result<Option<Self>, StoreError> {
        let Some(farm) = farms::find(connection, scope.farm()).await? else { return Ok(None) };
        let names = people::names(connection, scope.farm()).await?;
        let teller = Teller { reader: visitor.reader, names };
        let mut filter = wanted.filter(zone(&farm.timezone));
        teller.widen(&mut filter);
        Ok(Some(Self { farm, teller, filter }))
    }
}

/// Some events, and where the ones beside them are.
#[derive(Default)]
struct Turned {
    traces: Vec<Trace>,
    newer: Option<Place>,
    older: Option<Place>,
}

/// `GET /farms/{farm}/events`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(fields): Query<Fields>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let asked = read(&state, &visitor, fields)?;
    let is_right = asked.faults.is_empty();
    let found = visitor.read(&state, &scope, async |conn| {
        let Some(facts) = Facts::load(conn, (&scope, &visitor, &asked.wanted)).await? else {
            return Ok(None);
        };
        // what was not understood finds nothing
        let turned = if is_right {
            turn(conn, &scope, &facts.filter, asked.place).await?
        } else {
            Turned::default()
        };
        Ok::<_, StoreError>(Some((facts, turned)))
    });
    let (facts, turned) = found.await?.ok_or(AppError::NotFound)?;
    let (reader, now) = (visitor.reader, state.clock.now());
    visitor.visits(scope.farm(), now).await?;
    let page = Page {
        title: reader.say("events-title"),
        farm: Some((scope.farm(), facts.farm.name.clone())),
        class: "page--wide",
        ..Page::default()
    };
    let zone = zone(&facts.farm.timezone);
    let told = Told {
        farm: scope.farm(),
        zone,
        today: on_farm(now, zone).date_naive(),
        teller: facts.teller,
        asked,
        traces: turned.traces,
        newer: turned.newer,
        older: turned.older,
    };
    let page = respond(&state, &visitor, page, || view! { <Log reader told/> });
    Ok(if is_right { page } else { refused(page) })
}

/// What the fields of an address mean.
fn read(state: &AppState, visitor: &Visitor, fields: Fields) -> Result<Asked, AppError> {
    let today = on_farm(state.clock.now(), visitor.zone()).date_naive();
    fields.read(&visitor.reader, today)
}

/// How serious an event is, in a word.
fn severity_word(reader: &Reader, severity: Severity) -> String {
    reader.say(&format!("events-{}", severity.name()))
}

/// Goes to a page. The way back ends on a newest page that is whole.
async fn turn(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    filter: &EventFilter,
    place: Place,
) -> Result<Turned, StoreError> {
    if let Place::Before(cursor) = place {
        let page = events::page_before(connection, scope.farm(), filter, cursor).await?;
        if page.goes_on {
            return Ok(Turned::of(page.traces, (true, true)));
        }
    }
    let after = match place {
        Place::After(cursor) => Some(cursor),
        Place::Newest | Place::Before(_) => None,
    };
    let EventPage { traces, goes_on } =
        events::page(connection, scope.farm(), filter, after).await?;
    Ok(Turned::of(traces, (after.is_some(), goes_on)))
}

impl Turned {
    fn of(traces: Vec<Trace>, (has_newer, has_older): (bool, bool)) -> Self {
        let newer = traces.first().filter(|_| has_newer);
        let older = traces.last().filter(|_| has_older);
        Self {
            newer: newer.map(|first| Place::Before(first.cursor())),
            older: older.map(|last| Place::After(last.cursor())),
            traces,
        }
    }
}
