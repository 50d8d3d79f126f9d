//! The log as people see it.
use super::{
    filters::{Chips, Filters},
    query::{Asked, Place},
    severity_word,
    tell::Teller,
};
use crate::{
    browser,
    icons::Icon,
    reader::{Reader, on_farm, rfc3339},
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::{
    FarmId, UserId,
    events::{EventCategory, EventKind, Severity},
};
use leptos::prelude::*;
use store::events::Trace;

/// What the page is made of.
pub(super) struct Told {
    pub(super) farm: FarmId,
    pub(super) zone: Tz,
    /// The day on the farm.
    pub(super) today: NaiveDate,
    pub(super) teller: Teller,
    pub(super) asked: Asked,
    pub(super) traces: Vec<Trace>,
    pub(super) newer: Option<Place>,
    pub(super) older: Option<Place>,
}

/// The page.
#[component]
pub(super) fn Log(reader: Reader, told: Told) -> impl IntoView {
    let Told { farm, zone, today, teller, asked, traces, newer, older } = told;
    let Asked { wanted, typed, faults, .. } = asked;
    let is_right = faults.is_empty();
    let here = format!("/farms/{farm}/events");
    let address = |place| format!("{here}{}", wanted.query(place));
    let file = format!("{here}.csv{}", wanted.query(Place::Newest));
    let content = is_right.then(|| {
        if traces.is_empty() {
            return view! { <Nothing reader here=here.clone() is_all=wanted.is_all()/> }.into_any();
        }
        let days = traces.chunk_by(|one, next| day(one, zone) == day(next, zone));
        days.map(|traces| day_table(&teller, traces, zone)).collect_view().into_any()
    });
    let file = is_right.then(|| {
        view! {
            <a class="button button--quiet" href=file download>
                <Icon name="download"/>
                <span>{reader.say("events-file")}</span>
            </a>
        }
    });
    let turn = |place: Option<Place>, icon: &'static str, word: &str| {
        place.map(|place| {
            view! {
                <a class="button button--plain" href=address(place)>
                    <Icon name=icon/>
                    <span>{reader.say(word)}</span>
                </a>
            }
        })
    };
    let chips = view! { <Chips reader here=here.clone() wanted=wanted.clone()/> };
    let people = people(&teller);
    let filters = view! { <Filters reader here=here.clone() wanted=wanted.clone() typed faults people today/> };
    let turns = (newer.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="turns" aria-label=reader.say("events-pages")>
                {turn(newer, "back", "events-newer")} {turn(older, "next", "events-older")}
            </nav>
        }
    });
    view! {
        <div class="page__head">
            <h1>{reader.say("events-title")}</h1>
            <p class="lead">{reader.say("events-lead")}</p>
        </div>
        {chips.into_any()}
        {filters.into_any()}
        {content}
        {turns.into_any()}
        {file.into_any()}
    }
}

/// Nothing has happened, or nothing of what was looked for.
#[component]
fn Nothing(reader: Reader, here: String, is_all: bool) -> impl IntoView {
    let message = if is_all { "events-none" } else { "events-none-found" };
    let again = (!is_all).then(|| {
        view! {
            <a class="button button--plain" href=here>
                <Icon name="undo"/>
                <span>{reader.say("events-show-all")}</span>
            </a>
        }
    });
    view! { <section class="empty"><h2>{reader.say(message)}</h2>{again}</section> }
}

fn day(trace: &Trace, zone: Tz) -> NaiveDate {
    on_farm(trace.event.at, zone).date_naive()
}

/// The events of one day. On a phone its lines are blocks, and to some browsers what is laid out so is no table
/// any more for people who listen: so each part says what it is.
fn day_table(teller: &Teller, traces: &[Trace], zone: Tz) -> impl IntoView + use<> {
    let reader = teller.reader;
    let caption = traces.first().map(|trace| {
        let date = reader.weekday_and_date(day(trace, zone));
        reader.say_with("events-day", &[("date", &date)])
    });
    let columns = ["events-time", "events-what", "events-who", "events-from"]
        .map(|column| view! { <th scope="col" role="columnheader">{reader.say(column)}</th> });
    let rows = traces.iter().map(|trace| row(teller, trace, zone)).collect_view();
    view! {
        <table class="table table--log" role="table">
            <caption>{caption}</caption>
            <thead role="rowgroup"><tr role="row">{columns}</tr></thead>
            <tbody role="rowgroup">{rows}</tbody>
        </table>
    }
}

fn row(teller: &Teller, trace: &Trace, zone: Tz) -> impl IntoView + use<> {
    let (reader, event) = (teller.reader, &trace.event);
    let address = trace.address.map(|address| address.to_string());
    let browser = trace.user_agent.as_deref().and_then(|it| browser::in_words(&reader, it));
    view! {
        <tr role="row">
            <td role="cell"><time datetime=rfc3339(event.at)>{reader.clock_time(event.at, zone)}</time></td>
            <td role="cell" class="what">
                <span class="event">
                    <Icon name=icon(trace)/>
                    <span>{teller.what(trace)} {grave(&reader, event.severity)}</span>
                </span>
            </td>
            <td role="cell">{teller.who(trace)}</td>
            <td role="cell" class="from">
                {address.map(|address| view! { <span class="n">{address}</span> })}
                {browser.map(|name| view! { " " <small class="small">{name}</small> })}
            </td>
        </tr>
    }
}

/// A word for what is more than good to know.
fn grave(reader: &Reader, severity: Severity) -> Option<impl IntoView + use<>> {
    let (class, icon) = match severity {
        Severity::Info => return None,
        Severity::Warning => ("state state--warn", "warning"),
        Severity::Error | Severity::Critical => ("state state--bad", "critical"),
    };
    let word = severity_word(reader, severity);
    Some(view! { <span class=class><Icon name=icon/><span>{word}</span></span> })
}

const fn category_icon(category: EventCategory) -> &'static str {
    match category {
        EventCategory::User => "people",
        EventCategory::Device => "sensor",
        EventCategory::System => "settings",
    }
}

/// The icon of an event: that of whose doing it is.
pub(crate) fn icon(trace: &Trace) -> &'static str {
    EventKind::parse(&trace.event.kind).map_or("log", |kind| category_icon(kind.category()))
}

/// Everybody who ever belonged to the farm, by name.
fn people(teller: &Teller) -> Vec<(UserId, String)> {
    let mut people: Vec<_> =
        teller.names.iter().map(|(user, name)| (*user, name.clone())).collect();
    people.sort_by(|(one, a), (other, b)| a.cmp(b).then(one.cmp(other)));
    people
}
