//! Giving a member another role.
use super::person::{Facts, Trouble, show};
use crate::{
    access::Farm,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::roles::Role;
use serde::Deserialize;
use store::members::{self, MemberError};

/// What was chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    role: Role,
}

/// `POST /farms/{farm}/members/{member}`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, member)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Change { role }): Fields<Change>,
) -> Result<Response, AppError> {
    let facts = Facts::load(&state, &visitor, (&scope, &member)).await?;
    let member = facts.member.user;
    let here = format!("/farms/{}/members/{member}", scope.farm());
    let origin = visitor.origin(state.clock.now());
    match members::change_role(&state.database, &scope, (member, role), &origin).await {
        Ok(Some(before)) if before == role => Ok(Redirect::to(&here).into_response()),
        Ok(Some(_)) => Ok(done(&here, "role-changed")),
        Ok(None) => Err(AppError::NotFound),
        Err(MemberError::LastAdmin) => {
            let mut faults = Faults::default();
            faults.add("role", visitor.reader.say("last-admin"));
            let trouble = Trouble { faults, chosen: Some(role), ..Trouble::default() };
            Ok(refused(show(&state, &visitor, scope, facts, trouble)))
        }
        Err(MemberError::Store(error)) => Err(error.into()),
    }
}
