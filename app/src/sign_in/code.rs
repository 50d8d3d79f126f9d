//! The second factor at the door: six digits that the person's phone makes, or a recovery code.
use super::{
    Typed,
    step::{self, Carried},
    trouble::Trouble,
    view,
    way::{CODE, Way},
    welcome,
};
use crate::{
    audit,
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
use domain::{UserId, codes::Code, totp};
use http::HeaderMap;
use serde::Deserialize;
use store::{
    second_factor,
    sessions::TokenHash,
    sign_in_steps::{self, Finished, Proof},
};

/// What was typed: one of the two.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedCode {
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery: String,
}

impl TypedCode {
    fn has_recovery(&self) -> bool {
        !self.recovery.trim().is_empty()
    }

    fn is_empty(&self) -> bool {
        !self.has_recovery() && self.code.trim().is_empty()
    }
}

/// `GET /sign-in/code`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    Ok(match step::find(&state, &visitor, &headers).await? {
        Carried::Open(_, step) => {
            view::code_page(&state, &visitor, &way.borrowed(step.is_borrowed), None)
        }
        _ if visitor.account.is_some() => Redirect::to(way.goal()).into_response(),
        // its session never reached this browser
        Carried::Finished => door(&state, &visitor, &way, Trouble::Finished),
        Carried::Nothing => Redirect::to(&way.through("/sign-in")).into_response(),
    })
}

/// `POST /sign-in/code`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    headers: HeaderMap,
    Fields(typed): Fields<TypedCode>,
) -> Result<Response, AppError> {
    let (token, step) = match step::find(&state, &visitor, &headers).await? {
        Carried::Open(token, step) => (token, step),
        Carried::Finished => return Ok(again(&way)),
        Carried::Nothing => return Ok(ended(&state, &visitor, &way)),
    };
    let field = if typed.has_recovery() { "recovery" } else { "code" };
    let back = |trouble| Ok(view::code_page(&state, &visitor, &way, Some((field, trouble))));
    if typed.is_empty() {
        return back(Trouble::NoCode);
    }
    let refused = async |reason, trouble| {
        audit::refuse_sign_in(&state, &visitor, (Some(step.user), reason)).await;
        back(trouble)
    };
    match attempt(&state, &visitor, (&token, step.user), &typed).await? {
        Ok(Finished::Now) => {}
        Ok(Finished::Before) => return Ok(again(&way)),
        Ok(Finished::Wrong) => return refused("wrong code", Trouble::WrongCode).await,
        Err(Wait(wait)) => return refused("locked", Trouble::Locked(wait)).await,
    }
    let new = SignIn { user: step.user, is_borrowed: step.is_borrowed };
    visitor.enter(&state, new).await?;
    let mut response = welcome(&way, &step.language);
    step::forget(&mut response, &visitor);
    Ok(response)
}

/// The way of who comes after a first tap that has finished the step. The answer to that may be just before this
/// one: the page looks whether the browser has its session by now, and leads on, or says what has happened.
fn again(way: &Way) -> Response {
    Redirect::to(&way.through(CODE)).into_response()
}

/// What is told where there is no step. Whoever is in by now is led on; the others type their password once more,
/// and nothing else.
fn ended(state: &AppState, visitor: &Visitor, way: &Way) -> Response {
    if visitor.account.is_some() {
        return Redirect::to(way.goal()).into_response();
    }
    door(state, visitor, way, Trouble::Late)
}

/// The door, with why one has to begin anew.
fn door(state: &AppState, visitor: &Visitor, way: &Way, trouble: Trouble) -> Response {
    view::page(state, visitor, way, &Typed::on(way), Some(trouble))
}

/// Ends the step by what was typed; wrong codes count as wrong passwords do.
async fn attempt(
    state: &AppState,
    visitor: &Visitor,
    step: (&TokenHash, UserId),
    typed: &TypedCode,
) -> Result<Result<Finished, Wait>, AppError> {
    let (who, here) = (Subject::account(step.1), Subject::address(visitor.came.address));
    let (limit, now) = (&state.limits.wrong_second_factors, state.clock.now());
    let is_wrong = |finished: &Result<_, _>| matches!(finished, Ok(Finished::Wrong));
    let finish = finish(state, visitor, step, typed);
    let finished = match limit.attempt((&[who, here], now), finish, is_wrong).await {
        Ok(finished) => finished?,
        Err(wait) => return Ok(Err(wait)),
    };
    if finished == Finished::Now {
        limit.clear(who).await;
    }
    Ok(Ok(finished))
}

async fn finish(
    state: &AppState,
    visitor: &Visitor,
    (token, user): (&TokenHash, UserId),
    typed: &TypedCode,
) -> Result<Finished, AppError> {
    let now = state.clock.now();
    let finished = match proof(state, user, typed).await? {
        Some(proof) => {
            let origin = visitor.origin(now);
            sign_in_steps::finish(&state.database, user, (token, &proof), &origin).await?
        }
        None => Finished::Wrong,
    };
    if finished != Finished::Wrong {
        return Ok(finished);
    }
    // of two taps the second finds the code used up by the first, and the step ended
    let mut connection = state.database.get().await?;
    let step = sign_in_steps::find(&mut connection, token, now).await?;
    Ok(if step.is_some() { Finished::Wrong } else { Finished::Before })
}

/// What may be a code of the person's: six digits that are, or what looks like a recovery code.
async fn proof(
    state: &AppState,
    user: UserId,
    typed: &TypedCode,
) -> Result<Option<Proof>, AppError> {
    if typed.has_recovery() {
        return Ok(Code::parse(&typed.recovery).map(Proof::Recovery));
    }
    let Some(factor) = second_factor::find(&state.database, user).await? else { return Ok(None) };
    let now = state.clock.now();
    Ok(totp::verify(&factor.secret, &typed.code, now, factor.newest_step).map(Proof::Step))
}
