//! The second step of the sign-in: an app on the phone is paired by a QR code and proves it once; codes for
//! the day when the phone is lost are shown once. What these pages hold is kept by no cache.

mod view;

use crate::{
    document::secret,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    proof,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    codes::Code,
    totp::{self, SECRET_BYTES},
};
use serde::Deserialize;
use store::{accounts, accounts::Profile, second_factor};
use view::{Act, Pairing};

/// Recovery codes at a time.
const RECOVERY_CODES: usize = 10;
/// The address of the pages.
const HERE: &str = "/account/second-factor";

/// The password, as typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedPassword {
    #[serde(default)]
    password: String,
}

/// A code of the app, as typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedCode {
    #[serde(default)]
    code: String,
}

/// The password or a code of the app, as typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedProof {
    #[serde(default)]
    proof: String,
}

/// `GET /account/second-factor`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    Ok(secret(shown(&state, &visitor, Faults::default()).await?))
}

/// `POST /account/second-factor/begin`: whoever found the phone must not lock its owner out. The secret stands
/// in this answer alone, so that only who typed the password has it: what proves it needs no password.
/// A change without an event: nothing is on before the app has proved it, and that is recorded.
pub(crate) async fn begin(
    State(state): State<AppState>,
    mut visitor: Visitor,
    Fields(typed): Fields<TypedPassword>,
) -> Result<Response, AppError> {
    if let Err(doubt) = proof::password(&state, &visitor, &typed.password).await? {
        let mut faults = Faults::default();
        faults.add("password", doubt.say(&visitor.reader));
        return Ok(secret(doubt.mark(shown(&state, &visitor, faults).await?)));
    }
    let user = visitor.account()?.user;
    let fresh: [u8; SECRET_BYTES] = rand::random();
    if !second_factor::begin(&state.database, user, &fresh).await? {
        // it is on
        return Ok(Redirect::to(HERE).into_response());
    }
    let profile = own(&state, &visitor).await?;
    let account = profile.email.or(profile.phone).or(profile.username).unwrap_or(profile.name);
    let pairing = Pairing {
        uri: totp::uri(&visitor.reader.say("brand"), &account, &fresh),
        secret: totp::base32(&fresh),
    };
    HERE.clone_into(&mut visitor.address);
    Ok(secret(view::begun(&state, &visitor, Some(pairing), Faults::default())))
}

/// `POST /account/second-factor`: the app has proved that it knows the secret.
pub(crate) async fn confirm(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<TypedCode>,
) -> Result<Response, AppError> {
    let (reader, user, now) = (visitor.reader, visitor.account()?.user, state.clock.now());
    let mut faults = Faults::default();
    let begun = second_factor::find(&state.database, user).await?;
    let Some(begun) = begun else { return Ok(Redirect::to(HERE).into_response()) };
    let Some(step) = totp::verify(&begun.secret, &typed.code, now, begun.newest_step) else {
        let empty = typed.code.trim().is_empty();
        faults
            .add("code", reader.say(if empty { "field-required" } else { "second-factor-wrong" }));
        return Ok(secret(refused(shown(&state, &visitor, faults).await?)));
    };
    let codes = recovery_codes();
    let origin = visitor.origin(now);
    if second_factor::turn_on(&state.database, user, (step, &codes), &origin).await? {
        return Ok(secret(view::codes(&state, &visitor, &codes)));
    }
    // it was on already
    Ok(Redirect::to(HERE).into_response())
}

/// `GET /account/second-factor/codes`.
pub(crate) async fn codes_page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    act_page(&state, &visitor, Act::NewCodes).await
}

/// `GET /account/second-factor/off`.
pub(crate) async fn off_page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    act_page(&state, &visitor, Act::TurnOff).await
}

/// `POST /account/second-factor/codes`.
pub(crate) async fn renew_codes(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<TypedProof>,
) -> Result<Response, AppError> {
    if let Some(back) = doubt(&state, &visitor, Act::NewCodes, &typed.proof).await? {
        return Ok(back);
    }
    let (user, origin) = (visitor.account()?.user, visitor.origin(state.clock.now()));
    let codes = recovery_codes();
    if second_factor::renew_recovery_codes(&state.database, user, &codes, &origin).await? {
        return Ok(secret(view::codes(&state, &visitor, &codes)));
    }
    Ok(Redirect::to(HERE).into_response())
}

/// `POST /account/second-factor/off`.
pub(crate) async fn turn_off(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<TypedProof>,
) -> Result<Response, AppError> {
    if let Some(back) = doubt(&state, &visitor, Act::TurnOff, &typed.proof).await? {
        return Ok(back);
    }
    let (user, origin) = (visitor.account()?.user, visitor.origin(state.clock.now()));
    second_factor::turn_off(&state.database, user, &origin).await?;
    Ok(done("/account", "second-factor-off"))
}

/// The form again, if the person has not shown that it is them.
async fn doubt(
    state: &AppState,
    visitor: &Visitor,
    act: Act,
    typed: &str,
) -> Result<Option<Response>, AppError> {
    let Err(doubt) = proof::password_or_code(state, visitor, typed).await? else { return Ok(None) };
    let mut faults = Faults::default();
    faults.add("proof", doubt.say(&visitor.reader));
    Ok(Some(secret(doubt.mark(view::act(state, visitor, act, faults)))))
}

async fn act_page(state: &AppState, visitor: &Visitor, act: Act) -> Result<Response, AppError> {
    if !own(state, visitor).await?.has_second_factor {
        return Ok(Redirect::to(HERE).into_response());
    }
    Ok(secret(view::act(state, visitor, act, Faults::default())))
}

/// How far the person has come: nothing, paired but not proved, or on.
async fn shown(state: &AppState, visitor: &Visitor, faults: Faults) -> Result<Response, AppError> {
    let user = visitor.account()?.user;
    let profile = own(state, visitor).await?;
    if profile.has_second_factor {
        let left = second_factor::recovery_codes_left(&state.database, user).await?;
        return Ok(view::on(state, visitor, left));
    }
    Ok(match second_factor::find(&state.database, user).await? {
        None => view::off(state, visitor, faults),
        Some(_) => view::begun(state, visitor, None, faults),
    })
}

async fn own(state: &AppState, visitor: &Visitor) -> Result<Profile, AppError> {
    let user = visitor.account()?.user;
    accounts::find(&state.database, user).await?.ok_or(AppError::SignInFirst)
}

fn recovery_codes() -> Vec<Code> {
    (0..RECOVERY_CODES).map(|_| Code::from_bits(rand::random())).collect()
}
