//! What every page of a farm says while an emergency stop stands. It is beside the page's content, and streams
//! exchange it when a stop is pressed or released.
use crate::{
    document::render,
    icons::Icon,
    live::PagePatch,
    reader::{Reader, zone},
    state::Assets,
    visitor::Visitor,
};
use domain::{FarmId, Timestamp, permissions::Permission};
use leptos::prelude::*;
use std::sync::Arc;
use store::stops::Notice;

/// The id of the element, which is there without a stop too.
const ID: &str = "stops";

/// What stands on a farm, for one reader.
#[derive(Debug, Clone)]
pub(crate) struct Banner {
    reader: Reader,
    farm: FarmId,
    may_release: bool,
    notices: Vec<Notice>,
}

impl Banner {
    /// As it was when somebody came.
    pub(crate) fn of(visitor: &Visitor, farm: FarmId) -> Self {
        let may_release = visitor.may(farm, Permission::ReleaseStop);
        Self { reader: visitor.reader, farm, may_release, notices: visitor.stops(farm) }
    }

    /// Takes in what stands now; whether that is another than before.
    pub(crate) fn take(&mut self, notices: Vec<Notice>) -> bool {
        let is_new = self.notices != notices;
        self.notices = notices;
        is_new
    }

    /// The element, for a page that has an older one.
    pub(crate) fn piece(&self, assets: &Arc<Assets>, now: Timestamp) -> (String, String) {
        let banner = self.clone();
        (ID.to_owned(), render(assets, move || view! { <Stops banner now/> }))
    }

    /// The same as all that a page is told, which is read out too.
    pub(crate) fn page(&self, assets: &Arc<Assets>, now: Timestamp) -> PagePatch {
        let said = self.notices.iter().map(|notice| say(&self.reader, notice, now));
        PagePatch {
            now: now.as_millis(),
            pieces: vec![self.piece(assets, now)],
            announcement: said.collect::<Vec<_>>().join(" "),
            ..PagePatch::default()
        }
    }
}

/// The banner, each stop a line that leads to its page.
#[component]
pub(crate) fn Stops(banner: Banner, now: Timestamp) -> impl IntoView {
    let Banner { reader, farm, may_release, notices } = banner;
    let word = if may_release { "stop-banner-release" } else { "stop-banner-see" };
    let lines = notices.into_iter().map(|notice| {
        view! {
            <a class="banner banner--stop" href=format!("/farms/{farm}/stop")>
                <Icon name="hand"/>
                <span><b>{say(&reader, &notice, now)}</b><span>{reader.say(word)}</span></span>
            </a>
        }
    });
    view! { <div id=ID>{lines.collect_view()}</div> }
}

/// Where it stands, since when, by whom.
fn say(reader: &Reader, notice: &Notice, now: Timestamp) -> String {
    let when = reader.when(notice.since, now, zone(&notice.zone));
    let values = [("when", when.as_str()), ("person", notice.by.as_str())];
    match &notice.house {
        Some(house) => {
            let [when, person] = values;
            reader.say_with("stop-banner-house", &[when, person, ("house", house)])
        }
        None => reader.say_with("stop-banner-farm", &values),
    }
}
