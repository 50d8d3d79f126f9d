//! Deleting the farm: whoever does it types its name, and has some time to think better of it.
use super::{
    facts,
    ways_out::{WayOut, page},
};
use crate::{
    access::Farm,
    error::AppError,
    forms::{Faults, Fields, TextField, done, refused},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::{farms::UNDO_DAYS, names::same_key};
use leptos::prelude::*;
use serde::Deserialize;
use store::{FarmScope, farms};

/// What was typed to be sure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    name: String,
}

/// `GET /farms/{farm}/settings/delete`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let name = facts(&state, &visitor, &scope).await?.name;
    Ok(show(&state, &visitor, (&scope, name), String::new(), Faults::default()))
}

/// `POST /farms/{farm}/settings/delete`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(typed): Fields<Confirmation>,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let name = facts(&state, &visitor, &scope).await?.name;
    if same_key(&typed.name) != same_key(&name) {
        let mut faults = Faults::default();
        faults.add("name", visitor.reader.say("settings-delete-differs"));
        return Ok(refused(show(&state, &visitor, (&scope, name), typed.name, faults)));
    }
    if !farms::delete(&state.database, &scope, &visitor.origin(now)).await? {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done("/farms", "farm-deleted"))
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    (scope, name): (&FarmScope, String),
    typed: String,
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    let farm = name.clone();
    let days = reader.whole(UNDO_DAYS.into());
    let title = reader.say_with("settings-delete-title", &[("farm", &farm)]);
    let way = move || WayOut {
        what: vec![
            ("people", reader.say("settings-delete-members")),
            ("fan", reader.say("settings-devices-go-on")),
            ("undo", reader.say_with("settings-delete-undo", &[("n", &days)])),
            ("trash", reader.say("settings-delete-names")),
        ],
        action: view! { <Form reader farm typed faults/> }.into_any(),
    };
    page(state, visitor, (scope, name), (title, way))
}

#[component]
fn Form(reader: Reader, farm: String, typed: String, faults: Faults) -> impl IntoView {
    view! {
        <form class="form" method="post">
            <TextField
                name="name"
                label=reader.say("settings-delete-type")
                help=Some(farm)
                value=typed
                faults
                maxlength=1000
            />
            <button class="button button--danger">
                <Icon name="trash"/>
                <span>{reader.say("settings-delete")}</span>
            </button>
        </form>
    }
}
