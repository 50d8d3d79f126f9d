//! What the log can be searched by. Without a script it is a form that asks for the page with its fields.
use super::query::{Place, Typed, Wanted};
use crate::{
    forms::{DateField, Faults, SelectField, TextField},
    icons::Icon,
    reader::Reader,
};
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

/// Words to look for, and more where it is unfolded; as typed, with what is wrong with it.
#[component]
pub(super) fn Filters(
    reader: Reader,
    here: String,
    wanted: Wanted,
    typed: Typed,
    faults: Faults,
    people: Vec<(UserId, String)>,
    /// The last day to choose.
    today: NaiveDate,
) -> impl IntoView {
    let category = wanted.category.map(|category| {
        view! { <input type="hidden" name="category" value=category.name()/> }
    });
    let is_open = wanted.is_narrow() || !faults.is_empty();
    let severities = [Severity::Warning, Severity::Error, Severity::Critical].map(|severity| {
        let word = reader.say(&format!("events-least-{}", severity.name()));
        (severity.name().to_owned(), word)
    });
    let people = people.into_iter().map(|(user, name)| (user.to_string(), name));
    let severity = wanted.severity.map(|severity| severity.name().to_owned()).unwrap_or_default();
    let person = wanted.person.map(|user| user.to_string()).unwrap_or_default();
    let day = |name, word: &str, day: Option<NaiveDate>, typed| {
        let value = day.map_or(typed, |day| day.to_string());
        let (label, max, faults) = (reader.say(word), today.to_string(), faults.clone());
        view! { <DateField name label value max faults/> }
    };
    view! {
        <form class="form" method="get" action=here>
            {category}
            <TextField
                name="q"
                label=reader.say("events-search")
                value=typed.text
                faults=faults.clone()
                kind="search"
            />
            <details class="more" open=is_open>
                <summary><Icon name="down"/><span>{reader.say("events-more")}</span></summary>
                <div class="form">
                    <SelectField
                        name="severity"
                        label=reader.say("events-severity")
                        options=or_all(reader.say("events-all"), severities)
                        chosen=severity
                        faults=faults.clone()
                    />
                    <SelectField
                        name="person"
                        label=reader.say("events-who")
                        options=or_all(reader.say("events-everybody"), people)
                        chosen=person
                        faults=faults.clone()
                    />
                    {day("from", "events-from-day", wanted.from, typed.from)}
                    {day("to", "events-to-day", wanted.to, typed.to)}
                </div>
            </details>
            <button class="button button--plain">
                <Icon name="search"/>
                <span>{reader.say("events-search")}</span>
            </button>
        </form>
    }
}

/// Options, and before them the one that leaves nothing out.
fn or_all(
    all: String,
    options: impl IntoIterator<Item = (String, String)>,
) -> Vec<(String, String)> {
    std::iter::once((String::new(), all)).chain(options).collect()
}
