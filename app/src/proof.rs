//! Somebody who is signed in shows once more that it is them, before what a found phone must not do. Wrong
//! answers count like those at the door.
use crate::{
    audit::{self, Refusal},
    error::AppError,
    forms::{refused, say_wait, too_many},
    limits::{Limit, Subject, Wait},
    passwords::Busy,
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
}

impl Doubt {
    /// What is said beside the field.
    pub(crate) fn say(self, reader: &Reader) -> String {
        match self {
            Self::Missing => reader.say("field-required"),
            Self::Wrong => reader.say("password-wrong"),
            Self::Wait(wait) => say_wait(reader, wait),
        }
    }

    /// Marks the page that says it.
    pub(crate) fn mark(self, page: Response) -> Response {
        match self {
            Self::Missing | Self::Wrong => refused(page),
            Self::Wait(wait) => too_many(page, wait),
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
    is_right: impl AsyncFnOnce(UserId) -> Result<bool, AppError>,
) -> Result<Result<(), Doubt>, AppError> {
    let user = visitor.account()?.user;
    if typed.is_empty() {
        return Ok(Err(Doubt::Missing));
    }
    let (who, here) = (Subject::account(user), Subject::address(visitor.came.address));
    // It counts as wrong until it is known to be right: so that many at once are counted too.
    if let Err(Wait(wait)) = limit.take(&[who, here], state.clock.now()).await {
        return Ok(Err(Doubt::Wait(wait)));
    }
    match is_right(user).await {
        Ok(true) => {
            limit.clear(who).await;
            limit.give_back(here).await;
            Ok(Ok(()))
        }
        Ok(false) => {
            let data = json!({ "reason": "asked again" });
            let refusal = Refusal { kind: EventKind::SignInRefused, user: Some(user), data };
            audit::record(state, visitor, refusal).await;
            Ok(Err(Doubt::Wrong))
        }
        Err(error) => {
            // nobody knows whether it was wrong
            limit.give_back(who).await;
            limit.give_back(here).await;
            Err(error)
        }
    }
}

async fn is_password(state: &AppState, user: UserId, typed: &str) -> Result<bool, AppError> {
    let turn = state.passwords.turn().await.map_err(|Busy| AppError::Busy)?;
    let hash = accounts::password_hash(&state.database, user).await?;
    Ok(turn.verify(typed.to_owned(), hash).await)
}

async fn is_code(state: &AppState, user: UserId, typed: &str) -> Result<bool, AppError> {
    let Some(factor) = second_factor::find(&state.database, user).await? else { return Ok(false) };
    let now = state.clock.now();
    match totp::verify(&factor.secret, typed, now, factor.newest_step) {
        Some(step) => Ok(second_factor::use_step(&state.database, user, step).await?),
        None => Ok(false),
    }
}
