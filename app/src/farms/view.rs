//! The list of farms as people see it.
use super::Farms;
use crate::{
    claim::WantedBox,
    document::{Page, respond},
    forms::Note,
    icons::Icon,
    members::role_name,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use chrono_tz::Tz;
use domain::farms::UNDO;
use leptos::prelude::*;
use store::farms::{DeletedFarm, MyFarm, PausedFarm};

/// The page; perhaps with the word that a farm could not be brought back.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    farms: Farms,
    is_not_back: bool,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("farms-title"), ..Page::default() };
    respond(state, visitor, page, || view! { <List reader farms is_not_back/> })
}

#[component]
fn List(reader: Reader, farms: Farms, is_not_back: bool) -> impl IntoView {
    let is_empty = farms.is_empty();
    let (last, zone) = (farms.last, farms.zone);
    let mine = farms.mine.into_iter().map(|farm| {
        let is_last = last == Some(farm.id);
        view! { <li><Mine reader farm is_last/></li> }
    });
    let mine = mine.collect_view();
    let not_back = is_not_back
        .then(|| view! { <Note kind="warn" icon="warning" text=reader.say("farms-not-back")/> });
    let paused =
        (!farms.paused.is_empty()).then(|| view! { <Paused reader farms=farms.paused zone/> });
    let deleted =
        (!farms.deleted.is_empty()).then(|| view! { <Deleted reader farms=farms.deleted zone/> });
    let wanted = farms.wanted.map(|WantedBox(code)| {
        let text = reader.say_with("claim-needs-farm", &[("code", &code.to_string())]);
        view! { <Note icon="qr" text/> }
    });
    view! {
        {not_back}
        {wanted}
        <div class="page__head">
            <h1>{reader.say(if is_empty { "farms-none" } else { "farms-title" })}</h1>
            {is_empty.then(|| view! { <p class="lead">{reader.say("farms-none-help")}</p> })}
        </div>
        {(!mine.is_empty()).then(|| view! { <ul class="list">{mine}</ul> })}
        <div class="group">
            <a class="button" href="/welcome">
                <Icon name="plus"/>
                <span>{reader.say("farms-new")}</span>
            </a>
            <a class="button button--plain" href="/join">
                <Icon name="key"/>
                <span>{reader.say("farms-code")}</span>
            </a>
        </div>
        {paused}
        {deleted}
    }
}

/// A farm to change over to.
#[component]
fn Mine(reader: Reader, farm: MyFarm, is_last: bool) -> impl IntoView {
    let role = role_name(&reader, farm.role);
    let last = is_last.then(|| reader.say("farms-last"));
    let about = [Some(role), farm.location, last].into_iter().flatten().collect::<Vec<_>>();
    view! {
        <a class="row row--to" href=format!("/farms/{}", farm.id) aria-current=is_last.then_some("true")>
            <Icon name=if is_last { "check" } else { "home" }/>
            <span><b>{farm.name}</b><small>{about.join(" · ")}</small></span>
            <Icon name="next"/>
        </a>
    }
}

/// Farms to take up again.
#[component]
fn Paused(reader: Reader, farms: Vec<PausedFarm>, zone: Tz) -> impl IntoView {
    let rows = farms.into_iter().map(|farm| {
        let since = reader.day(farm.paused_at, zone);
        let about = reader.say_with("farms-paused-since", &[("date", &since)]);
        let back = reader.say_with("farms-resume", &[("farm", &farm.name)]);
        let to = format!("/farms/{}/resume", farm.id);
        view! { <li><Away icon="pause" name=farm.name about to back=("play", back)/></li> }
    });
    view! {
        <section class="group">
            <h2>{reader.say("farms-paused")}</h2>
            <ul class="list">{rows.collect_view()}</ul>
        </section>
    }
}

/// Farms to bring back.
#[component]
fn Deleted(reader: Reader, farms: Vec<DeletedFarm>, zone: Tz) -> impl IntoView {
    let rows = farms.into_iter().map(|farm| {
        let until = reader.day(farm.deleted_at.plus(UNDO), zone);
        let about = reader.say_with("farms-until", &[("date", &until)]);
        let back = reader.say_with("farms-restore", &[("farm", &farm.name)]);
        let to = format!("/farms/{}/restore", farm.id);
        view! { <li><Away icon="trash" name=farm.name about to back=("undo", back)/></li> }
    });
    view! {
        <section class="group">
            <h2>{reader.say("farms-deleted")}</h2>
            <ul class="list">{rows.collect_view()}</ul>
        </section>
    }
}

/// A farm that is away, with the button that brings it back.
#[component]
fn Away(
    icon: &'static str,
    name: String,
    about: String,
    /// Where the button posts to.
    to: String,
    /// The button's icon and words.
    back: (&'static str, String),
) -> impl IntoView {
    view! {
        <div class="group">
            <div class="row">
                <Icon name=icon/>
                <span><b>{name}</b><small>{about}</small></span>
            </div>
            <form method="post" action=to>
                <button class="button button--plain">
                    <Icon name=back.0/>
                    <span>{back.1}</span>
                </button>
            </form>
        </div>
    }
}
