//! One member's page.
use super::{find, view::Person};
use crate::{
    access::Farm,
    document::{Page, respond, secret},
    error::AppError,
    forms::Faults,
    reader::zone,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono_tz::Tz;
use domain::{UserId, permissions::Permission, roles::Role};
use leptos::prelude::*;
use store::{
    FarmScope, StoreError,
    farms::{self, FarmFacts},
    members::Member,
    people,
};

/// What the page is made of.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) farm: FarmFacts,
    pub(super) member: Member,
    /// The name of who brought them in, where that was somebody else.
    pub(super) invited_by: Option<String>,
}

/// What a form on the page came to, where it did not do what was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble {
    pub(super) faults: Faults,
    /// The role that was chosen.
    pub(super) chosen: Option<Role>,
    /// The password is not the farm's to reset.
    pub(super) needs_operator: bool,
}

impl Facts {
    /// Everything about a member; the 404 of a missing one for whoever is none.
    pub(super) async fn load(
        state: &AppState,
        visitor: &Visitor,
        (scope, member): (&FarmScope, &str),
    ) -> Result<Self, AppError> {
        let member: UserId = member.parse().map_err(|_| AppError::NotFound)?;
        let found = visitor.read(state, scope, async |conn| {
            let Some(farm) = farms::find(conn, scope.farm()).await? else { return Ok(None) };
            let Some(member) = find(conn, scope, member).await? else { return Ok(None) };
            let mut names = people::names(conn, scope.farm()).await?;
            let is_own = member.invited_by == member.user;
            let invited_by = names.remove(&member.invited_by).filter(|_| !is_own);
            Ok::<_, StoreError>(Some(Self { farm, member, invited_by }))
        });
        found.await?.ok_or(AppError::NotFound)
    }

    /// The farm's time zone.
    pub(super) fn zone(&self) -> Tz {
        zone(&self.farm.timezone)
    }
}

/// `GET /farms/{farm}/members/{member}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, member)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let facts = Facts::load(&state, &visitor, (&scope, &member)).await?;
    visitor.visits(scope.farm(), state.clock.now()).await?;
    Ok(show(&state, &visitor, scope, facts, Trouble::default()))
}

/// The page, with what went wrong with a form on it.
pub(super) fn show(
    state: &AppState,
    visitor: &Visitor,
    scope: FarmScope,
    facts: Facts,
    trouble: Trouble,
) -> Response {
    let reader = visitor.reader;
    let page = Page {
        title: facts.member.name.clone(),
        farm: Some((scope.farm(), facts.farm.name.clone())),
        ..Page::default()
    };
    // its form carries what a code for a forgotten password follows from
    secret(respond(state, visitor, page, || view! { <Person reader scope facts trouble/> }))
}

/// Whether who asks may remove a member: nobody else, and not themselves; that is leaving.
pub(super) fn may_remove(scope: &FarmScope, member: &Member) -> bool {
    scope.role().may(Permission::ManageMembers) && member.user != scope.user()
}
