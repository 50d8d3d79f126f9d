//! A new password by a code that somebody with the right has read out. It signs nobody in, and a second
//! factor stays.

mod view;

use crate::{
    codes::{self, Kind, Shut, Typed},
    document::secret,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    limits::Subject,
    new_password, proof,
    sign_in::Way,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::codes::Code;
use serde::Deserialize;
use store::{
    AsyncPgConnection,
    resets::{self, Open, Used},
};

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
    way: Way,
    Query(typed): Query<Typed>,
) -> Response {
    codes::ask(&state, &visitor, (KIND, &way), typed)
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
    let find = async |conn: &mut AsyncPgConnection, code: &Code, now| {
        Ok(match resets::find(conn, code, now).await? {
            Some(open) => Some(Found::Open(open)),
            None => resets::find_used(conn, code, now.minus(proof::AGAIN)).await?.map(Found::Used),
        })
    };
    let found = codes::look_up(&state, &visitor, &typed, find).await?;
    let (code, name) = match found {
        Ok((code, Found::Open(whose))) => (code, whose.name),
        Ok((_, Found::Used(used))) => {
            return again(&state, &visitor, &way, (used, &password)).await;
        }
        Err(shut) => return Ok(secret(codes::shut(&state, &visitor, (KIND, &way), shut))),
    };
    let back = |faults| secret(view::page(&state, &visitor, (&code, &way, name.clone()), faults));
    let mut faults = Faults::default();
    let field = ("password", password.as_str());
    new_password::check(&visitor.reader, field, vec![name.clone()], &mut faults).await?;
    if !faults.is_empty() {
        return Ok(refused(back(faults)));
    }
    let Ok(hash) = new_password::hash(&state, password.clone()).await? else {
        let faults = new_password::busy(&visitor.reader, "password");
        return Ok(new_password::busy_page(back(faults)));
    };
    let origin = visitor.origin(state.clock.now());
    let Some(reset) = resets::use_code(&state.database, (&code, &hash), &origin).await? else {
        // another was faster: the same form's first tap, perhaps
        let used = {
            let mut connection = state.database.get().await?;
            let since = state.clock.now().minus(proof::AGAIN);
            resets::find_used(&mut connection, &code, since).await?
        };
        return match used {
            Some(used) => again(&state, &visitor, &way, (used, &password)).await,
            None => Ok(secret(codes::shut(&state, &visitor, (KIND, &way), Shut::Dead))),
        };
    };
    for token in &reset.ended {
        state.cache.forget_session(token).await;
    }
    // who had forgotten it has tried some
    state.limits.wrong_passwords.clear(Subject::account(reset.user)).await;
    Ok(set(&way))
}

/// What a code leads to that somebody sends with a new password.
enum Found {
    /// It is good.
    Open(Open),
    /// It has set a password a while ago.
    Used(Used),
}

/// The form again whose code is used: it has set this very password, or is worth nothing. Who only has the
/// code learns no more from that than at the door.
async fn again(
    state: &AppState,
    visitor: &Visitor,
    way: &Way,
    (used, password): (Used, &str),
) -> Result<Response, AppError> {
    let known = (used.user, used.password_hash);
    Ok(match proof::password_of(state, visitor, known, password).await? {
        Ok(()) => set(way),
        Err(_) => secret(codes::shut(state, visitor, (KIND, way), Shut::Dead)),
    })
}

fn set(way: &Way) -> Response {
    done(&way.through("/sign-in"), "password-set")
}
