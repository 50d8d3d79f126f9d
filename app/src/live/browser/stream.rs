//! The EventSource: opened again when the server gives up or falls silent, closed while nobody looks.
use super::dom;
use wasm_bindgen::JsCast;
use web_sys::{EventSource, MessageEvent};

/// Silence longer than this many seconds is a lost connection; the server speaks every 15 s.
const SILENCE: i64 = 40;
/// A page that is hidden for so many seconds closes its stream.
const GRACE: i64 = 30;
/// An interruption shorter than this is not worth a word.
const PATIENCE: i64 = 3;
/// The longest pause between two tries.
const LONGEST_PAUSE: i64 = 32;

/// The tab's one stream.
pub(super) struct Stream {
    address: String,
    /// What the page was made of; the first request tells it, once.
    fingerprint: Option<String>,
    source: Option<EventSource>,
    /// Seconds since the tab was opened.
    time: i64,
    /// When something was last heard.
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
            time: 0,
            heard: 0,
            broken: None,
            again: None,
            failures: 0,
            hidden_since: None,
        }
    }

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
        dom::listen(&source, "error", |_| _ = super::with_tab(|tab| tab.stream.breaks()));
        self.heard = self.time;
        self.again = None;
        self.source = Some(source);
    }

    pub(super) fn close(&mut self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    /// Whether people should be told that the page stands still.
    pub(super) fn is_lost(&self) -> bool {
        self.broken.is_some_and(|since| self.time - since >= PATIENCE)
    }

    pub(super) fn seen(&mut self, is_seen: bool) {
        self.hidden_since = (!is_seen).then_some(self.time);
        if is_seen && self.source.is_none() {
            self.open();
        }
    }

    pub(super) fn tick(&mut self) {
        self.time += 1;
        if self.hidden_since.is_some_and(|since| self.time - since > GRACE) {
            self.close();
            return;
        }
        if self.source.is_some() && self.time - self.heard > SILENCE {
            // half open: the phone has lost the network and nobody has told it
            self.broken.get_or_insert(self.heard);
            self.close();
            self.open();
        }
        if self.again.is_some_and(|at| self.time >= at) {
            self.open();
        }
    }

    fn hears(&mut self) {
        self.heard = self.time;
        self.broken = None;
        self.failures = 0;
    }

    /// The browser reconnects by itself after a cut, but gives up for good on any answer but 200.
    fn breaks(&mut self) {
        self.broken.get_or_insert(self.time);
        let gave_up = self.source.as_ref().is_some_and(|s| s.ready_state() == EventSource::CLOSED);
        if gave_up {
            self.close();
            self.failures += 1;
            let pause = 1_i64.checked_shl(self.failures).unwrap_or(LONGEST_PAUSE);
            self.again = Some(self.time + pause.min(LONGEST_PAUSE));
            if self.failures >= 2 {
                dom::leave_if_refused();
            }
        }
    }
}
