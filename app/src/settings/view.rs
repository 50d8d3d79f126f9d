//! The settings as people see them: a form for those who may change them, words for the others.
use super::form::FarmForm;
use crate::{
    document::{Page, respond},
    farms::FarmFields,
    forms::{Faults, SelectField},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
    zones,
};
use axum::response::Response;
use domain::permissions::Permission;
use leptos::prelude::*;
use store::FarmScope;

/// The page.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    (scope, name): (&FarmScope, String),
    form: FarmForm,
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    let title = reader.say("settings-title");
    let page = Page { title, farm: Some((scope.farm(), name)), ..Page::default() };
    let scope = *scope;
    respond(state, visitor, page, || view! { <Settings reader scope form faults/> })
}

#[component]
fn Settings(reader: Reader, scope: FarmScope, form: FarmForm, faults: Faults) -> impl IntoView {
    let content = if scope.role().may(Permission::EditFarm) {
        view! { <Form reader form faults/> }.into_any()
    } else {
        view! { <Words reader form/> }.into_any()
    };
    let may_delete = scope.role().may(Permission::DeleteFarm);
    let out = move |place: &str, icon, word: &str| {
        let to = format!("/farms/{}/settings/{place}", scope.farm());
        view! {
            <a class="button button--danger-plain" href=to>
                <Icon name=icon/>
                <span>{reader.say(word)}</span>
            </a>
        }
    };
    view! {
        <h1>{reader.say("settings-title")}</h1>
        {content}
        <section class="group">
            <h2>{reader.say("settings-out")}</h2>
            {out("leave", "leave", "settings-leave")}
            {may_delete.then(|| out("pause", "pause", "settings-pause"))}
            {may_delete.then(|| out("delete", "trash", "settings-delete"))}
        </section>
    }
}

#[component]
fn Form(reader: Reader, form: FarmForm, faults: Faults) -> impl IntoView {
    let options = zones::all(&reader, &form.zone);
    view! {
        <form class="form" method="post">
            <FarmFields reader name=form.name place=form.place faults=faults.clone()/>
            <SelectField
                name="zone"
                label=reader.say("zone")
                help=Some(reader.say("settings-zone-help"))
                options
                chosen=form.zone
                faults
            />
            <button class="button button--tall">{reader.say("save")}</button>
        </form>
    }
}

/// The same for those who only look.
#[component]
fn Words(reader: Reader, form: FarmForm) -> impl IntoView {
    let place = if form.place.is_empty() { reader.say("settings-no-place") } else { form.place };
    let row = |icon, word: &str, value: String| {
        view! {
            <li>
                <div class="row">
                    <Icon name=icon/>
                    <span><small>{reader.say(word)}</small><b>{value}</b></span>
                </div>
            </li>
        }
    };
    view! {
        <ul class="list">
            {row("home", "farm-name", form.name)}
            {row("signal", "farm-place", place)}
            {row("clock", "zone", zones::name(&reader, &form.zone))}
        </ul>
    }
}
