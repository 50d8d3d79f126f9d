//! The live stream of a farm's Home: one snapshot, then what changes. It keeps its own facts up to date
//! from the bus and asks the database again only when the news do not say enough. It ends when its reader
//! may not see the farm any more.
use super::{
    facts::{Facts, Taken},
    model::HomeView,
    patch::{Difference, difference, everything, say},
    tell::{Teller, tell},
    wire::{CommandFacts, DeviceFacts, PageEvent, ReadingEvent, SnapshotEvent},
};
use crate::{
    board::Follower,
    control::Switches,
    error::AppError,
    live::{OpenStream, PagePatch},
    state::AppState,
    stops::Banner,
    visitor::Visitor,
};
use axum::response::{
    IntoResponse, Response,
    sse::{Event, Sse},
};
use domain::{
    DeviceId, HouseId, Timestamp,
    live::{LiveEvent, News},
};
use futures::Stream;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use std::{
    convert::Infallible,
    time::{Duration, Instant},
};
use store::{FarmScope, live::Message};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Interval, MissedTickBehavior, interval, sleep},
};
use tracing::{Instrument as _, Span};

/// What a browser that was cut off says it heard last.
const LAST_EVENT_ID: &str = "last-event-id";
/// A browser that lost the stream asks again after this.
pub(crate) const RETRY: Duration = Duration::from_millis(1000);
/// A stream says so often that it is there, and looks whether its reader may still hear it.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(15);
/// The database is asked for everything no more often than this.
pub(crate) const BETWEEN_LOADS: Duration = Duration::from_millis(400);
/// And it is asked so often without any reason, for what nobody announces.
pub(crate) const REFRESH: Duration = Duration::from_secs(10 * 60);
/// A page is told again after this at the latest: dates change without any news.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What a page says of itself when it asks for its stream.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// The one house that it is about.
    pub(crate) house: Option<HouseId>,
    /// The fingerprint of what stands on it.
    pub(crate) page: Option<String>,
}

/// `GET /farms/{farm}/live`.
pub(crate) async fn stream(
    Follower { state, scope, asked, headers, visitor }: Follower,
) -> Result<Response, AppError> {
    let page = asked.page.filter(|_| is_first(&headers));
    let open = state.streams.open(visitor.session()?)?;
    // First listen, then look: what happens in between is told twice rather than never.
    let news = state.bus.subscribe(scope.farm());
    let watch = Watch::begin(state, scope, visitor, asked.house).await?;
    Ok(respond_with(tell_all(watch, news, page, open)))
}

/// Whether a browser asks for the stream for the first time. One that asks again repeats the address, but what
/// stands on its page has changed since.
pub(crate) fn is_first(headers: &HeaderMap) -> bool {
    !headers.contains_key(LAST_EVENT_ID)
}

/// A stream as an answer, which no proxy holds back.
pub(crate) fn respond_with(
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
) -> Response {
    let mut response = Sse::new(events).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// One open page: what it shows, and what that was made of.
struct Watch {
    state: AppState,
    scope: FarmScope,
    visitor: Visitor,
    house: Option<HouseId>,
    facts: Facts,
    switches: Switches,
    view: HomeView,
    stops: Banner,
    loaded: Instant,
    is_behind: bool,
}

/// What comes next.
enum Step {
    /// These events, and more later.
    Tell(Vec<Event>),
    /// The page is not its reader's any more, or not as it should be: it must be asked for again.
    Leave,
    /// The end; the browser asks again by itself.
    End,
}

fn tell_all(
    mut watch: Watch,
    mut news: Receiver<Message>,
    page: Option<String>,
    open: OpenStream,
) -> impl Stream<Item = Result<Event, Infallible>> {
    // the request's, so that what is logged later has its number
    let span = Span::current();
    async_stream::stream! {
        let _open = open;
        yield Ok(Event::default().retry(RETRY).comment("Tokkatot"));
        yield Ok(watch.snapshot(page.as_deref()));
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        loop {
            let step = watch.step(&mut news, &mut heartbeat).instrument(span.clone()).await;
            // without the database a page is better closed than wrong: the browser asks again
            match step.unwrap_or(Step::End) {
                Step::Tell(events) => {
                    for event in events {
                        yield Ok(event);
                    }
                }
                Step::Leave => {
                    yield Ok(Event::default().event("leave").data("{}"));
                    break;
                }
                Step::End => break,
            }
        }
    }
}

impl Watch {
    async fn begin(
        state: AppState,
        scope: FarmScope,
        visitor: Visitor,
        house: Option<HouseId>,
    ) -> Result<Self, AppError> {
        let now = state.clock.now();
        let (facts, switches) = load(&state, &scope, now).await?;
        if house.is_some_and(|house| facts.house(house).is_none()) {
            return Err(AppError::NotFound);
        }
        let teller = Teller { facts: &facts, reader: visitor.reader, now };
        let view = tell(teller, &switches, house).of_role(scope.role(), teller);
        let stops = Banner::of(&visitor, scope.farm());
        Ok(Self {
            state,
            scope,
            visitor,
            house,
            facts,
            switches,
            view,
            stops,
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
            // the fingerprint is of looks: numbers may have changed since, and the sentence with them
            patch.values = self.view.all_values();
            patch.pieces.push(say(&self.state.assets, &self.view.answer));
        }
        patch.pieces.push(self.stops.piece(&self.state.assets, now));
        let body = SnapshotEvent::new(&self.facts.farm, now, patch);
        event("snapshot", now, &body)
    }

    /// Waits for whatever comes first.
    async fn step(
        &mut self,
        news: &mut Receiver<Message>,
        heartbeat: &mut Interval,
    ) -> Result<Step, AppError> {
        let closing = self.state.closing.clone();
        tokio::select! {
            () = closing.cancelled() => Ok(Step::End),
            _ = heartbeat.tick() => self.beat().await,
            () = sleep(self.rest()) => self.look_again().await,
            heard = news.recv() => match heard {
                Ok(message) => self.hear(&message).await,
                Err(RecvError::Lagged(_)) => self.catch_up().await,
                Err(RecvError::Closed) => Ok(Step::End),
            },
        }
    }

    async fn hear(&mut self, message: &Message) -> Result<Step, AppError> {
        match message {
            Message::News(event) => self.take(event).await,
            Message::NodeChanged(node) if node.is_empty() || self.facts.has_node(node) => {
                self.catch_up_soon().await?;
                Ok(self.tell_difference())
            }
            Message::NodeChanged(_) => Ok(Step::Tell(Vec::new())),
            Message::Missed => self.catch_up().await,
        }
    }

    /// Takes news in and says what they change.
    async fn take(&mut self, heard: &LiveEvent) -> Result<Step, AppError> {
        let mut events = Vec::new();
        let difference = match &heard.news {
            News::Readings { readings } => {
                let now = self.state.clock.now();
                let taken = self.facts.take_readings(readings, now);
                let is_known = !taken.contains(&Taken::Unknown) && self.facts.knows_since(now);
                let mut difference = self.retell(is_known).await?;
                let newer = readings.iter().zip(taken).filter(|(_, taken)| *taken != Taken::Old);
                for (reading, _) in newer {
                    let page = difference.take_reading(&self.facts, reading);
                    let body = ReadingEvent::new(heard.farm, reading, page);
                    events.push(event("reading", heard.at, &body));
                }
                difference
            }
            News::Device(device) => {
                let before = self.reported(device.device_id);
                let taken = self.facts.take_device(device);
                if taken == Taken::Old {
                    return Ok(Step::Tell(events));
                }
                // why it is so now, and what will end it, is not among the news
                let is_same = before == self.reported(device.device_id);
                let difference = self.retell(taken == Taken::New && is_same).await?;
                let body = DeviceFacts::of(heard.farm, device);
                events.push(event("device", heard.at, &body));
                difference
            }
            News::Command(command) => {
                // what a switch tells of it takes more than the news
                let difference = self.retell(false).await?;
                let body = CommandFacts::of(heard.farm, command);
                events.push(event("command", heard.at, &body));
                difference
            }
            News::Changed => {
                match self.look_who_asks().await? {
                    Step::Tell(told) => events.extend(told),
                    over => return Ok(over),
                }
                self.retell(false).await?
            }
            News::PeopleChanged { user } if *user == self.scope.user() => {
                return self.look_who_asks().await;
            }
            News::PeopleChanged { .. } => return Ok(Step::Tell(events)),
        };
        events.extend(page_event(difference.into_page(), heard.at));
        Ok(Step::Tell(events))
    }

    /// What a device last said that it does.
    fn reported(&self, device: DeviceId) -> Option<String> {
        let device = self.facts.farm.devices.iter().find(|known| known.id == device)?;
        device.reported_state.clone()
    }

    /// Says that the stream is there, if its reader may still hear it.
    async fn beat(&mut self) -> Result<Step, AppError> {
        let step = self.look_who_asks().await?;
        Ok(match step {
            Step::Tell(told) if told.is_empty() => {
                Step::Tell(vec![Event::default().event("tick").data("{}")])
            }
            told => told,
        })
    }

    async fn look_who_asks(&mut self) -> Result<Step, AppError> {
        let again = self.visitor.look_again(&self.state, &self.scope).await?;
        let Some(stops) = again else { return Ok(Step::Leave) };
        let (is_new, now) = (self.stops.take(stops), self.state.clock.now());
        let page = is_new.then(|| self.stops.page(&self.state.assets, now));
        Ok(Step::Tell(page.and_then(|page| page_event(page, now)).into_iter().collect()))
    }

    /// Time has passed: values may have grown old.
    async fn look_again(&mut self) -> Result<Step, AppError> {
        let is_known = self.facts.knows_since(self.state.clock.now());
        if self.is_behind || !is_known || self.loaded.elapsed() >= REFRESH {
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

    async fn catch_up(&mut self) -> Result<Step, AppError> {
        self.load().await?;
        Ok(self.tell_difference())
    }

    async fn load(&mut self) -> Result<(), AppError> {
        let now = self.state.clock.now();
        (self.facts, self.switches) = load(&self.state, &self.scope, now).await?;
        self.loaded = Instant::now();
        self.is_behind = false;
        Ok(())
    }

    fn tell_difference(&mut self) -> Step {
        let now = self.state.clock.now();
        let page = self.differ().into_page();
        Step::Tell(page_event(page, now).into_iter().collect())
    }

    /// What news change; with a look at the database first where they do not say enough, or where one is
    /// due since earlier ones.
    async fn retell(&mut self, is_known: bool) -> Result<Difference, AppError> {
        if !is_known || self.is_behind {
            self.catch_up_soon().await?;
        }
        Ok(self.differ())
    }

    fn differ(&mut self) -> Difference {
        let now = self.state.clock.now();
        let teller = Teller { facts: &self.facts, reader: self.visitor.reader, now };
        let new = tell(teller, &self.switches, self.house).of_role(self.scope.role(), teller);
        let old = std::mem::replace(&mut self.view, new);
        difference(&self.state.assets, &old, &self.view, now)
    }

    /// How long until something on the page changes by itself.
    fn rest(&self) -> Duration {
        if self.is_behind {
            return BETWEEN_LOADS.saturating_sub(self.loaded.elapsed());
        }
        let now = self.state.clock.now();
        let borders = self.facts.age_borders();
        let next = borders.filter(|at| *at >= now).map(|at| at.since(now)).min();
        let next = next.into_iter().chain(self.switches.rest(now)).min();
        // a moment past the border, so that it is behind us when we look
        next.unwrap_or(LONGEST_REST).min(LONGEST_REST) + Duration::from_millis(20)
    }
}

/// All that Home is told from.
async fn load(
    state: &AppState,
    scope: &FarmScope,
    now: Timestamp,
) -> Result<(Facts, Switches), AppError> {
    let look = async |conn: &mut _| {
        let facts = Facts::read(conn, scope, now).await?.ok_or(AppError::NotFound)?;
        Ok::<_, AppError>((facts, Switches::read(conn, scope, now).await?))
    };
    scope.read(&state.database, look).await
}

/// What changed on a page, if anything did.
pub(crate) fn page_event(page: PagePatch, at: Timestamp) -> Option<Event> {
    let is_empty = page.main.is_none() && page.pieces.is_empty() && page.values.is_empty();
    (!is_empty).then(|| event("page", at, &PageEvent { page }))
}

/// An event; its id is the database's time in microseconds.
pub(crate) fn event(name: &str, at: Timestamp, body: &impl Serialize) -> Event {
    let event = Event::default().event(name).id(at.as_micros().to_string());
    event.json_data(body).unwrap_or_default()
}
