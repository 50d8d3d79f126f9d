//! The second factor at the door: six digits that the person's phone makes, or a recovery code.
use super::{step, trouble::Trouble, view, way::Way, welcome};
use crate::{
    audit::{self, Refusal},
    error::AppError,
    forms::Fields,
    limits::{Subject, Wait},
    state::AppState,
    visitor::{SignIn, Visitor},
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{UserId, codes::Code, events::EventKind, totp};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use store::{second_factor, sign_in_steps};

/// What was typed: one of the two.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedCode {
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery: String,
}

/// `GET /sign-in/code`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    match step::find(&state, &visitor, &headers).await? {
        Some((_, step)) => {
            Ok(view::code_page(&state, &visitor, &way.borrowed(step.is_borrowed), None))
        }
        None => Ok(Redirect::to(&way.through("/sign-in")).into_response()),
    }
}

/// `POST /sign-in/code`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    headers: HeaderMap,
    Fields(typed): Fields<TypedCode>,
) -> Result<Response, AppError> {
    // the password once more, and nothing else
    let late =
        || Ok(view::page(&state, &visitor, &way, &super::Typed::on(&way), Some(Trouble::Late)));
    let Some((token, step)) = step::find(&state, &visitor, &headers).await? else {
        return late();
    };
    let field = if typed.recovery.trim().is_empty() { "code" } else { "recovery" };
    let refused = async |reason, trouble| {
        let (kind, data) = (EventKind::SignInRefused, json!({ "reason": reason }));
        audit::record(&state, &visitor, Refusal { kind, user: Some(step.user), data }).await;
        Ok(view::code_page(&state, &visitor, &way, Some((field, trouble))))
    };
    if typed.code.trim().is_empty() && typed.recovery.trim().is_empty() {
        let missing = Some((field, Trouble::NoCode));
        return Ok(view::code_page(&state, &visitor, &way, missing));
    }
    // as with passwords: what may be wrong counts as wrong until it is known to be right
    let (who, here) = (Subject::account(step.user), Subject::address(visitor.came.address));
    let limit = &state.limits.wrong_second_factors;
    let taken = match limit.take(&[who, here], state.clock.now()).await {
        Ok(taken) => taken,
        Err(Wait(wait)) => return refused("locked", Trouble::Locked(wait)).await,
    };
    match is_right(&state, &visitor, step.user, &typed).await {
        Ok(true) => limit.clear(who).await,
        Ok(false) => return refused("wrong code", Trouble::WrongCode).await,
        Err(error) => {
            // nobody knows whether it was wrong
            limit.give_back(who, taken).await;
            limit.give_back(here, taken).await;
            return Err(error);
        }
    }
    limit.give_back(here, taken).await;
    let now = state.clock.now();
    if !sign_in_steps::finish(&state.database, step.user, &token, now).await? {
        return late();
    }
    let new = SignIn { user: step.user, is_borrowed: step.is_borrowed };
    visitor.enter(&state, new).await?;
    let mut response = welcome(&way, &step.language);
    step::forget(&mut response, &visitor);
    Ok(response)
}

/// Whether it is a code of the person's. A right one is used up.
async fn is_right(
    state: &AppState,
    visitor: &Visitor,
    user: UserId,
    typed: &TypedCode,
) -> Result<bool, AppError> {
    let now = state.clock.now();
    if typed.recovery.trim().is_empty() {
        let Some(factor) = second_factor::find(&state.database, user).await? else {
            return Ok(false);
        };
        let step = totp::verify(&factor.secret, &typed.code, now, factor.newest_step);
        let Some(step) = step else { return Ok(false) };
        return Ok(second_factor::use_step(&state.database, user, step).await?);
    }
    let Some(code) = Code::parse(&typed.recovery) else { return Ok(false) };
    let origin = visitor.origin(now);
    Ok(second_factor::use_recovery_code(&state.database, user, &code, &origin).await?)
}
