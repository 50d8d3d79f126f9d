//! The live stream of a farm's Home: one snapshot, then what changes. It keeps its own facts up to date
//! from the bus and asks the database again only when something unheard of appears.
use super::{
    facts::Facts,
    model::HomeView,
    patch::{Difference, difference, everything},
    tell::{Teller, tell},
    wire::{DeviceFacts, PageEvent, ReadingEvent, SnapshotEvent},
};
use crate::{error::AppError, live::PagePatch, reader::Reader, state::AppState, visitor::Visitor};
use axum::{
    extract::{Path, Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{
    HouseId, Timestamp,
    live::{LiveEvent, News},
};
use futures::Stream;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};
use store::FarmScope;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};

/// A browser that lost the stream asks again after this.
const RETRY: Duration = Duration::from_millis(1000);
/// A stream that has nothing to tell says so this often, so that a dead connection is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends after this and is asked for again: then session and role are looked at again.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// The database is asked for unheard-of devices no more often than this.
const BETWEEN_LOADS: Duration = Duration::from_millis(400);
/// A page is told again after this at the latest: dates change without any news.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What a page says of itself when it asks for its stream.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    house: Option<HouseId>,
    page: Option<String>,
}

/// `GET /farms/{farm}/live`.
pub(crate) async fn stream(
    State(state): State<AppState>,
    Path(farm): Path<String>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let scope = visitor.farm(&state, &farm).await?;
    // First listen, then look: what happens in between is told twice rather than never.
    let news = state.bus.subscribe(scope.farm());
    let watch = Watch::begin(state, scope, visitor.reader, asked.house).await?;
    let sse = Sse::new(tell_all(watch, news, asked.page));
    let heartbeat =
        KeepAlive::new().interval(HEARTBEAT).event(Event::default().event("tick").data("{}"));
    let mut response = sse.keep_alive(heartbeat).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// One open page: what it shows, and what that was made of.
struct Watch {
    state: AppState,
    scope: FarmScope,
    reader: Reader,
    house: Option<HouseId>,
    facts: Facts,
    view: HomeView,
    loaded: Instant,
    is_behind: bool,
}

fn tell_all(
    mut watch: Watch,
    mut news: Receiver<Arc<LiveEvent>>,
    page: Option<String>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        yield Ok(Event::default().retry(RETRY).comment("Tokkatot"));
        yield Ok(watch.snapshot(page.as_deref()));
        let closing = watch.state.closing.clone();
        let end = sleep(LIFE);
        tokio::pin!(end);
        loop {
            let events = tokio::select! {
                () = closing.cancelled() => break,
                () = &mut end => break,
                () = sleep(watch.rest()) => watch.look_again().await,
                heard = news.recv() => match heard {
                    Ok(event) => watch.hear(&event).await,
                    Err(RecvError::Lagged(_)) => watch.catch_up().await,
                    Err(RecvError::Closed) => break,
                },
            };
            // without the database a page is better closed than wrong: the browser asks again
            let Ok(events) = events else { break };
            for event in events {
                yield Ok(event);
            }
        }
    }
}

impl Watch {
    async fn begin(
        state: AppState,
        scope: FarmScope,
        reader: Reader,
        house: Option<HouseId>,
    ) -> Result<Self, AppError> {
        let now = state.clock.now();
        let facts = Facts::load(&state.database, &scope, now).await?.ok_or(AppError::NotFound)?;
        if house.is_some_and(|house| facts.house(house).is_none()) {
            return Err(AppError::NotFound);
        }
        let view = tell(Teller { facts: &facts, reader, now }, house);
        Ok(Self {
            state,
            scope,
            reader,
            house,
            facts,
            view,
            loaded: Instant::now(),
            is_behind: false,
        })
    }

    /// All facts, and the whole page unless the client has it already.
    fn snapshot(&self, page: Option<&str>) -> Event {
        let now = self.state.clock.now();
        let has_page = page.is_some_and(|page| page == self.view.fingerprint());
        let main = (!has_page).then(|| everything(&self.state.assets, &self.view));
        let mut patch = PagePatch { now: now.as_millis(), main, ..PagePatch::default() };
        if has_page {
            patch.values = self.view.all_values();
        }
        let body = SnapshotEvent::new(&self.facts.farm, now, patch);
        event("snapshot", now, &body)
    }

    /// Takes news in and says what they change.
    async fn hear(&mut self, heard: &LiveEvent) -> Result<Vec<Event>, AppError> {
        let known = self.facts.apply(&heard.news, self.state.clock.now());
        if !known {
            self.catch_up_soon().await?;
        }
        let difference = self.retell();
        let mut events = match &heard.news {
            News::Readings { readings } => readings
                .iter()
                .map(|reading| {
                    let page = difference.of_reading(&self.facts, reading);
                    event("reading", heard.at, &ReadingEvent::new(heard.farm, reading, page))
                })
                .collect(),
            News::Device(device) => {
                let facts = DeviceFacts::of(heard.farm, device);
                vec![event("device", heard.at, &facts)]
            }
        };
        events.extend(page_event(difference.page, heard.at));
        Ok(events)
    }

    /// Time has passed: values may have grown old.
    async fn look_again(&mut self) -> Result<Vec<Event>, AppError> {
        if self.is_behind {
            return self.catch_up().await;
        }
        Ok(self.tell_difference())
    }

    /// Asks the database for everything, now or as soon as it is allowed again.
    async fn catch_up_soon(&mut self) -> Result<(), AppError> {
        if self.loaded.elapsed() < BETWEEN_LOADS {
            self.is_behind = true;
            return Ok(());
        }
        self.load().await
    }

    async fn catch_up(&mut self) -> Result<Vec<Event>, AppError> {
        self.load().await?;
        Ok(self.tell_difference())
    }

    async fn load(&mut self) -> Result<(), AppError> {
        let now = self.state.clock.now();
        let facts = Facts::load(&self.state.database, &self.scope, now).await?;
        self.facts = facts.ok_or(AppError::NotFound)?;
        self.loaded = Instant::now();
        self.is_behind = false;
        Ok(())
    }

    fn tell_difference(&mut self) -> Vec<Event> {
        let now = self.state.clock.now();
        let Difference { mut page, values } = self.retell();
        page.values.extend(values.into_iter().map(|(_, value)| value));
        page_event(page, now).into_iter().collect()
    }

    fn retell(&mut self) -> Difference {
        let now = self.state.clock.now();
        let new = tell(Teller { facts: &self.facts, reader: self.reader, now }, self.house);
        let old = std::mem::replace(&mut self.view, new);
        difference(&self.state.assets, &old, &self.view, now)
    }

    /// How long until something on the page changes by itself.
    fn rest(&self) -> Duration {
        if self.is_behind {
            return BETWEEN_LOADS;
        }
        let now = self.state.clock.now();
        let borders = self.facts.age_borders();
        let next = borders.filter(|at| *at >= now).map(|at| at.since(now)).min();
        // a moment past the border, so that it is behind us when we look
        next.unwrap_or(LONGEST_REST).min(LONGEST_REST) + Duration::from_millis(20)
    }
}

fn page_event(page: PagePatch, at: Timestamp) -> Option<Event> {
    let is_empty = page.main.is_none() && page.pieces.is_empty() && page.values.is_empty();
    (!is_empty).then(|| event("page", at, &PageEvent { page }))
}

/// An event; its id is the database's time in microseconds.
fn event(name: &str, at: Timestamp, body: &impl Serialize) -> Event {
    let event = Event::default().event(name).id(at.as_micros().to_string());
    event.json_data(body).unwrap_or_default()
}
