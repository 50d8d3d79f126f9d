//! Leaving the farm: for every member, the last owner apart.
use super::{
    facts,
    ways_out::{WayOut, button, page},
};
use crate::{
    access::Farm,
    error::AppError,
    forms::{Fields, Note, Sure, done, refused},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::roles::Role;
use leptos::prelude::*;
use store::{
    FarmScope, StoreError, farms,
    members::{self, MemberError},
};

/// `GET /farms/{farm}/settings/leave`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let found = visitor.read(&state, &scope, async |conn| {
        let farm = farms::find(conn, scope.farm()).await?;
        Ok::<_, StoreError>((farm, members::list(conn, scope.farm()).await?))
    });
    let (farm, all) = found.await?;
    let name = farm.ok_or(AppError::NotFound)?.name;
    let has_other = all.iter().any(|other| other.role == Role::Admin && other.user != scope.user());
    let is_last = scope.role() == Role::Admin && !has_other;
    Ok(show(&state, &visitor, (&scope, name), is_last))
}

/// `POST /farms/{farm}/settings/leave`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(_): Fields<Sure>,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    match members::leave(&state.database, &scope, &visitor.origin(now)).await {
        Ok(true) => {
            state.bus.people_changed([scope.farm()], scope.user(), now);
            Ok(done("/farms", "farm-left"))
        }
        Ok(false) => Err(AppError::NotFound),
        Err(MemberError::LastAdmin) => {
            let name = facts(&state, &visitor, &scope).await?.name;
            Ok(refused(show(&state, &visitor, (&scope, name), true)))
        }
        Err(MemberError::Store(error)) => Err(AppError::from(error)),
    }
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    (scope, name): (&FarmScope, String),
    is_last: bool,
) -> Response {
    let reader = visitor.reader;
    let title = reader.say_with("settings-leave-title", &[("farm", &name)]);
    let members = format!("/farms/{}/members", scope.farm());
    let way = move || {
        if is_last {
            let action = view! { <HandOver reader members/> }.into_any();
            return WayOut { what: Vec::new(), action };
        }
        WayOut {
            what: vec![
                ("lock", reader.say("settings-leave-gone")),
                ("key", reader.say("settings-leave-back")),
            ],
            action: button("leave", reader.say("settings-leave")),
        }
    };
    page(state, visitor, (scope, name), (title, way))
}

/// What the last owner has to do first.
#[component]
fn HandOver(reader: Reader, members: String) -> impl IntoView {
    view! {
        <Note kind="warn" icon="lock" text=reader.say("last-admin")/>
        <a class="button" href=members>
            <Icon name="people"/>
            <span>{reader.say("members-title")}</span>
        </a>
    }
}
