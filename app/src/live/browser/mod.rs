//! The island at work: one stream per tab, one tick per second.

mod ages;
mod dom;
mod page;
mod stream;

use super::{LiveWords, island::Connection};
use ages::Ages;
use leptos::prelude::*;
use std::cell::RefCell;
use stream::Stream;

/// Everything the tab knows. One tab is one thread.
struct Tab {
    stream: Stream,
    ages: Ages,
    connection: RwSignal<Connection>,
}

thread_local! {
    static TAB: RefCell<Option<Tab>> = const { RefCell::new(None) };
}

/// Does something with the tab's state. Nothing that runs in here may call back into it.
fn with_tab<R>(work: impl FnOnce(&mut Tab) -> R) -> Option<R> {
    TAB.with_borrow_mut(|tab| tab.as_mut().map(work))
}

/// Begins to listen and to count.
pub(super) fn start(
    address: String,
    fingerprint: String,
    words: LiveWords,
    connection: RwSignal<Connection>,
) {
    let stream = Stream::new(address, fingerprint);
    let tab = Tab { stream, ages: Ages::new(words), connection };
    TAB.set(Some(tab));
    dom::on_window("pagehide", |_| _ = with_tab(|tab| tab.stream.close()));
    dom::on_window("pageshow", |_| _ = with_tab(|tab| tab.stream.open()));
    dom::on_document("visibilitychange", |_| {
        _ = with_tab(|tab| tab.stream.seen(!dom::is_hidden()));
    });
    _ = with_tab(|tab| tab.stream.open());
    dom::every_second(tick);
}

/// Ages grow, silence is noticed.
fn tick() {
    let change = with_tab(|tab| {
        tab.stream.tick();
        let is_lost = tab.stream.is_lost();
        tab.ages.tick(is_lost);
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
    let Ok(carried) = serde_json::from_str::<super::Carried>(text) else { return };
    let patch = carried.page;
    let connection = with_tab(|tab| {
        tab.ages.heard(patch.now);
        page::apply(&patch);
        tab.ages.tick(false);
        tab.connection
    });
    let Some(connection) = connection else { return };
    let is_news = connection.with_untracked(|c| {
        c.lost_since.is_some()
            || (!patch.announcement.is_empty() && c.announcement != patch.announcement)
    });
    if is_news {
        connection.update(|c| {
            c.lost_since = None;
            if !patch.announcement.is_empty() {
                c.announcement = patch.announcement;
            }
        });
    }
}
