//! A new password by a code that somebody with the right has read out. It signs nobody in, and a second
//! factor stays.

mod view;

use crate::{
    codes::{self, Kind, Shut, Typed},
    document::secret,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    limits::Subject,
    new_password,
    sign_in::Way,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use store::resets;

const KIND: Kind = Kind("reset");

/// What was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    #[serde(default)]
    password: String,
}

/// `GET /reset`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Response {
    codes::ask(&state, &visitor, KIND, typed)
}

/// `GET /reset/{code}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    Path(typed): Path<String>,
) -> Result<Response, AppError> {
    let found = codes::look_up(&state, &visitor, &typed, resets::find).await?;
    Ok(secret(match found {
        Ok((code, whose)) => {
            view::page(&state, &visitor, (&code, &way, whose.name), Faults::default())
        }
        Err(shut) => codes::shut(&state, &visitor, (KIND, &way), shut),
    }))
}

/// `POST /reset/{code}`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    Path(typed): Path<String>,
    Fields(NewPassword { password }): Fields<NewPassword>,
) -> Result<Response, AppError> {
    let found = codes::look_up(&state, &visitor, &typed, resets::find).await?;
    let (code, name) = match found {
        Ok((code, whose)) => (code, whose.name),
        Err(shut) => return Ok(secret(codes::shut(&state, &visitor, (KIND, &way), shut))),
    };
    let back = |faults| secret(view::page(&state, &visitor, (&code, &way, name.clone()), faults));
    let mut faults = Faults::default();
    let field = ("password", password.as_str());
    new_password::check(&visitor.reader, field, vec![name.clone()], &mut faults).await?;
    if !faults.is_empty() {
        return Ok(refused(back(faults)));
    }
    let Ok(hash) = new_password::hash(&state, password).await? else {
        let faults = new_password::busy(&visitor.reader, "password");
        return Ok(new_password::busy_page(back(faults)));
    };
    let origin = visitor.origin(state.clock.now());
    let Some(reset) = resets::use_code(&state.database, (&code, &hash), &origin).await? else {
        return Ok(secret(codes::shut(&state, &visitor, (KIND, &way), Shut::Dead)));
    };
    for token in &reset.ended {
        state.cache.forget_session(token).await;
    }
    // who had forgotten it has tried some
    state.limits.wrong_passwords.clear(Subject::account(reset.user)).await;
    Ok(done(&way.through("/sign-in"), "password-set"))
}
