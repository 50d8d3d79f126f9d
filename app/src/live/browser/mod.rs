//! The island at work: one stream per tab, one tick per second.

mod ages;
pub(crate) mod dom;
mod json;
mod page;
mod stream;

use super::{LiveWords, island::Connection};
use ages::Ages;
use json::Json;
use leptos::prelude::*;
use std::cell::RefCell;
use stream::Stream;

/// Everything the tab knows. One tab is one thread.
struct Tab {
    stream: Stream,
    ages: Ages,
    /// The page was changed here, and the server does not know of it: what differs would be put into
    /// what is not there.
    is_altered: bool,
    connection: RwSignal<Connection>,
}

thread_local! {
    static TAB: RefCell<Option<Tab>> = const { RefCell::new(None) };
}

/// Does something with the tab's state. Nothing that runs in here may call back into it.
fn with_tab<R>(work: impl FnOnce(&mut Tab) -> R) -> Option<R> {
    TAB.with_borrow_mut(|tab| tab.as_mut().map(work))
}

/// Begins to listen and to count, with the words that stand in the page.
pub(super) fn start(connection: RwSignal<Connection>) -> LiveWords {
    let words = words();
    let stream = Stream::new(words.address.clone(), words.fingerprint.clone());
    let ages = Ages::new(&words);
    TAB.set(Some(Tab { stream, ages, is_altered: false, connection }));
    dom::on_window("pagehide", |_| _ = with_tab(|tab| tab.stream.close()));
    dom::on_window("pageshow", |_| seen());
    dom::on_document("visibilitychange", |_| seen());
    _ = with_tab(|tab| tab.stream.open());
    dom::every_second(tick);
    words
}

fn words() -> LiveWords {
    let banner = dom::by_id("live");
    let data = |name: &str| {
        banner.as_ref().and_then(|banner| banner.get_attribute(name)).unwrap_or_default()
    };
    LiveWords {
        address: data("data-address"),
        fingerprint: data("data-page"),
        now: data("data-now").parse().unwrap_or_default(),
        lost: String::new(),
        lost_since: data("data-since"),
        ago: data("data-ago"),
        digits: data("data-digits"),
    }
}

/// The page went out of sight or came back. What has grown old meanwhile is not shown for a second even.
fn seen() {
    _ = with_tab(|tab| tab.stream.seen(!dom::is_hidden()));
    tick();
}

/// Ages grow, silence is noticed.
fn tick() {
    let now = dom::phone_clock();
    let change = with_tab(|tab| {
        tab.stream.tick(now);
        let is_lost = tab.stream.is_lost(now);
        tab.is_altered |= tab.ages.tick(now, is_lost, tab.stream.silence(now));
        let lost_since = is_lost.then(|| tab.ages.newest_clock());
        (tab.connection, lost_since)
    });
    if let Some((connection, lost_since)) = change
        && connection.with_untracked(|c| c.lost_since != lost_since)
    {
        connection.update(|c| c.lost_since = lost_since);
    }
}

/// What the stream brings.
fn heard(text: &str) {
    let Some(patch) = Json::parse(text).and_then(|event| event.get("page")) else { return };
    let announcement = patch.text("announcement");
    let connection = with_tab(|tab| {
        let is_whole = patch.get("main").is_some();
        if tab.is_altered && !is_whole {
            tab.stream.begin_again();
            return None;
        }
        tab.is_altered = false;
        tab.ages.heard(patch.number("now"));
        page::apply(&patch);
        Some(tab.connection)
    });
    let Some(connection) = connection.flatten() else { return };
    tick();
    if !announcement.is_empty() && connection.with_untracked(|c| c.announcement != announcement) {
        connection.update(|c| c.announcement = announcement);
    }
}
