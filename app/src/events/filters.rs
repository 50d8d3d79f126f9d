//! What the log can be searched by. Without a script it is a form that asks for the page with its fields.
use super::query::{Place, Wanted};
use crate::{icons::Icon, reader::Reader};
use chrono::NaiveDate;
use domain::{
    UserId,
    events::{EventCategory, Severity},
};
use leptos::prelude::*;

/// Whose doing: all, people's, devices', the server's.
#[component]
pub(super) fn Chips(reader: Reader, here: String, wanted: Wanted) -> impl IntoView {
    let chip = |category: Option<EventCategory>, icon: &'static str, word: &str| {
        let address = Wanted { category, ..wanted.clone() }.query(Place::Newest);
        let current = (wanted.category == category).then_some("true");
        view! {
            <a class="chip" href=format!("{here}{address}") aria-current=current>
                <Icon name=icon/>
                <span>{reader.say(word)}</span>
            </a>
        }
    };
    view! {
        <nav class="pick" aria-label=reader.say("events-category")>
            {chip(None, "log", "events-all")}
            {chip(Some(EventCategory::User), "people", "events-user")}
            {chip(Some(EventCategory::Device), "sensor", "events-device-category")}
            {chip(Some(EventCategory::System), "settings", "events-system-category")}
        </nav>
    }
}

/// Words to look for, and more where it is unfolded.
#[component]
pub(super) fn Filters(
    reader: Reader,
    here: String,
    wanted: Wanted,
    people: Vec<(UserId, String)>,
) -> impl IntoView {
    let category = wanted.category.map(|category| {
        view! { <input type="hidden" name="category" value=category.name()/> }
    });
    let is_narrow = wanted.is_narrow();
    let severities = [Severity::Warning, Severity::Error, Severity::Critical].map(|severity| {
        let word = reader.say(&format!("events-least-{}", severity.name()));
        (severity.name().to_owned(), word, wanted.severity == Some(severity))
    });
    let people = people
        .into_iter()
        .map(|(user, name)| (user.to_string(), name, wanted.person == Some(user)))
        .collect();
    view! {
        <form class="form" method="get" action=here>
            {category}
            <div class="field">
                <label for="q">{reader.say("events-search")}</label>
                <input class="input" id="q" name="q" type="search" maxlength="60" value=wanted.text/>
            </div>
            <details class="more" open=is_narrow>
                <summary><Icon name="down"/><span>{reader.say("events-more")}</span></summary>
                <div class="form">
                    <Pick name="severity" label=reader.say("events-severity") all=reader.say("events-least-info") options=severities.into()/>
                    <Pick name="person" label=reader.say("events-who") all=reader.say("events-everybody") options=people/>
                    <Day name="from" label=reader.say("events-from-day") value=wanted.from/>
                    <Day name="to" label=reader.say("events-to-day") value=wanted.to/>
                </div>
            </details>
            <button class="button button--plain">
                <Icon name="search"/>
                <span>{reader.say("events-find")}</span>
            </button>
        </form>
    }
}

/// One of several; nothing chosen means all. Each option: value, word, whether it is chosen.
#[component]
fn Pick(
    name: &'static str,
    label: String,
    all: String,
    options: Vec<(String, String, bool)>,
) -> impl IntoView {
    let options = options.into_iter().map(|(value, word, is_chosen)| {
        view! { <option value=value selected=is_chosen>{word}</option> }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="input" id=name name=name>
                <option value="">{all}</option>
                {options.collect_view()}
            </select>
        </div>
    }
}

#[component]
fn Day(name: &'static str, label: String, value: Option<NaiveDate>) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input class="input" id=name name=name type="date" value=value.map(|date| date.to_string())/>
        </div>
    }
}
