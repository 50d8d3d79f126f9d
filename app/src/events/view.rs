//! The log as people see it.
use super::{
    browser,
    filters::{Chips, Filters},
    query::{Place, Wanted},
    tell::Teller,
};
use crate::{
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
    pub(super) teller: Teller,
    pub(super) wanted: Wanted,
    pub(super) traces: Vec<Trace>,
    pub(super) newer: Option<Place>,
    pub(super) older: Option<Place>,
}

/// The page.
#[component]
pub(super) fn Log(reader: Reader, told: Told) -> impl IntoView {
    let Told { farm, zone, teller, wanted, traces, newer, older } = told;
    let here = format!("/farms/{farm}/events");
    let address = |place| format!("{here}{}", wanted.query(place));
    let file = format!("{here}.csv{}", wanted.query(Place::Newest));
    let content = if traces.is_empty() {
        view! { <Nothing reader here=here.clone() is_all=wanted.is_all()/> }.into_any()
    } else {
        let days = traces.chunk_by(|one, next| day(one, zone) == day(next, zone));
        days.map(|traces| day_table(&teller, traces, zone)).collect_view().into_any()
    };
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
    let filters =
        view! { <Filters reader here=here.clone() wanted=wanted.clone() people=people(&teller)/> };
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
        <a class="button button--quiet" href=file download>
            <Icon name="download"/>
            <span>{reader.say("events-file")}</span>
        </a>
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

/// The events of one day.
fn day_table(teller: &Teller, traces: &[Trace], zone: Tz) -> impl IntoView + use<> {
    let reader = teller.reader;
    let caption = traces.first().map(|trace| {
        let date = reader.weekday_and_date(day(trace, zone));
        reader.say_with("events-day", &[("date", &date)])
    });
    let columns = ["events-time", "events-what", "events-who", "events-from"]
        .map(|column| view! { <th scope="col">{reader.say(column)}</th> });
    let rows = traces.iter().map(|trace| row(teller, trace, zone)).collect_view();
    view! {
        <table class="table table--log">
            <caption>{caption}</caption>
            <thead><tr>{columns}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(teller: &Teller, trace: &Trace, zone: Tz) -> impl IntoView + use<> {
    let (reader, event) = (teller.reader, &trace.event);
    let from = trace.address.map(|address| address.to_string());
    let from = from.unwrap_or_else(|| "–".to_owned());
    let browser = trace.user_agent.as_deref().and_then(browser::name);
    view! {
        <tr>
            <td><time datetime=rfc3339(event.at)>{reader.clock_time(event.at, zone)}</time></td>
            <td class="what">
                <span class="event">
                    <Icon name=icon(trace)/>
                    <span>{teller.what(trace)} {grave(&reader, event.severity)}</span>
                </span>
            </td>
            <td>{teller.who(trace)}</td>
            <td class="from"><span class="n">{from}</span>{browser.map(|name| view! { <small class="small">{name}</small> })}</td>
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
    let word = reader.say(&format!("events-{}", severity.name()));
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
