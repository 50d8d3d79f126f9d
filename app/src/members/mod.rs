//! Who belongs to a farm: the list, and a page for each person. Others' pages also change roles, remove
//! people and help with a forgotten password, for whoever may.

mod change;
mod person;
mod remove;
mod reset;
mod roles;
mod view;

pub(crate) use change::submit as change;
pub(crate) use person::page as person;
pub(crate) use remove::{page as ask_removal, submit as remove};
pub(crate) use reset::{page as reset_code, submit as reset};
pub(crate) use roles::{role_choice, role_icon, role_may, role_name};
pub(crate) use view::AllMembers;

use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::Faults,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::UserId;
use leptos::prelude::*;
use std::collections::HashMap;
use store::{
    AsyncPgConnection, FarmScope,
    farms::{self, FarmFacts},
    invitations::{self, Invitation},
    members::{self, Member},
    people,
};
use view::Members;

/// What the page is made of.
#[derive(Debug, Clone)]
struct Facts {
    farm: FarmFacts,
    members: Vec<Member>,
    invitations: Vec<Invitation>,
    names: HashMap<UserId, String>,
}

impl Facts {
    async fn load(
        state: &AppState,
        visitor: &Visitor,
        scope: &FarmScope,
    ) -> Result<Self, AppError> {
        let now = state.clock.now();
        let facts = visitor.read(state, scope, async |conn| {
            let farm = farms::find(conn, scope.farm()).await?;
            let members = members::list(conn, scope.farm()).await?;
            let invitations = invitations::list_open(conn, scope, now).await?;
            let names = people::names(conn, scope.farm()).await?;
            Ok::<_, store::StoreError>(farm.map(|farm| Self { farm, members, invitations, names }))
        });
        facts.await?.ok_or(AppError::NotFound)
    }
}

/// `GET /farms/{farm}/members`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    visitor.visits(scope.farm(), state.clock.now()).await?;
    list(&state, &visitor, &scope, Faults::default()).await
}

/// The list, with what is wrong with the form below it.
pub(crate) async fn list(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
    faults: Faults,
) -> Result<Response, AppError> {
    let facts = Facts::load(state, visitor, scope).await?;
    let (reader, scope, now) = (visitor.reader, *scope, state.clock.now());
    let page = Page {
        title: reader.say("members-title"),
        farm: Some((scope.farm(), facts.farm.name.clone())),
        class: "page--wide cols",
        ..Page::default()
    };
    Ok(respond(state, visitor, page, || view! { <Members reader scope facts faults now/> }))
}

/// A member of the farm; nothing if there is none of that name in the address.
async fn find(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    member: UserId,
) -> Result<Option<Member>, store::StoreError> {
    let members = members::list(connection, scope.farm()).await?;
    Ok(members.into_iter().find(|one| one.user == member))
}
