//! The second step of the sign-in: an app on the phone is paired by a QR code and proves it once; codes for
//! the day when the phone is lost are shown once, for as long as one stays there. What these pages hold is kept
//! by no cache.

mod view;

use crate::{
    account::own,
    document::secret,
    error::AppError,
    forms::{Faults, Fields, done},
    once::{self, Once},
    proof::{self, Doubt},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    UserId,
    codes::Code,
    totp::{self, SECRET_BYTES},
};
use serde::Deserialize;
use store::second_factor::{self, SecondFactor};
use view::{Act, Pairing};

/// Recovery codes at a time.
const RECOVERY_CODES: u8 = 10;
/// The address of the pages.
const HERE: &str = "/account/second-factor";
/// Where new recovery codes are shown.
const NEW_CODES: &str = "/account/second-factor/new-codes";

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
    /// What the recovery codes follow from.
    once: Option<Once>,
}

/// The password or a code of the app, as typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedProof {
    #[serde(default)]
    proof: String,
    /// What new recovery codes follow from.
    once: Option<Once>,
}

/// `GET /account/second-factor`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    Ok(secret(shown(&state, &visitor, Faults::default()).await?))
}

/// `POST /account/second-factor/begin`: whoever found the phone must not lock its owner out. The secret is shown
/// to this browser alone, in this sitting, so that only who typed the password has it: what proves it needs no
/// password.
pub(crate) async fn begin(
    State(state): State<AppState>,
    mut visitor: Visitor,
    Fields(typed): Fields<TypedPassword>,
) -> Result<Response, AppError> {
    // the language can be changed there
    HERE.clone_into(&mut visitor.address);
    if let Err(doubt) = proof::password(&state, &visitor, &typed.password).await? {
        let mut faults = Faults::default();
        faults.add("password", doubt.say(&visitor.reader));
        return Ok(secret(doubt.mark(shown(&state, &visitor, faults).await?)));
    }
    let user = visitor.account()?.user;
    let fresh: [u8; SECRET_BYTES] = rand::random();
    let mut response = Redirect::to(HERE).into_response();
    let origin = visitor.origin(state.clock.now());
    // where it is on already, its page says so
    if second_factor::begin(&state.database, user, &fresh, &origin).await? {
        Once::mark_of(&fresh).keep(&mut response, &visitor);
    }
    Ok(response)
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
    let once = typed.once.unwrap_or_else(Once::new);
    let codes = recovery_codes(once, &begun);
    let is_on = own(&state, &visitor).await?.has_second_factor;
    let is_again = async || has_now(&state, user, &codes).await;
    if is_again().await? {
        // sent twice
        return Ok(to_codes(&visitor, once));
    }
    if is_on {
        // it would only tell whether the digits are right
        return Ok(Redirect::to(HERE).into_response());
    }
    let step = match proof::begun_code(&state, &visitor, (&typed.code, &begun)).await? {
        Ok(step) => step,
        Err(doubt) => {
            let is_wrong = doubt == Doubt::Wrong;
            let text =
                if is_wrong { reader.say("second-factor-wrong") } else { doubt.say(&reader) };
            faults.add("code", text);
            return Ok(secret(doubt.mark(shown(&state, &visitor, faults).await?)));
        }
    };
    let origin = visitor.origin(now);
    if second_factor::turn_on(&state.database, user, (step, &codes), &origin).await?
        || is_again().await?
    {
        return Ok(to_codes(&visitor, once));
    }
    // it was on already
    Ok(Redirect::to(HERE).into_response())
}

/// `GET /account/second-factor/new-codes`: the recovery codes that were just made, for who made them.
pub(crate) async fn new_codes(
    State(state): State<AppState>,
    mut visitor: Visitor,
) -> Result<Response, AppError> {
    let user = visitor.account()?.user;
    let is_on = own(&state, &visitor).await?.has_second_factor;
    let factor = second_factor::find(&state.database, user).await?.filter(|_| is_on);
    if let (Some(factor), Some(once)) = (factor, visitor.once.take()) {
        let codes = recovery_codes(once, &factor);
        if has_now(&state, user, &codes).await? {
            return Ok(secret(view::codes(&state, &visitor, &codes)));
        }
    }
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
    let user = visitor.account()?.user;
    let Some(factor) = second_factor::find(&state.database, user).await? else {
        return Ok(Redirect::to(HERE).into_response());
    };
    let mut once = typed.once.unwrap_or_else(Once::new);
    let mut codes = recovery_codes(once, &factor);
    let made = second_factor::recovery_codes_made_at(&state.database, user, &codes).await?;
    if made.is_some_and(|made| !once::is_shown(made, state.clock.now())) {
        // a form of long ago: nobody gets its codes once more
        once = Once::new();
        codes = recovery_codes(once, &factor);
    }
    let is_again = async || has_now(&state, user, &codes).await;
    if is_again().await? {
        // sent twice: the digits of the first are used up
        return Ok(to_codes(&visitor, once));
    }
    if let Some(back) = doubt(&state, &visitor, Act::NewCodes, &typed.proof).await? {
        // the first may have come to its end meanwhile
        return Ok(if is_again().await? { to_codes(&visitor, once) } else { back });
    }
    let origin = visitor.origin(state.clock.now());
    if second_factor::renew_recovery_codes(&state.database, user, &codes, &origin).await? {
        return Ok(to_codes(&visitor, once));
    }
    Ok(Redirect::to(HERE).into_response())
}

/// `POST /account/second-factor/off`.
pub(crate) async fn turn_off(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<TypedProof>,
) -> Result<Response, AppError> {
    if own(&state, &visitor).await?.has_second_factor
        && let Some(back) = doubt(&state, &visitor, Act::TurnOff, &typed.proof).await?
    {
        return Ok(back);
    }
    // where it is off already, by a first tap perhaps, that is what was asked for
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
        Some(begun) if visitor.once == Some(Once::mark_of(&begun.secret)) => {
            let account = profile.email.or(profile.phone).or(profile.username);
            let account = account.unwrap_or(profile.name);
            let pairing = Pairing {
                uri: totp::uri(&visitor.reader.say("brand"), &account, &begun.secret),
                secret: totp::base32(&begun.secret),
            };
            let mut stays = visitor.clone();
            stays.once = None;
            view::begun(state, &stays, Some(pairing), faults)
        }
        Some(_) => view::begun(state, visitor, None, faults),
    })
}

/// The recovery codes that follow from a form and from the factor's secret: neither tells them by itself.
fn recovery_codes(once: Once, factor: &SecondFactor) -> Vec<Code> {
    (0..RECOVERY_CODES).map(|place| once.code("recovery", &factor.secret, place)).collect()
}

/// Whether these are the recovery codes that the person has now, made so lately that they are still shown.
async fn has_now(state: &AppState, user: UserId, codes: &[Code]) -> Result<bool, AppError> {
    let made = second_factor::recovery_codes_made_at(&state.database, user, codes).await?;
    Ok(made.is_some_and(|made| once::is_shown(made, state.clock.now())))
}

/// To the page that shows them.
fn to_codes(visitor: &Visitor, once: Once) -> Response {
    let mut response = Redirect::to(NEW_CODES).into_response();
    once.keep(&mut response, visitor);
    response
}
