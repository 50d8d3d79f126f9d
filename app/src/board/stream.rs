//! The live stream of a page with a board: what stands there is looked up again when there are news of the
//! farm, and what differs is sent. It ends when its reader may not see the farm any more.
use super::{Board, patch};
use crate::{
    error::AppError,
    home::{
        Asked, BETWEEN_LOADS, HEARTBEAT, PageEvent, REFRESH, RETRY, event, is_first, page_event,
        respond_with,
    },
    live::{OpenStream, PagePatch},
    reader::Reader,
    state::AppState,
    stops::Banner,
    visitor::Visitor,
};
use axum::response::{Response, sse::Event};
use domain::{NodeName, Timestamp, live::News};
use futures::Stream;
use http::HeaderMap;
use std::{
    convert::Infallible,
    future::Future,
    time::{Duration, Instant},
};
use store::{FarmScope, live::Message};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Interval, MissedTickBehavior, interval, sleep},
};
use tracing::{Instrument as _, Span};

/// A page with a board.
pub(crate) trait Followed: Send + Sync + 'static {
    /// Whether something stands there of commands on their way.
    const FOLLOWS_COMMANDS: bool = false;

    /// What stands there now; nothing if there is no such page any more.
    fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> impl Future<Output = Result<Option<Seen>, AppError>> + Send;
}

/// What stands on a board, and what concerns it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) board: Board,
    /// The farm's controllers.
    pub(crate) nodes: Vec<NodeName>,
    /// How long to wait for news before looking again.
    pub(crate) rest: Duration,
}

/// Opens the stream of a page.
pub(super) async fn follow<F: Followed>(
    state: AppState,
    scope: FarmScope,
    visitor: Visitor,
    (page, asked, headers): (F, Asked, HeaderMap),
) -> Result<Response, AppError> {
    let fingerprint = asked.page.filter(|_| is_first(&headers));
    let open = state.streams.open(visitor.session()?)?;
    // First listen, then look: what happens in between is told twice rather than never.
    let news = state.bus.subscribe(scope.farm());
    let seen = page.see(&state, &scope, visitor.reader).await?.ok_or(AppError::NotFound)?;
    let stops = Banner::of(&visitor, scope.farm());
    let looked = Instant::now();
    let watch = Watch { state, scope, visitor, page, seen, stops, looked, is_behind: false };
    Ok(respond_with(tell_all(watch, news, fingerprint, open)))
}

/// One open page.
struct Watch<F> {
    state: AppState,
    scope: FarmScope,
    visitor: Visitor,
    page: F,
    seen: Seen,
    stops: Banner,
    looked: Instant,
    is_behind: bool,
}

/// What comes next.
enum Step {
    Tell(Option<Event>),
    /// The page is not its reader's any more: it must be asked for again.
    Leave,
    /// The end; the browser asks again by itself.
    End,
}

fn tell_all<F: Followed>(
    mut watch: Watch<F>,
    mut news: Receiver<Message>,
    fingerprint: Option<String>,
    open: OpenStream,
) -> impl Stream<Item = Result<Event, Infallible>> {
    // the request's, so that what is logged later has its number
    let span = Span::current();
    async_stream::stream! {
        let _open = open;
        yield Ok(Event::default().retry(RETRY).comment("Tokkatot"));
        yield Ok(watch.snapshot(fingerprint.as_deref()));
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        loop {
            let step = watch.step(&mut news, &mut heartbeat).instrument(span.clone()).await;
            // without the database a page is better closed than wrong: the browser asks again
            match step.unwrap_or(Step::End) {
                Step::Tell(Some(event)) => yield Ok(event),
                Step::Tell(None) => {}
                Step::Leave => {
                    yield Ok(Event::default().event("leave").data("{}"));
                    break;
                }
                Step::End => break,
            }
        }
    }
}

impl<F: Followed> Watch<F> {
    fn snapshot(&self, fingerprint: Option<&str>) -> Event {
        let (now, board) = (self.state.clock.now(), &self.seen.board);
        let has_page = fingerprint.is_some_and(|page| page == board.fingerprint());
        let mut page = if has_page {
            // the fingerprint is of looks: numbers may have changed since
            let values = patch::values(board);
            PagePatch { now: now.as_millis(), values, ..PagePatch::default() }
        } else {
            patch::everything(&self.state.assets, board, now)
        };
        page.pieces.push(self.stops.piece(&self.state.assets, now));
        event("snapshot", now, &PageEvent { page })
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
            () = sleep(self.rest()) => self.look().await,
            heard = news.recv() => match heard {
                Ok(message) => self.hear(&message).await,
                Err(RecvError::Lagged(_)) => self.look_soon().await,
                Err(RecvError::Closed) => Ok(Step::End),
            },
        }
    }

    async fn hear(&mut self, message: &Message) -> Result<Step, AppError> {
        match message {
            Message::News(heard) => match &heard.news {
                News::PeopleChanged { user } if *user == self.scope.user() => {
                    self.look_who_asks().await
                }
                News::Command(_) if F::FOLLOWS_COMMANDS => self.look_soon().await,
                // what a command comes to is told by the device
                News::PeopleChanged { .. } | News::Command(_) => Ok(Step::Tell(None)),
                News::Readings { .. } | News::Device(_) => self.look_soon().await,
                News::Changed => self.look_at_all().await,
            },
            Message::NodeChanged(node)
                if !node.is_empty()
                    && !self.seen.nodes.iter().any(|known| known.as_str() == &**node) =>
            {
                Ok(Step::Tell(None))
            }
            Message::NodeChanged(_) => self.look_soon().await,
            Message::Missed => self.look_at_all().await,
        }
    }

    /// Looks at what stands beside the board too.
    async fn look_at_all(&mut self) -> Result<Step, AppError> {
        match self.look_who_asks().await? {
            Step::Tell(None) => self.look_soon().await,
            told => {
                // the rest follows at once
                self.is_behind = true;
                Ok(told)
            }
        }
    }

    /// Says that the stream is there, if its reader may still hear it.
    async fn beat(&mut self) -> Result<Step, AppError> {
        let step = self.look_who_asks().await?;
        Ok(match step {
            Step::Tell(None) => Step::Tell(Some(Event::default().event("tick").data("{}"))),
            told => told,
        })
    }

    async fn look_who_asks(&mut self) -> Result<Step, AppError> {
        let again = self.visitor.look_again(&self.state, &self.scope).await?;
        let Some(stops) = again else { return Ok(Step::Leave) };
        let (is_new, now) = (self.stops.take(stops), self.state.clock.now());
        let page = is_new.then(|| self.stops.page(&self.state.assets, now));
        Ok(Step::Tell(page.and_then(|page| page_event(page, now))))
    }

    /// Looks now, or as soon as it is allowed again.
    async fn look_soon(&mut self) -> Result<Step, AppError> {
        if self.looked.elapsed() < BETWEEN_LOADS {
            self.is_behind = true;
            return Ok(Step::Tell(None));
        }
        self.look().await
    }

    async fn look(&mut self) -> Result<Step, AppError> {
        let seen = self.page.see(&self.state, &self.scope, self.visitor.reader).await?;
        (self.looked, self.is_behind) = (Instant::now(), false);
        // what was taken from the list leads to where the page itself leads
        let Some(seen) = seen else { return Ok(Step::Leave) };
        let now = self.state.clock.now();
        let old = std::mem::replace(&mut self.seen, seen);
        Ok(Step::Tell(self.tell(&old.board, now)))
    }

    fn tell(&self, old: &Board, now: Timestamp) -> Option<Event> {
        let boards = (old, &self.seen.board);
        page_event(patch::difference(&self.state.assets, boards, now), now)
    }

    fn rest(&self) -> Duration {
        let rest = if self.is_behind { BETWEEN_LOADS } else { self.seen.rest.min(REFRESH) };
        rest.saturating_sub(self.looked.elapsed())
    }
}
