//! Somebody who is signed in shows once more that it is them, before what a found phone must not do. Wrong
//! answers count like those at the door.
use crate::{
    audit::{self, Refusal},
    error::AppError,
    forms::{refused, say_wait, too_many},
    limits::{Limit, Subject, Wait},
    passwords::{Busy, SOON},
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use domain::{UserId, events::EventKind, totp};
use serde_json::json;
use std::time::Duration;
use store::{accounts, second_factor};

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

/// Whether somebody typed their password.
pub(crate) async fn password(
    state: &AppState,
    visitor: &Visitor,
    typed: &str,
) -> Result<Result<(), Doubt>, AppError> {
    let limit = &state.limits.wrong_passwords;
    prove(state, visitor, (typed, limit), async |user| is_password(state, user, typed).await).await
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
    prove(state, visitor, (typed, limit), async |user| is_code(state, user, typed).await).await
}

async fn prove(
    state: &AppState,
    visitor: &Visitor,
    (typed, limit): (&str, &Limit),
    is_right: impl AsyncFnOnce(UserId) -> Result<Result<bool, Busy>, AppError>,
) -> Result<Result<(), Doubt>, AppError> {
    let user = visitor.account()?.user;
    if typed.is_empty() {
        return Ok(Err(Doubt::Missing));
    }
    let (who, here) = (Subject::account(user), Subject::address(visitor.came.address));
    // It counts as wrong until it is known to be right: so that many at once are counted too.
    let taken = match limit.take(&[who, here], state.clock.now()).await {
        Ok(taken) => taken,
        Err(Wait(wait)) => return Ok(Err(Doubt::Wait(wait))),
    };
    match is_right(user).await {
        Ok(Ok(true)) => {
            limit.clear(who).await;
            limit.give_back(here, taken).await;
            Ok(Ok(()))
        }
        Ok(Ok(false)) => {
            let data = json!({ "reason": "asked again" });
            let refusal = Refusal { kind: EventKind::SignInRefused, user: Some(user), data };
            audit::record(state, visitor, refusal).await;
            Ok(Err(Doubt::Wrong))
        }
        unknown => {
            // nobody knows whether it was wrong
            limit.give_back(who, taken).await;
            limit.give_back(here, taken).await;
            unknown.map(|_| Err(Doubt::Busy))
        }
    }
}

async fn is_password(
    state: &AppState,
    user: UserId,
    typed: &str,
) -> Result<Result<bool, Busy>, AppError> {
    let Ok(turn) = state.passwords.turn().await else { return Ok(Err(Busy)) };
    let hash = accounts::password_hash(&state.database, user).await?;
    Ok(Ok(turn.verify(typed.to_owned(), hash).await))
}

async fn is_code(
    state: &AppState,
    user: UserId,
    typed: &str,
) -> Result<Result<bool, Busy>, AppError> {
    let factor = second_factor::find(&state.database, user).await?;
    let Some(factor) = factor else { return Ok(Ok(false)) };
    let now = state.clock.now();
    match totp::verify(&factor.secret, typed, now, factor.newest_step) {
        Some(step) => Ok(Ok(second_factor::use_step(&state.database, user, step).await?)),
        None => Ok(Ok(false)),
    }
}
