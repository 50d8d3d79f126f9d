//! All that a device was told, a page at a time, newest first.
use super::{
    doing::{row, words},
    edit::load,
};
use crate::{
    access::Farm,
    back::Back,
    document::{Page, respond},
    error::AppError,
    home::{Row, RowView},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;
use store::{StoreError, commands, people};

/// Commands on a page.
const ON_A_PAGE: usize = 30;

/// Where the page begins.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// Older than the command of this place.
    before: Option<i64>,
}

/// `GET /farms/{farm}/devices/{device}/commands`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &visitor, (&scope, &id)).await?;
    let (before, limit) = (wanted.before.unwrap_or(i64::MAX), ON_A_PAGE + 1);
    let read = visitor.read(&state, &scope, async |conn| {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let records = commands::history(conn, device.id, before, limit).await?;
        Ok::<_, StoreError>((records, people::names(conn, scope.farm()).await?))
    });
    let (mut records, people) = read.await?;
    visitor.visits(scope.farm(), known.now).await?;
    let has_more = records.len() > ON_A_PAGE;
    records.truncate(ON_A_PAGE);
    let reader = visitor.reader;
    let title = reader.say_with("device-commands-of", &[("device", &device.name)]);
    let here = format!("/farms/{}/devices/{}", scope.farm(), device.id);
    let older = records.last().filter(|_| has_more);
    let older = older.map(|last| format!("{here}/commands?before={}", last.place));
    let newest = wanted.before.map(|_| format!("{here}/commands"));
    let words = words(&known, reader, &people);
    let rows: Vec<RowView> = records.iter().map(|record| row((&known, words), record)).collect();
    let page = Page {
        title: title.clone(),
        farm: Some((scope.farm(), known.facts.farm.name.clone())),
        ..Page::default()
    };
    Ok(respond(&state, &visitor, page, || {
        view! { <Commands reader title rows pages=(newest, older) back=here/> }
    }))
}

#[component]
fn Commands(
    reader: Reader,
    title: String,
    rows: Vec<RowView>,
    /// The addresses of the newest and of older commands.
    pages: (Option<String>, Option<String>),
    back: String,
) -> impl IntoView {
    let is_empty = rows.is_empty();
    let rows = rows.into_iter().map(|row| view! { <Row row/> });
    let (newest, older) = pages;
    let to = |href: String, icon: &'static str, word: &str| {
        view! {
            <a class="button button--plain" href=href>
                <Icon name=icon/>
                <span>{reader.say(word)}</span>
            </a>
        }
    };
    view! {
        <div class="page__head">
            <h1>{title}</h1>
            {is_empty.then(|| view! { <p class="lead">{reader.say("device-commands-none")}</p> })}
        </div>
        {(!is_empty).then(|| view! { <ul class="list">{rows.collect_view()}</ul> })}
        <nav class="group" aria-label=reader.say("events-pages")>
            {newest.map(|href| to(href, "back", "device-commands-newest"))}
            {older.map(|href| to(href, "next", "device-commands-older"))}
        </nav>
        <Back reader to=back/>
    }
}
