//! The EventSource: opened again when the server gives up or falls silent, closed while nobody looks.
//! All times are milliseconds of the phone's clock, which goes on while the phone sleeps; ticks do not.
use super::dom;
use wasm_bindgen::JsCast;
use web_sys::{EventSource, MessageEvent};

/// Silence longer than this is a lost connection; the server speaks every 15 s.
const SILENCE: i64 = 40_000;
/// A page that comes back into sight after such a silence does not wait for the rest of it.
const UNHEARD: i64 = 20_000;
/// A page that is hidden for so long closes its stream.
const GRACE: i64 = 30_000;
/// An interruption shorter than this is not worth a word.
const PATIENCE: i64 = 3_000;
/// The longest pause between two tries.
const LONGEST_PAUSE: i64 = 32_000;

/// The tab's one stream.
pub(super) struct Stream {
    address: String,
    /// What the page was made of; the first request tells it, once.
    fingerprint: Option<String>,
    source: Option<EventSource>,
    opened: i64,
    /// When something was last heard; to begin with, the page itself.
    heard: i64,
    /// Since when the stream is broken.
    broken: Option<i64>,
    /// When to try again, where the browser does not do so itself.
    again: Option<i64>,
    failures: u32,
    hidden_since: Option<i64>,
}

impl Stream {
    pub(super) fn new(address: String, fingerprint: String) -> Self {
        Self {
            address,
            fingerprint: Some(fingerprint),
            source: None,
            opened: 0,
            heard: dom::phone_clock(),
            broken: None,
            again: None,
            failures: 0,
            hidden_since: None,
        }
    }

    /// The first time it asks for what differs from the page, later for all of the page.
    pub(super) fn open(&mut self) {
        if self.source.is_some() {
            return;
        }
        let mut address = self.address.clone();
        if let Some(fingerprint) = self.fingerprint.take() {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str("page=");
            address.push_str(&fingerprint);
        }
        let Ok(source) = EventSource::new(&address) else { return };
        for name in ["snapshot", "reading", "device", "page", "tick"] {
            dom::listen(&source, name, |event| {
                _ = super::with_tab(|tab| tab.stream.hears());
                let data = event.unchecked_ref::<MessageEvent>().data().as_string();
                if let Some(text) = data.filter(|text| text.len() > 2) {
                    super::heard(&text);
                }
            });
        }
        dom::listen(&source, "leave", |_| {
            _ = super::with_tab(|tab| tab.stream.close());
            dom::reload();
        });
        dom::listen(&source, "error", |_| _ = super::with_tab(|tab| tab.stream.breaks()));
        self.opened = dom::phone_clock();
        self.again = None;
        self.source = Some(source);
    }

    pub(super) fn close(&mut self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    /// Asks for the whole page.
    pub(super) fn begin_again(&mut self) {
        self.close();
        self.open();
    }

    /// Whether people should be told that the page stands still.
    pub(super) fn is_lost(&self, now: i64) -> bool {
        self.broken.is_some_and(|since| now - since >= PATIENCE)
    }

    /// How long nothing was heard.
    pub(super) fn silence(&self, now: i64) -> i64 {
        now - self.heard
    }

    /// The page went out of sight, or came back.
    pub(super) fn seen(&mut self, is_seen: bool) {
        let now = dom::phone_clock();
        self.hidden_since = (!is_seen).then_some(now);
        if !is_seen {
            return;
        }
        if self.silence(now) > UNHEARD {
            self.broken.get_or_insert(now);
            self.close();
        }
        self.open();
    }

    pub(super) fn tick(&mut self, now: i64) {
        self.mind_the_clock(now);
        if self.hidden_since.is_some_and(|since| now - since > GRACE) {
            self.close();
            return;
        }
        if self.source.is_some() && now - self.heard.max(self.opened) > SILENCE {
            // half open: the phone has lost the network and nobody has told it
            self.broken.get_or_insert(self.heard);
            self.begin_again();
        }
        if self.again.is_some_and(|at| now >= at) {
            self.open();
        }
    }

    /// Somebody may have set the clock back.
    fn mind_the_clock(&mut self, now: i64) {
        self.heard = self.heard.min(now);
        self.opened = self.opened.min(now);
        self.broken = self.broken.map(|at| at.min(now));
        self.hidden_since = self.hidden_since.map(|at| at.min(now));
        self.again = self.again.map(|at| at.min(now + LONGEST_PAUSE));
    }

    fn hears(&mut self) {
        self.heard = dom::phone_clock();
        self.broken = None;
        self.failures = 0;
    }

    /// The browser reconnects by itself after a cut, but gives up for good on any answer but 200.
    fn breaks(&mut self) {
        let now = dom::phone_clock();
        self.broken.get_or_insert(now);
        let gave_up = self.source.as_ref().is_some_and(|s| s.ready_state() == EventSource::CLOSED);
        if gave_up {
            self.close();
            self.failures += 1;
            let pause = 1000_i64 << self.failures.min(10);
            self.again = Some(now + pause.min(LONGEST_PAUSE));
            if self.failures >= 2 {
                dom::leave_if_refused();
            }
        }
    }
}
