//! The list of a person's sessions as they see it.
use crate::{
    back::Back,
    browser,
    document::{Page, respond},
    forms::{Faults, TextField},
    icons::Icon,
    reader::{Reader, rfc3339},
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use chrono_tz::Tz;
use domain::Timestamp;
use leptos::prelude::*;
use store::sessions::OwnSession;

/// The list.
pub(super) fn list(state: &AppState, visitor: &Visitor, sessions: Vec<OwnSession>) -> Response {
    let (reader, now, zone) = (visitor.reader, state.clock.now(), visitor.zone());
    let page = Page { title: reader.say("sessions-title"), ..Page::default() };
    respond(state, visitor, page, || {
        let others = (sessions.len() > 1).then(|| {
            view! {
                <form method="post" action="/account/sessions/end-others">
                    <button class="button button--danger-plain">
                        <Icon name="leave"/>
                        <span>{reader.say("sessions-end-others")}</span>
                    </button>
                </form>
            }
        });
        let cards = sessions
            .into_iter()
            .map(|session| view! { <li><Session reader session now zone/></li> });
        view! {
            <div class="page__head">
                <h1>{reader.say("sessions-title")}</h1>
                <p class="lead">{reader.say("sessions-lead")}</p>
            </div>
            <ul class="group">{cards.collect_view()}</ul>
            {others}
            <Back reader to="/account"/>
        }
    })
}

#[component]
fn Session(reader: Reader, session: OwnSession, now: Timestamp, zone: Tz) -> impl IntoView {
    let browser = in_words(&reader, &session.user_agent);
    let (name, browser) = match session.device_name.clone() {
        Some(name) => (name, Some(browser)),
        None => (browser, None),
    };
    let address = session
        .address
        .map(|address| reader.say_with("sessions-from", &[("address", &address.to_string())]));
    let tag = |class: &'static str, icon: &'static str, word: &str| {
        view! { <span class=class><Icon name=icon/><span>{reader.say(word)}</span></span> }
    };
    let end = (!session.is_this).then(|| {
        view! {
            <form method="post" action=format!("/account/sessions/{}/end", session.id)>
                <button class="button button--danger-plain">
                    <Icon name="leave"/>
                    <span>{reader.say("sessions-end")}</span>
                </button>
            </form>
        }
    });
    view! {
        <section class="card">
            <h2>{name}</h2>
            {session.is_this.then(|| tag("state", "check", "sessions-this"))}
            {session.is_borrowed.then(|| tag("state state--warn", "clock", "sessions-borrowed"))}
            {browser.map(|browser| view! { <p>{browser}</p> })}
            <p class="small"><Moment reader id="sessions-used" at=session.last_activity now zone/></p>
            <p class="small"><Moment reader id="sessions-since" at=session.created_at now zone/></p>
            {address.map(|address| view! { <p class="small">{address}</p> })}
            <a class="button button--plain" href=format!("/account/sessions/{}", session.id)>
                <Icon name="edit"/>
                <span>{reader.say("sessions-name")}</span>
            </a>
            {end}
        </section>
    }
}

#[component]
fn Moment(
    reader: Reader,
    id: &'static str,
    at: Timestamp,
    now: Timestamp,
    zone: Tz,
) -> impl IntoView {
    let (before, after) = reader.say_around(id, "time", &[]);
    view! { {before}<time datetime=rfc3339(at)>{reader.when(at, now, zone)}</time>{after} }
}

/// The page on which a phone is named.
pub(super) fn name(
    state: &AppState,
    visitor: &Visitor,
    session: OwnSession,
    typed: String,
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("sessions-name"), ..Page::default() };
    respond(state, visitor, page, || {
        view! {
            <div class="page__head">
                <h1>{reader.say("sessions-name")}</h1>
                <p class="lead">{in_words(&reader, &session.user_agent)}</p>
            </div>
            <form class="form" method="post" action=format!("/account/sessions/{}", session.id)>
                <TextField
                    name="name"
                    label=reader.say("sessions-name-label")
                    help=Some(reader.say("sessions-name-help"))
                    value=typed
                    faults
                />
                <button class="button button--tall">{reader.say("save")}</button>
            </form>
            <Back reader to="/account/sessions"/>
        }
    })
}

/// A browser as one calls it, or what stands for one.
fn in_words(reader: &Reader, user_agent: &str) -> String {
    browser::in_words(reader, user_agent).unwrap_or_else(|| reader.say("browser-unknown"))
}
