//! Somebody who is signed in shows once more that it is them, before what a found phone must not do. Wrong
//! answers count like those at the door.
mod password;

pub(crate) use password::{AGAIN, password, password_before, password_of};

use crate::{
    audit,
    error::AppError,
    forms::{refused, say_wait, too_many},
    limits::{Limit, Subject, Wait},
    passwords::{Busy, SOON},
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use domain::{UserId, totp};
use std::time::Duration;
use store::second_factor::{self, SecondFactor};

/// Why it was not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Nothing was typed.
    Missing,
    /// It is wrong.
    Wrong,
    /// Too many were wrong: how long to wait.
    Wait(Duration),
    /// Too many passwords are looked at: one may try again soon.
    Busy,
}

impl Doubt {
    /// What is said beside the field.
    pub(crate) fn say(self, reader: &Reader) -> String {
        match self {
            Self::Missing => reader.say("field-required"),
            Self::Wrong => reader.say("password-wrong"),
            Self::Wait(wait) => say_wait(reader, wait),
            Self::Busy => reader.say("password-busy"),
        }
    }

    /// Marks the page that says it.
    pub(crate) fn mark(self, page: Response) -> Response {
        match self {
            Self::Missing | Self::Wrong => refused(page),
            Self::Wait(wait) => too_many(page, wait),
            Self::Busy => too_many(page, SOON),
        }
    }
}

/// The step of the code that an app shows which is to be paired: it counts like one of an app that is.
pub(crate) async fn begun_code(
    state: &AppState,
    visitor: &Visitor,
    (typed, begun): (&str, &SecondFactor),
) -> Result<Result<i64, Doubt>, AppError> {
    let (limit, now) = (&state.limits.wrong_second_factors, state.clock.now());
    let look = async |_| Ok(Ok(totp::verify(&begun.secret, typed, now, begun.newest_step)));
    prove(state, visitor, (typed.trim(), limit), look).await
}

/// Whether somebody typed their password, or a new code of their second factor: six digits are one, no
/// password is that short.
pub(crate) async fn password_or_code(
    state: &AppState,
    visitor: &Visitor,
    typed: &str,
) -> Result<Result<(), Doubt>, AppError> {
    if !totp::is_code(typed) {
        return password(state, visitor, typed).await;
    }
    let limit = &state.limits.wrong_second_factors;
    let look = async |user| Ok(Ok(shown(is_code(state, user, typed).await?)));
    prove(state, visitor, (typed, limit), look).await
}

const fn shown(is_right: bool) -> Option<()> {
    if is_right { Some(()) } else { None }
}

async fn prove<T>(
    state: &AppState,
    visitor: &Visitor,
    typed: (&str, &Limit),
    look: impl AsyncFnOnce(UserId) -> Result<Result<Option<T>, Busy>, AppError>,
) -> Result<Result<T, Doubt>, AppError> {
    let user = visitor.account()?.user;
    prove_of(state, visitor, (user, "asked again"), typed, look).await
}

/// Looks whether what was typed proves it. Where it does not, the audit trail is told so for `reason`.
async fn prove_of<T>(
    state: &AppState,
    visitor: &Visitor,
    (user, reason): (UserId, &'static str),
    (typed, limit): (&str, &Limit),
    look: impl AsyncFnOnce(UserId) -> Result<Result<Option<T>, Busy>, AppError>,
) -> Result<Result<T, Doubt>, AppError> {
    if typed.is_empty() {
        return Ok(Err(Doubt::Missing));
    }
    let (who, here) = (Subject::account(user), Subject::address(visitor.came.address));
    let whose = [who, here];
    let is_wrong = |looked: &Result<_, _>| matches!(looked, Ok(Ok(None)));
    match limit.attempt((&whose, state.clock.now()), look(user), is_wrong).await {
        Err(Wait(wait)) => Ok(Err(Doubt::Wait(wait))),
        Ok(Err(error)) => Err(error),
        Ok(Ok(Err(Busy))) => Ok(Err(Doubt::Busy)),
        Ok(Ok(Ok(None))) => {
            audit::refuse_sign_in(state, visitor, (Some(user), reason)).await;
            Ok(Err(Doubt::Wrong))
        }
        Ok(Ok(Ok(Some(proved)))) => {
            limit.clear(who).await;
            Ok(Ok(proved))
        }
    }
}

async fn is_code(state: &AppState, user: UserId, typed: &str) -> Result<bool, AppError> {
    let factor = second_factor::find(&state.database, user).await?;
    let Some(factor) = factor else { return Ok(false) };
    let now = state.clock.now();
    match totp::verify(&factor.secret, typed, now, factor.newest_step) {
        Some(step) => Ok(second_factor::use_step(&state.database, user, step).await?),
        None => Ok(false),
    }
}
